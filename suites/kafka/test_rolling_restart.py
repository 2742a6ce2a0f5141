"""Brokers restarted one after the other, as for a change of their settings."""

from labs.kafka.lab import KafkaLab
from proof.holds import holds
from proof.requirement import instance, proven_by, requirement
from suites.kafka.faults.failover import data_of_another_broker, no_new_connections, no_retries
from suites.kafka.rolling import course, restarted


@requirement("1570c54e-0da4-481f-8a37-8f4dabdf73dc")
@proven_by(no_retries, kind="writes-failed")
@proven_by(no_new_connections, kind="isr")
@proven_by(data_of_another_broker, kind="not-started")
@instance("restart")
def test_brokers_restarted_one_by_one_fail_no_write(kafka: KafkaLab) -> None:
    """Restart: each broker in turn, under load; no write fails beyond the client's retries, nothing is lost or twice there."""
    with course(kafka) as run:
        for broker in kafka.brokers.values():
            restarted(run, broker)
        holds(run.judged("brokers restarted one by one"))

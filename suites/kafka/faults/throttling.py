"""A seeded fault of replication: Kafka's own throttle (KIP-73), left on."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from labs.errors import LabError
from labs.fault import fault
from labs.kafka.lab import READY, KafkaLab
from suites.kafka.faults.groups import again_and_again
from suites.kafka.faults.restarting import reconfigured
from suites.kafka.faults.settings import altered
from suites.kafka.faults.topics import alter_topic

RATES = {"leader.replication.throttled.rate": "1"}
REPLICAS = {"leader.replication.throttled.replicas": "*"}
"""Of leaders alone: a follower that has a throttle goes by it also when it is in sync, and behind for a moment (2.4)."""
MINUTES = {"replication.quota.window.size.seconds": "60"}
"""Of eleven such windows the rate is taken: what a leader has sent to those in sync counts for longer than a test lasts."""

LOOK = 0.2
"""Seconds between two looks for new topics: a follower is not back before."""


@fault("process")
def replication_throttled(kafka: KafkaLab) -> Iterator[None]:
    """A move of replicas that nobody ended: of every topic a byte a second goes to who is not in sync."""
    with reconfigured(kafka, lambda _: MINUTES), ExitStack() as stack:
        for broker in kafka.brokers:
            stack.enter_context(altered(kafka, broker, RATES))
        stack.enter_context(_every_topic(kafka))
        yield


@contextmanager
def _every_topic(kafka: KafkaLab) -> Iterator[None]:
    """Of the run, as it comes; who settles the lab deletes them."""
    own, done = f"{kafka.cluster.prefix}{READY}", set[str]()

    def act() -> None:
        for topic in kafka.topics():
            if topic.startswith(kafka.cluster.prefix) and topic not in {own, *done}:
                with suppress(LabError):  # it is not known everywhere yet: again
                    alter_topic(kafka, topic, REPLICAS)
                    done.add(topic)

    with again_and_again(act, LOOK):
        yield

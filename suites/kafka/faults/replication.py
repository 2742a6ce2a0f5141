"""Seeded faults of replication: how many replicas there are, and how long a leader waits for them."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager

from labs.fault import fault
from labs.kafka.broker import Broker
from labs.kafka.lab import KafkaLab
from suites.kafka.faults.clients import client_settings
from suites.kafka.faults.failover import RECORDS
from suites.kafka.faults.filters import dropped, to
from suites.kafka.faults.restarting import reconfigured
from suites.kafka.roles import bystander


@fault("process")
def two_replicas_by_default(kafka: KafkaLab) -> Iterator[None]:
    """A cluster that was told to make topics of two replicas."""
    with reconfigured(kafka, lambda _: {"default.replication.factor": "2"}):
        yield


@fault("process")
def impatient_leaders(kafka: KafkaLab) -> Iterator[None]:
    """Leaders that wait for no follower: one that says nothing for a moment is not in sync any more."""
    with reconfigured(kafka, lambda _: {"replica.lag.time.max.ms": "150", "replica.fetch.wait.max.ms": "50"}):
        yield


@fault("process", "network")
def followers_starved(kafka: KafkaLab) -> Iterator[None]:
    """Producers with acks=1, while no record passes between brokers: they have what is acknowledged by one of them alone.

    For a second or two all are in sync, by all that anybody knows.
    """
    with client_settings(kafka, producer={"acks": 1}), _withheld(kafka.brokers.values(), kafka.brokers.values()):
        yield


@fault("network")
def follower_starved(kafka: KafkaLab) -> Iterator[None]:
    """No record passes to the broker that the test will strike."""
    victim = bystander(kafka)
    with _withheld([broker for broker in kafka.brokers.values() if broker is not victim], [victim]):
        yield


@contextmanager
def _withheld(leaders: Collection[Broker], followers: Collection[Broker]) -> Iterator[None]:
    with ExitStack() as stack:
        for broker in leaders:
            stack.enter_context(dropped(broker, f"{RECORDS} {to(followers)}"))
        yield

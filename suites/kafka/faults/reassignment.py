"""Seeded faults of what an administrator asks for: a broker that gets no records from others."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from labs.fault import fault
from labs.kafka.lab import KafkaLab
from suites.kafka.faults.failover import RECORDS
from suites.kafka.faults.filters import dropped, to


@contextmanager
def _starved(kafka: KafkaLab, number: int) -> Iterator[None]:
    """Others' answers that bring it records are lost; those that bring none pass."""
    victim = kafka.brokers[number]
    with ExitStack() as stack:
        for broker in kafka.brokers.values():
            if broker is not victim:
                stack.enter_context(dropped(broker, f"{RECORDS} {to([victim])}"))
        yield


@fault("network")
def newcomer_starved(kafka: KafkaLab) -> Iterator[None]:
    """The broker to which replicas are moved gets no records."""
    with _starved(kafka, max(kafka.brokers)):
        yield


@fault("network")
def heir_starved(kafka: KafkaLab) -> Iterator[None]:
    """The broker that is to lead gets no records, so that it is not in sync and cannot be elected."""
    with _starved(kafka, sorted(kafka.brokers)[1]):
        yield

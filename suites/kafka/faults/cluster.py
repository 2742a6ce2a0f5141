"""Seeded faults of a cluster's membership."""

from collections.abc import Iterator

from labs.fault import fault
from labs.faults import killed, paused
from labs.kafka.lab import KafkaLab

VICTIM = 3
"""A broker that is neither the first that clients ask nor the only one of its kind."""


@fault("process")
def broker_killed(kafka: KafkaLab) -> Iterator[None]:
    """A broker that nobody starts again."""
    with killed(kafka.brokers[VICTIM].daemon):
        yield


@fault("process")
def broker_paused(kafka: KafkaLab) -> Iterator[None]:
    """A broker whose sockets take connections, while nobody answers."""
    with paused(kafka.brokers[VICTIM].daemon):
        yield

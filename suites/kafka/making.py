"""Topics that nobody has waited for: whether they become what they should is what a test asks."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from secrets import token_hex

from kafka.admin import NewTopic

from labs.kafka.cluster import make
from labs.kafka.lab import KafkaLab

REPLICAS = 3


def layout(kafka: KafkaLab) -> dict[int, list[int]]:
    """One partition led by each broker, on three brokers, or on all that there are."""
    ids = sorted(kafka.brokers)
    return {number: list(islice(cycle(ids), number, number + min(REPLICAS, len(ids)))) for number in range(len(ids))}


@contextmanager
def placed(kafka: KafkaLab, name: str, assignment: Mapping[int, Sequence[int]]) -> Iterator[str]:
    """A topic whose replicas are where they are told to be, once the cluster has taken it; gone at the end. Its whole name."""
    with _made(kafka, name, replica_assignments={number: list(brokers) for number, brokers in assignment.items()}) as whole:
        yield whole


@contextmanager
def spread(kafka: KafkaLab, name: str, partitions: int) -> Iterator[str]:
    """A topic of which nothing else is told, as `placed`."""
    with _made(kafka, name, num_partitions=partitions, replication_factor=-1) as whole:
        yield whole


@contextmanager
def _made(kafka: KafkaLab, name: str, **told: object) -> Iterator[str]:
    whole = f"{kafka.cluster.prefix}{name}-{token_hex(3)}"  # as `Cluster.topic`
    with kafka.cluster.admin() as admin:
        make(admin, NewTopic(whole, **told))
    try:
        yield whole
    finally:
        kafka.cluster.delete(whole)

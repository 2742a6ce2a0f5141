"""Topics that nobody has waited for: whether they become what they should is what a test asks."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from secrets import token_hex

from kafka.admin import NewTopic

from labs.kafka.cluster import TooFewBrokers, make
from labs.kafka.lab import KafkaLab

REPLICAS = 3


def layout(kafka: KafkaLab) -> dict[int, list[int]]:
    """One partition led by each broker, on three brokers, or on all that there are."""
    ids = sorted(kafka.brokers)
    return {number: list(islice(cycle(ids), number, number + min(REPLICAS, len(ids)))) for number in range(len(ids))}


@contextmanager
def placed(kafka: KafkaLab, name: str, assignment: Mapping[int, Sequence[int]]) -> Iterator[str]:
    """A topic whose replicas are where they are told to be, once the cluster has taken it; gone at the end. Its whole name."""
    with named(kafka, name) as whole:
        _made(kafka, whole, replica_assignments={number: list(brokers) for number, brokers in assignment.items()})
        yield whole


@contextmanager
def named(kafka: KafkaLab, name: str) -> Iterator[str]:
    """The whole name of a topic that is made meanwhile; gone at the end."""
    whole = f"{kafka.cluster.prefix}{name}-{token_hex(3)}"  # as `Cluster.topic`
    try:
        yield whole
    finally:
        kafka.cluster.delete(whole)


def too_few_brokers(kafka: KafkaLab, whole: str, partitions: int) -> str:
    """Have a topic made of which nothing else is told: "", or the cluster's word that it has too few brokers for it."""
    try:
        _made(kafka, whole, num_partitions=partitions, replication_factor=-1)
    except TooFewBrokers as error:
        return str(error)
    return ""


def _made(kafka: KafkaLab, whole: str, **told: object) -> None:
    with kafka.cluster.admin() as admin:
        make(admin, NewTopic(whole, **told))

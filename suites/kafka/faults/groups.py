"""Seeded faults of consumer groups: in the clients' configuration, among the members, in the topic that keeps offsets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from labs.fault import fault
from labs.kafka.lab import KafkaLab
from suites.kafka.faults.clients import client_settings
from suites.kafka.faults.topics import OFFSETS, topic_altered

SHARING = "sharing"
"""The group that a stranger joins."""
EVERY = 0.05
"""Seconds between two times that what breaks a group does so again."""


@contextmanager
def again_and_again(act: Callable[[], object]) -> Iterator[None]:
    """In a thread of its own; what a broker refuses once is tried again."""
    over = Event()

    def run() -> None:
        while not over.wait(EVERY):
            with suppress(KafkaError):
                act()

    thread = Thread(target=run, name="a fault", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10.0)


# --- in the clients' configuration


@fault("process")
def beginning_at_the_end(kafka: KafkaLab) -> Iterator[None]:
    """Consumers that begin at the end of what their group has committed nothing of (auto.offset.reset=latest)."""
    with client_settings(kafka, consumer={"auto_offset_reset": "latest"}):
        yield


@fault("process")
def one_instance_for_all(kafka: KafkaLab) -> Iterator[None]:
    """Consumers with the same group.instance.id, as copies of one configuration have: each drives out the one before."""
    with client_settings(kafka, consumer={"group_instance_id": "one"}):
        yield


@fault("process")
def sessions_of_a_minute(kafka: KafkaLab) -> Iterator[None]:
    """Consumers whose silence is noticed after a minute."""
    with client_settings(kafka, consumer={"session_timeout_ms": 60_000}):
        yield


# --- among the members


@fault("process")
def stranger_in_the_group(kafka: KafkaLab) -> Iterator[None]:
    """Another application with the same group id, which reads whatever the run's topics are."""
    name = f"{kafka.cluster.prefix}{SHARING}"
    consumer = kafka.clients.consumer(kafka.inside, group_id=name, client_id="stranger")
    consumer.subscribe(pattern=f"^{kafka.cluster.prefix}")
    with again_and_again(lambda: _read(consumer)):
        yield
    consumer.close(autocommit=False, timeout_ms=2000)


def _read(consumer: KafkaConsumer) -> None:
    consumer.poll(timeout_ms=200)


@fault("process")
def groups_without_members_deleted(kafka: KafkaLab) -> Iterator[None]:
    """A script that takes away groups in which there is nobody, with what they have committed."""
    with kafka.within.admin() as admin, again_and_again(lambda: admin.delete_groups(_of_runs(admin, kafka))):
        yield


def _of_runs(admin: KafkaAdminClient, kafka: KafkaLab) -> list[str]:
    return [each["group_id"] for each in admin.list_groups() if each["group_id"].startswith(kafka.cluster.prefix)]


# --- in the topic that keeps what is committed


@fault("process")
def no_offsets_taken(kafka: KafkaLab) -> Iterator[None]:
    """More replicas are asked for than there are, so that no coordinator can keep anything."""
    with topic_altered(kafka, OFFSETS, {"min.insync.replicas": "4"}):
        yield


@fault("process")
def all_in_sync_for_offsets(kafka: KafkaLab) -> Iterator[None]:
    """Every replica is asked for, so that no coordinator can keep anything while one broker is gone."""
    with topic_altered(kafka, OFFSETS, {"min.insync.replicas": "3"}):
        yield


@fault("process")
def offsets_cut_off(kafka: KafkaLab) -> Iterator[None]:
    """The topic is not compacted, and cut off at its end again and again: what is committed stands in memory alone."""
    places = {TopicPartition(OFFSETS, number): -1 for number in range(_partitions(kafka))}
    with (
        topic_altered(kafka, OFFSETS, {"cleanup.policy": "delete"}),
        kafka.within.admin() as admin,
        again_and_again(lambda: admin.delete_records(places, timeout_ms=1000)),
    ):
        yield


def _partitions(kafka: KafkaLab) -> int:
    return int(kafka.declared[min(kafka.declared)]["offsets.topic.num.partitions"])

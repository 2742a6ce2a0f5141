"""Seeded faults of consumer groups: in the clients' configuration, and in what is kept of a group."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from labs.errors import LabError
from labs.fault import fault
from labs.kafka.lab import KafkaLab
from labs.repeating import repeated
from suites.kafka.faults.clients import client_settings
from suites.kafka.faults.cluster_wide import everywhere
from suites.kafka.faults.failover import RECORDS
from suites.kafka.faults.filters import dropped, to
from suites.kafka.faults.topics import OFFSETS, topic_altered

SMALL = "20"
"""Bytes: less than any record needs."""
EVERY = 0.05
"""Seconds between two times that what breaks a group does so again."""


@contextmanager
def again_and_again(act: Callable[[], object], every: float = EVERY) -> Iterator[None]:
    """In a thread of its own; what a broker refuses once is tried again."""

    def tried() -> None:
        try:
            act()
        except KafkaError as error:
            raise LabError(f"refused: {error}") from error

    with repeated(tried, every):
        yield


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


# --- in what is kept of a group


@fault("process")
def groups_without_members_deleted(kafka: KafkaLab) -> Iterator[None]:
    """A script that takes away groups in which there is nobody, with what they have committed."""
    with kafka.within.admin() as admin, again_and_again(lambda: admin.delete_groups(_of_runs(admin, kafka))):
        yield


@fault("process")
def offsets_without_members_deleted(kafka: KafkaLab) -> Iterator[None]:
    """A script that takes away what groups have committed in which there is nobody; the groups stay."""
    with kafka.within.admin() as admin, again_and_again(lambda: _forget(admin, _of_runs(admin, kafka))):
        yield


def _forget(admin: KafkaAdminClient, groups: list[str]) -> None:
    for group in groups:
        admin.delete_group_offsets(group, list(admin.list_group_offsets({group: None}).get(group, {})))


def _of_runs(admin: KafkaAdminClient, kafka: KafkaLab) -> list[str]:
    return [each["group_id"] for each in admin.list_groups() if each["group_id"].startswith(kafka.cluster.prefix)]


@fault("process")
def no_offsets_taken(kafka: KafkaLab) -> Iterator[None]:
    """Records of that topic may be smaller only than any is that tells of a group, so that no coordinator can keep one."""
    with topic_altered(kafka, OFFSETS, {"max.message.bytes": SMALL}):
        yield


@fault("process")
def all_in_sync_for_offsets(kafka: KafkaLab) -> Iterator[None]:
    """Every replica is asked for, so that no coordinator can keep anything while one broker is gone."""
    with topic_altered(kafka, OFFSETS, {"min.insync.replicas": "3"}):
        yield


@fault("process", "network")
def coordinator_alone(kafka: KafkaLab) -> Iterator[None]:
    """Any replica may lead, one in sync is enough, and no record passes between brokers: a coordinator alone has offsets."""
    loose = {"min.insync.replicas": "1", "unclean.leader.election.enable": "true"}
    with everywhere(kafka, loose), ExitStack() as stack:
        for broker in kafka.brokers.values():
            stack.enter_context(dropped(broker, f"{RECORDS} {to(kafka.brokers.values())}"))
        yield

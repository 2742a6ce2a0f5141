"""Clients that have a defect, and clients that are let go of; stand-ins for kafka-python's, which cannot be made to fail so."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.cluster import ClusterMetadata
from kafka.errors import KafkaConnectionError

from labs.errors import LabError
from labs.kafka.clients import Clients
from labs.kafka.guarantee import Guarantee
from labs.kafka.history import Recorder
from labs.kafka.journal import Journal
from labs.kafka.member import Member
from labs.kafka.operations import Header
from labs.kafka.refreshing import keep_refreshing
from labs.kafka.way import Way
from labs.kafka.workload import Workload
from labs.wait import until


class Consumer:
    """Each poll raises."""

    def __init__(self, error: BaseException) -> None:
        self.error, self.closed = error, False

    def subscribe(self, topics: list[str], listener: object) -> None: ...

    def partitions_for_topic(self, topic: str) -> set[int]:
        return {len(topic)}

    def poll(self, timeout_ms: int) -> dict[Any, Any]:
        assert timeout_ms > 0
        raise self.error

    def close(self, **_: object) -> None:
        self.closed = True


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "a.history", Header("t", 1, Guarantee()))


def test_a_defect_of_the_client_does_not_end_a_member(recorder: Recorder) -> None:
    consumer = Consumer(AttributeError("a defect"))
    member = Member(consumer, recorder, Journal("g", "t"), "first")
    until(lambda: member.errors["AttributeError"] > 1, within=10, what="the second error")
    assert member.alive
    member.leave()
    assert consumer.closed
    assert not member.alive


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_member_whose_thread_ended_by_itself_is_the_lab_s_fault(recorder: Recorder) -> None:
    consumer = Consumer(GeneratorExit())
    member = Member(consumer, recorder, Journal("g", "t"), "first")
    until(lambda: not member.alive, within=10, what="the end of its thread")
    with pytest.raises(LabError, match=r"^member first: its thread ended before it was told to leave"):
        member.leave()
    assert consumer.closed


def test_a_workload_lets_go_of_all_though_some_fail(tmp_path: Path) -> None:
    gone: list[str] = []

    def client(name: str) -> Any:
        def end(**_: object) -> None:
            gone.append(name)
            raise ValueError(name)

        return SimpleNamespace(abandon=end, end=end)

    def fails() -> None:
        load.writers += [client("w1"), client("w2")]
        load.readers += [client("r1")]
        raise KeyError("x")

    load = Workload(Clients(), Way("w", ()), "t", 1, tmp_path / "a.history", writers=0, readers=0)
    with pytest.raises(KeyError) as raised, load:
        fails()
    assert sorted(gone) == ["r1", "w1", "w2"]
    assert raised.value.__notes__ == ["and then, at the end: ValueError: r1"]


def test_a_client_whose_connection_is_reset_asks_for_metadata_again() -> None:
    """Until there is an answer: the error that ends the client's own loop is the system's."""

    async def send(request: object, node: int) -> object:
        raise ConnectionResetError(104, f"reset by peer {node} at {request}")

    cluster = ClusterMetadata()
    cluster._manager = SimpleNamespace(reset_backoff=lambda _: None, send=send)
    with pytest.raises(ConnectionResetError):
        cluster.refresh_metadata(1).send(None)
    keep_refreshing(cluster)
    with pytest.raises(KafkaConnectionError, match="reset by peer 1"):
        cluster.refresh_metadata(1).send(None)

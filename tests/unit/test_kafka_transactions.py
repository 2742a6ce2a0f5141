"""The judges of transactions, on what producers and readers might be told."""

import threading
import time
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest
from kafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

from labs.kafka.clients import Clients
from labs.kafka.guarantee import Guarantee
from labs.kafka.history import Recorder
from labs.kafka.lost_requests import keep_requests
from labs.kafka.operations import Ending, Header, History, Operation, Read, Transaction, Write, value_of
from labs.kafka.transactor import Step, Transactor, bounded
from labs.problem import Problem
from labs.wait import until
from suites.kafka.transactions import commits_stalled, not_fenced, reading_stalled, refused

SECOND = 1_000_000


def history(*operations: Operation) -> History:
    return History(Header("t", 1, Guarantee()), operations)


def record(number: int, transaction: int) -> Write:
    return Write(0, number, "k", 0, 0, 1, "ok", number, transaction)


def ended(number: int, at: int, ending: Ending = "committed") -> Transaction:
    return Transaction(number, 0, at - 1000, at, ending)


def read(number: int, at: int, reader: str = "reader-0") -> Read:
    return Read(reader, 0, at, number, (value_of(0, number),))


def kinds(problems: list[Problem]) -> list[str]:
    return [problem.kind for problem in problems]


def step(what: str = "commit", error: str = "", *, superseded: bool = False) -> Step:
    return Step("first", what, 0, 1, error, superseded)


# --- what producers were told


def test_steps_that_were_done() -> None:
    assert refused([step("begin"), step()]) == not_fenced([step("begin"), step()]) == []


def test_a_step_that_was_refused() -> None:
    [problem] = refused([step("begin"), step("initialise", "KafkaTimeoutError: nothing known")])
    assert (problem.kind, problem.where) == ("transaction-refused", "first: initialise")


@pytest.mark.parametrize(
    "error",
    [
        "ProducerFencedError: [Error 90]",
        "KafkaError: in an error state: InvalidProducerEpochError",
        "InvalidProducerEpochError: ",
    ],
)
def test_a_producer_with_a_successor_is_fenced(error: str) -> None:
    fenced = [step(error=error, superseded=True)]
    assert not_fenced(fenced) == refused(fenced) == []


@pytest.mark.parametrize(
    "errors",
    [
        [""],
        ["ProducerFencedError: [Error 90]", ""],
        ["ProducerFencedError: [Error 90]", "KafkaTimeoutError: nothing known after 10 s"],
        ["KafkaError: no coordinator"],
    ],
)
def test_whatever_else_it_is_told_is_wrong(errors: list[str]) -> None:
    found = not_fenced([step(error=error, superseded=True) for error in errors])
    assert set(kinds(found)) == {"not-fenced"}


def test_what_the_client_itself_refuses_after_that_is_well() -> None:
    errors = ["InvalidProducerEpochError: ", "KafkaError: Invalid transition"]
    assert not_fenced([step(error=error, superseded=True) for error in errors]) == []


# --- how long it takes


def test_the_first_commit_after_a_fault_comes_in_time() -> None:
    late = history(ended(1, SECOND), ended(2, 2 * SECOND, "aborted"), ended(3, 4 * SECOND))
    assert commits_stalled(late, 2 * SECOND, 2.0) == []
    assert kinds(commits_stalled(late, 2 * SECOND, 1.9)) == ["commits-stalled"]


def test_none_at_all_is_a_stall_too() -> None:
    assert kinds(commits_stalled(history(ended(3, 4 * SECOND, "info")), SECOND, 9.0)) == ["commits-stalled"]


def test_what_is_committed_is_read_in_time() -> None:
    seen = history(record(0, 1), record(1, 2), ended(1, SECOND), ended(2, 4 * SECOND), read(0, SECOND), read(1, 5 * SECOND))
    assert reading_stalled(seen, 2 * SECOND, "reader-0", 1.0) == []
    assert kinds(reading_stalled(seen, 2 * SECOND, "reader-0", 0.9)) == ["reading-stalled"]


def test_another_readers_word_does_not_count() -> None:
    seen = history(record(0, 1), ended(1, SECOND), read(0, SECOND, "final"))
    assert kinds(reading_stalled(seen, 0, "reader-0", 9.0)) == ["reading-stalled"]


def test_without_a_commit_there_is_nothing_to_be_read() -> None:
    assert reading_stalled(history(record(0, 1)), 0, "reader-0", 1.0) == []


# --- a client's calls without an end


def test_a_call_is_waited_for_and_no_longer_than_told() -> None:
    begun = time.monotonic()
    assert isinstance(bounded(lambda: Event().wait(5.0), 0.05), KafkaTimeoutError)
    assert time.monotonic() - begun < 2.0


def test_how_a_call_ended() -> None:
    def fails() -> None:
        raise KafkaError("so it is")

    assert bounded(lambda: None, 5.0) is None
    assert isinstance(bounded(fails, 5.0), KafkaError)
    with pytest.raises(ZeroDivisionError):
        bounded(lambda: 1 / 0, 5.0)


# --- ids


def test_a_pattern_makes_each_client_an_id_of_its_own(tmp_path: Path) -> None:
    clients = Clients(tmp_path / "clients.json")
    assert clients.settings("producer", transactional_id="t")["transactional_id"] == "t"
    clients.configure(producer={"transactional_id": "{id}-{random}"})
    ids = {clients.settings("producer", transactional_id="t")["transactional_id"] for _ in range(2)}
    assert len(ids) == 2
    assert all(id.startswith("t-") for id in ids)
    assert "transactional_id" not in clients.settings("producer")


def test_a_transactional_client_is_not_left_waiting_for_a_coordinator_that_is_gone() -> None:
    class Client:
        def await_ready(self, node: int, timeout_ms: float) -> bool:  # noqa: ARG002 - the client's own
            if node == 1:
                raise KafkaConnectionError
            return True

    client = Client()
    keep_requests(SimpleNamespace(_sender=SimpleNamespace(_client=client)))
    assert [client.await_ready(node, timeout_ms=5) for node in (1, 2)] == [False, True]


def test_who_initialises_in_vain_ends_with_its_step_or_when_it_is_let_go(tmp_path: Path) -> None:
    def init_transactions() -> None:
        time.sleep(0.02)
        raise KafkaTimeoutError("no coordinator")

    sender = SimpleNamespace(_client=SimpleNamespace(await_ready=None), force_close=lambda: None)
    producer = SimpleNamespace(
        config={"retries": 1}, init_transactions=init_transactions, _sender=sender, close=lambda **_: None
    )

    def transactor(within: float) -> Transactor:
        return Transactor(producer, recorder, 0, "old", "t", 1, within=within)

    def initialising() -> bool:
        return any(thread.name == "bounded" for thread in threading.enumerate())

    with Recorder(tmp_path / "a.history", Header("t", 1, Guarantee())) as recorder:
        brief, patient = transactor(0.1), transactor(60)
        assert not brief.initialise()
        assert brief.steps[0].unanswered
        until(lambda: not initialising(), within=5, what="the end of a step that was given up")
        threading.Thread(target=patient.initialise).start()
        until(initialising, within=5, what="the step")
        patient.abandon()
        until(lambda: not initialising(), within=5, what="the end of a step that was let go")

"""Histories as files."""

import os
from pathlib import Path

import pytest

from labs.errors import LabError, UsageError
from labs.kafka.guarantee import Guarantee
from labs.kafka.history import Recorder, load
from labs.kafka.operations import (
    NUMBERS,
    End,
    Finished,
    Foreign,
    Header,
    Operation,
    Positioned,
    Read,
    Reserved,
    Transaction,
    Write,
    shown,
    value_of,
)

HEADER = Header("lp-orders", 3, Guarantee(acks=1, idempotence=False), {"kafka": "4.3.1"})
OPERATIONS: list[Operation] = [
    Reserved(0, 1, 1000),
    Write(0, 0, "k1", 1, 10, 20, "ok", 7),
    Write(0, 1, "k2", 2, 11, 31, "info", error="KafkaTimeoutError"),
    Write(1, 0, "k2", 2, 11, 12, "fail", transaction=4, error="NotEnoughReplicasError"),
    Positioned("reader-0", 1, 5, 0),
    Read("reader-0", 1, 40, 7, (0, NUMBERS)),
    Foreign("reader-0", 1, 41, 9, "who is that?\n\0 é"),
    Transaction(4, 1, 50, 60, "aborted"),
    Finished(0, 70, 2),
    End(1, 80, 10, 10),
]


def recorded(path: Path) -> Path:
    with Recorder(path, HEADER) as recorder:
        for operation in OPERATIONS:
            recorder.add(operation)
    return path


def test_what_was_recorded_is_read_as_often_as_one_likes(tmp_path: Path) -> None:
    history = load(recorded(tmp_path / "history"))
    assert list(history.operations) == list(history.operations) == OPERATIONS
    assert (history.header.topic, history.header.partitions) == ("lp-orders", 3)
    assert (history.header.guarantee, history.header.versions) == (HEADER.guarantee, HEADER.versions)
    assert history.header.clock > 0


def test_each_operation_is_one_line_of_ascii(tmp_path: Path) -> None:
    data = recorded(tmp_path / "history").read_bytes()
    assert len(data.splitlines()) == 1 + len(OPERATIONS)
    assert data.isascii()


def test_a_last_line_torn_by_kill_is_left_out(tmp_path: Path) -> None:
    path = recorded(tmp_path / "history")
    whole = path.read_bytes()
    for cut in range(1, 12):
        path.write_bytes(whole[:-cut])
        assert list(load(path).operations) == OPERATIONS[:-1]


@pytest.mark.parametrize(
    "line", ["", "w 0 1", "w 0 1 k 1 2 3 nok -1 -1 -", "r reader x", "q 1", "\0\0\0", "t 1 1 1 1 ok -", "e 1 2 3"]
)
def test_a_damaged_line_is_told_by_its_number(tmp_path: Path, line: str) -> None:
    path = recorded(tmp_path / "history")
    lines = path.read_text().splitlines()
    lines[3] = line
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(UsageError, match=r"history:4: not a line of a history") as caught:
        list(load(path).operations)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": "labproof-kafka-history", "schema": 2}', "\xff\xfe"])
def test_what_is_no_history_is_told_in_a_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=r"file:1: not the header of a history"):
        load(tmp_path / "file")
    with pytest.raises(UsageError, match="No such file"):
        load(tmp_path / "nothing")


def test_a_history_that_cannot_be_written_is_told_even_where_the_first_error_was_swallowed(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "history", HEADER)
    with Path("/dev/full").open("wb") as full:
        os.dup2(full.fileno(), recorder._file)
    with pytest.raises(LabError, match="not whole: No space left on device"):
        recorder.add(OPERATIONS[0])
    with pytest.raises(LabError, match="not whole"):
        recorder.check()


def test_what_comes_after_its_end_is_not_recorded_and_disturbs_nobody(tmp_path: Path) -> None:
    with Recorder(tmp_path / "history", HEADER) as recorder:
        recorder.add(OPERATIONS[0])
        recorder.close()
        recorder.add(OPERATIONS[1])
    recorder.check()
    assert list(load(recorder.path).operations) == OPERATIONS[:1]


def test_values() -> None:
    assert shown(value_of(3, 17)) == "3-17"
    assert Write(3, 17, "k", 0, 0, 0, "ok").value == value_of(3, 17)

"""Saved histories are judged again by a command."""

from pathlib import Path

import pytest

from labs.kafka.history import Recorder
from labs.kafka.operations import End, Header, Read, Write
from suites.kafka.accounting.command import main

Captured = pytest.CaptureFixture[str]


def saved(path: Path, *, lost: bool) -> str:
    with Recorder(path, Header("orders", 1)) as recorder:
        for number in range(3):
            recorder.add(Write(0, number, "k", 0, 1000 * number, 1000 * number + 500, "ok", number))
        recorder.add(Read("final", 0, 9000, 0, (0, 1) if lost else (0, 1, 2)))
        recorder.add(End(0, 8000, 2 if lost else 3, 2 if lost else 3))
    return str(path)


def test_a_history_that_keeps_its_guarantee(tmp_path: Path, capsys: Captured) -> None:
    assert main([saved(tmp_path / "good", lost=False)]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{tmp_path}/good: kept\norders: 3 acknowledged, 3 records read, 3 in the log\n  acks=all, ")
    assert "longest outage: partition 0: nothing acknowledged for 1 ms" in told


def test_one_that_does_not(tmp_path: Path, capsys: Captured) -> None:
    assert main([saved(tmp_path / "bad", lost=True), saved(tmp_path / "good", lost=False)]) == 1
    told = capsys.readouterr().out
    assert "/bad: broken" in told
    assert "lost-acknowledged  orders/0" in told
    assert "/good: kept" in told


@pytest.mark.parametrize("arguments", [[], ["--what", "x"], ["nothing.there"]])
def test_what_is_no_history_is_one_line(arguments: list[str], capsys: Captured) -> None:
    assert main(arguments) == 4
    error = capsys.readouterr().err
    assert error.startswith("history: ")
    assert error.count("\n") == 1


def test_a_damaged_line_is_told_and_the_others_are_judged(tmp_path: Path, capsys: Captured) -> None:
    path = Path(saved(tmp_path / "bad", lost=True))
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], "w 0 oh", *lines[3:], ""]))
    assert main([str(path), saved(tmp_path / "good", lost=False)]) == 4
    told = capsys.readouterr()
    assert told.err == f"history: {path}:3: not a line of a history: 'w 0 oh'\n"
    assert "/good: kept" in told.out


def test_numbers_that_no_history_has(tmp_path: Path, capsys: Captured) -> None:
    path = Path(saved(tmp_path / "bad", lost=True))
    path.write_text(path.read_text() + f"w 0 9 k 0 0 {10**30} ok 0 -1 -\n")
    assert main([str(path)]) == 4
    assert "a number is too large" in capsys.readouterr().err

"""Outcomes and their file: order, torn lines, several writers, attempts."""

import json
import multiprocessing
from dataclasses import replace
from pathlib import Path

import pytest

from reports.outcomes import Found, Outcome, OutcomesError, Record, append, judged, latest, read, worst


def record(
    test: str = "t", outcome: Outcome = Outcome.passed, *, case: str | None = None, attempt: int = 1, reason: str | None = None
) -> Record:
    return Record(test, "an id", case, "flannel", "default", outcome, reason, "2026-11-20T10:00:00+00:00", 0.1234567, attempt)


def test_the_order_is_that_of_the_design() -> None:
    order = [Outcome.failed, Outcome.blocked, Outcome.missing, Outcome.skipped, Outcome.passed]
    assert sorted(Outcome, key=lambda outcome: -outcome.rank) == order
    for place, bad in enumerate(order):
        assert worst(order[place:]) is worst(reversed(order[place:])) is bad


def test_the_worst_of_nothing_is_no_pass() -> None:
    assert worst([]) is Outcome.missing


def test_a_line_has_the_keys_of_its_contract() -> None:
    line = record(reason="two\nlines ✗").to_line()
    assert line.endswith("\n")
    assert line.count("\n") == 1
    keys = ["test", "id", "case", "program", "variant", "outcome", "reason", "start", "seconds", "attempt"]
    assert list(json.loads(line)) == keys
    assert json.loads(line)["seconds"] == 0.123


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.jsonl"
    assert read(path) == []
    written = [record("a"), record("b", Outcome.failed, case="x=1", reason="two\nlines"), record("c\udcff")]
    for one in written:
        append(path, one)
    found = read(path)
    assert [(r.test, r.outcome, r.case, r.reason) for r in found[:2]] == [
        ("a", "passed", None, None),
        ("b", "failed", "x=1", "two\nlines"),
    ]
    assert isinstance(found[1].outcome, Outcome)


@pytest.mark.parametrize("kept", [0, 1, 40, -1])
def test_a_torn_last_line_is_skipped_and_cut_off_by_the_next(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "outcomes.jsonl"
    append(path, record("a"))
    torn = record("torn").to_line().encode()[:-1][:kept]
    path.write_bytes(path.read_bytes() + torn)
    assert [r.test for r in read(path)] == ["a"]
    append(path, record("b"))
    assert [r.test for r in read(path)] == ["a", "b"]


def test_a_file_of_one_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.jsonl"
    path.write_bytes(b'{"test": "to')
    assert read(path) == []
    append(path, record("a"))
    assert [r.test for r in read(path)] == ["a"]


@pytest.mark.parametrize(
    "line", ["", "{}", "[]", "nonsense", "\xff", '{"outcome": "maybe"}', '{"outcome": "passed", "more": 1}']
)
def test_any_other_bad_line_is_an_error_that_names_it(tmp_path: Path, line: str) -> None:
    path = tmp_path / "outcomes.jsonl"
    path.write_bytes(record().to_line().encode() + line.encode("latin-1") + b"\n" + record().to_line().encode())
    with pytest.raises(OutcomesError, match=r"outcomes\.jsonl:2: not an outcome") as error:
        read(path)
    assert "\n" not in str(error.value)


def write_many(path: str, name: str) -> None:
    for number in range(100):
        append(Path(path), record(f"{name}{number}", reason="x" * 5000))


def test_several_writers_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.jsonl"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(str(path), name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    assert sorted(r.test for r in read(path)) == sorted(f"{name}{n}" for name in "ab" for n in range(100))


def test_a_test_is_as_good_as_its_worst_case() -> None:
    records = [
        record(case="a"),
        record(case="b", outcome=Outcome.failed, reason="no route"),
        record(case="c", outcome=Outcome.skipped),
    ]
    assert judged(records, "flannel", "default") == {"t": Found(Outcome.failed, "[b] no route")}
    assert judged(records, "flannel", "legacy") == {}
    assert judged(records, "kafka", "default") == {}


def test_of_several_bad_cases_one_that_failed_by_no_judged_problem_is_told() -> None:
    known = replace(record(case="a", outcome=Outcome.failed, reason="no route"), kinds=("missing-route",))
    broken = record(case="b", outcome=Outcome.failed, reason="ValueError: x")
    for records in ([known, broken], [broken, known]):
        assert judged(records, "flannel", "default") == {"t": Found(Outcome.failed, "[b] ValueError: x")}
    assert judged([known], "flannel", "default") == {"t": Found(Outcome.failed, "no route", ("missing-route",))}


def test_cases_that_are_all_alike_are_not_told_apart() -> None:
    records = [record(case=case, outcome=Outcome.missing, reason="deselected") for case in "ab"]
    assert judged(records, "flannel", "default") == {"t": Found(Outcome.missing, "deselected")}


def test_the_last_attempt_at_a_case_counts() -> None:
    failed, again = record(outcome=Outcome.failed, reason="no"), record(attempt=2)
    for records in ([failed, again], [again, failed]):
        assert judged(records, "flannel", "default") == {"t": Found(Outcome.passed, None)}
        assert latest(records, "flannel", "default") == [again]
    worse = record(outcome=Outcome.blocked, attempt=3, reason="gone")
    assert judged([failed, again, worse], "flannel", "default") == {"t": Found(Outcome.blocked, "gone")}


def test_of_two_records_of_one_attempt_the_later_counts() -> None:
    assert judged([record(), record(outcome=Outcome.failed)], "flannel", "default") == {"t": Found(Outcome.failed, None)}

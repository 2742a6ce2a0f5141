"""The results document of RefStack: what goes into it, what is refused on reading, and what a server would not take."""

import json
from pathlib import Path
from typing import Any

import pytest

from reports.outcomes import Outcome, Record
from reports.refstack import Result, Results, ResultsError, document, no_cpid, parse, passed, problems, read, write

ID = "f0bcc6d8-5e9c-4ef5-9b9e-1b5f9a2a4a6f"
GOOD = Results("a1b2", 184, (Result("tempest.api.x.test_a", ID), Result("tempest.api.x.test_b", None)))


def record(test: str, outcome: Outcome, *, case: str | None = None, program: str = "identity", attempt: int = 1) -> Record:
    return Record(test, ID, case, program, "default", outcome, None, "2026-11-20T10:00:00+00:00", 1.0, attempt)


def test_only_what_passed_in_all_of_its_cases_at_the_last_attempt() -> None:
    records = [
        record("x.mended", Outcome.failed),
        record("x.mended", Outcome.passed, attempt=2),
        record("x.broken", Outcome.passed),
        record("x.broken", Outcome.failed, attempt=2),
        record("x.half", Outcome.passed, case="a"),
        record("x.half", Outcome.skipped, case="b"),
        record("x.elsewhere", Outcome.passed),
        record("x.elsewhere", Outcome.failed, program="compute"),
        *(record(f"x.{outcome}", outcome) for outcome in Outcome if outcome is not Outcome.passed),
    ]
    assert list(passed(records)) == [("x.mended", ID)]


def test_names_are_bare_sorted_and_there_once_and_ids_without_their_prefix() -> None:
    made = document("c", 93.6, [("x.b[id-1,smoke]", "id-1"), ("x.a", None), ("x.b", "1"), ("x.a[id-2]", "id-2")])
    assert made == Results("c", 94, (Result("x.a", "2"), Result("x.b", "1")))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, "my cloud", "a1b2", 184.2, [(of.name, of.uuid) for of in GOOD.results])
    assert path == tmp_path / "refstack" / "my_cloud.json"
    assert read(path) == GOOD
    assert json.loads(path.read_text())["results"][1] == {"name": "tempest.api.x.test_b"}


@pytest.mark.parametrize(
    ("cloud", "file"), [("../up", "__up.json"), (".hidden", "_hidden.json"), ("dev-1.eu", "dev-1.eu.json")]
)
def test_a_cloud_of_any_name_stays_in_the_folder(tmp_path: Path, cloud: str, file: str) -> None:
    assert write(tmp_path, cloud, "c", 1, []) == tmp_path / "refstack" / file


@pytest.mark.parametrize("cpid", [None, ""])
def test_without_the_clouds_id_nothing_is_written_and_the_id_is_asked_for(tmp_path: Path, cpid: str | None) -> None:
    assert write(tmp_path, "dev", cpid, 1, [("x.a", None)]) is None
    assert list(tmp_path.iterdir()) == []
    assert no_cpid("dev").startswith("dev: ")
    assert "--cpid ID" in no_cpid("dev")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty; a RefStack results document"),
        ("<html>", "an HTML or XML page and not JSON"),
        ("{", "line 1 column 2: not JSON"),
        ("[]", "a RefStack results document"),
        ('{"cpid": "c", "duration_seconds": 1}', "results: missing"),
        ('{"cpid": "c", "duration_seconds": 1, "results": [], "meta": {}}', "meta: unknown key"),
        ('{"cpid": 1, "duration_seconds": 1, "results": []}', "cpid: a string is expected"),
        ('{"cpid": "c", "duration_seconds": true, "results": []}', "duration_seconds: a whole number is expected"),
        ('{"cpid": "c", "duration_seconds": 1.5, "results": []}', "duration_seconds: a whole number is expected"),
        ('{"cpid": "c", "duration_seconds": 1, "results": {}}', "results: a list is expected"),
        ('{"cpid": "c", "duration_seconds": 1, "results": ["x"]}', "results[0]: an object"),
        ('{"cpid": "c", "duration_seconds": 1, "results": [{"name": "x"}, {"uuid": "1"}]}', "results[1].name: missing"),
        ('{"cpid": "c", "duration_seconds": 1, "results": [{"name": "x", "uuid": null}]}', "results[0].uuid: a string"),
    ],
)
def test_what_is_no_results_document_is_one_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(ResultsError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: ")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"none.json: cannot be read: No such file"):
        read(tmp_path / "none.json")


def changed(*results: Result, **head: Any) -> Results:
    return Results(**{"cpid": "c", "duration_seconds": 1, "results": results or GOOD.results, **head})


@pytest.mark.parametrize(
    ("results", "told"),
    [
        (changed(cpid=""), "cpid: empty"),
        (changed(cpid="c" * 129), "cpid: 129 characters; the server holds 128"),
        (changed(cpid="ключ"), "printable Latin-1 alone"),
        (changed(duration_seconds=-1), "duration_seconds: -1"),
        (changed(duration_seconds=2**31), "duration_seconds: 2147483648"),
        (changed(results=()), "results: empty"),
        (changed(Result("x.a", None), Result("X.A ", None)), "'x.a' stands 2 times (in any case)"),
        (changed(Result("x.тест", None)), "'x.тест': the server holds printable Latin-1 alone"),
        (changed(Result("x.\x85", None)), "the server holds printable Latin-1 alone"),
        (changed(Result("x" * 513, None)), "513 characters; the server holds 512"),
        (changed(Result(" ", None)), "a test has an empty name"),
        (changed(Result("x.a", f"id-{ID}")), "a UUID is expected, without id-"),
    ],
)
def test_what_a_server_would_refuse_or_break_on_is_told(results: Results, told: str) -> None:
    [problem] = problems(results)
    assert told in problem
    assert "\n" not in problem


def test_what_the_server_takes_has_no_problem() -> None:
    limits = Results("c" * 128, 2**31 - 1, (Result("é" * 512, ID), Result("x.a", "")))
    assert problems(GOOD) == problems(limits) == []
    assert parse(json.dumps(GOOD.to_json()).encode(), "r") == GOOD

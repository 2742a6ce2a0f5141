"""Heavy tests and cases: what `--full` runs, and how they are listed without it."""

import json
from typing import Any

import pytest

from tests.acceptance.conftest import FAULTS

PASS = "holds(judged(flannel))"
SOME = f"@pytest.mark.parametrize('case', ['light', pytest.param('heavy', marks=full)])\n{FAULTS}"
HEAVY = f"@full\n{FAULTS}"
REASON = "not selected: --full"


@pytest.fixture
def toys(project: Any) -> Any:
    """A test with a heavy case, and an advisory one that is heavy as a whole."""
    project.test("test_a", PASS, above=SOME)
    project.test("test_b", PASS, status="advisory", above=HEAVY)
    return project


def ran(project: Any, folder: str = "results") -> list[tuple[str, str | None]]:
    lines = [json.loads(line) for line in (project.path / folder / "outcomes.jsonl").read_text().splitlines()]
    return [(line["test"].rpartition(".")[2], line["case"]) for line in lines]


def test_without_it_they_are_listed_as_not_selected_and_change_no_verdict(toys: Any) -> None:
    ended = toys.run()
    assert ended.code == 0, ended.output
    assert f"missing flannel  1 {REASON}" in ended.output
    assert ran(toys) == [("test_a", "light")]
    [verdict] = toys.verdict()["verdicts"]
    assert verdict["compliant"] is True
    found = {each["test"].rpartition(".")[2]: each for held in verdict["capabilities"] for each in held["requirements"]}
    assert found["test_a"]["outcome"] == "passed"
    assert (found["test_b"]["outcome"], found["test_b"]["reason"]) == ("missing", REASON)
    assert f"`suites.flannel.test_toy.test_b`: {REASON}" in (toys.results / "summary.md").read_text()
    results = [json.loads(path.read_text()) for path in (toys.results / "allure-results").glob("*-result.json")]
    told = {
        (each["name"].partition("[")[0], each["status"], (each.get("statusDetails") or {}).get("message")) for each in results
    }
    assert told == {("test_a", "passed", None), ("test_b", "unknown", REASON)}


def test_the_list_tells_which_they_are(toys: Any) -> None:
    listed = {
        row["requirement"].rpartition(".")[2]: row for row in json.loads(toys.run("--list-requirements", "--json").output)
    }
    assert {name: (row["cases"], row["full"], row["planned"]) for name, row in listed.items()} == {
        "test_a": (["light"], ["heavy"], True), "test_b": (0, 1, False),
    }  # fmt: skip
    assert all(row["faults"] == ["paused"] for row in listed.values())
    lines = toys.run("--list-requirements").output.splitlines()
    assert "    suites.flannel.test_toy.test_a [light; with --full: heavy]" in lines
    assert f"    suites.flannel.test_toy.test_b — {REASON}" in lines
    lines = toys.run("--list-requirements", "--full").output.splitlines()
    assert "    suites.flannel.test_toy.test_a [light, heavy]" in lines
    assert "    suites.flannel.test_toy.test_b" in lines


def test_a_run_goes_on_with_them_and_not_without_them_afterwards(toys: Any) -> None:
    assert toys.run().code == 0
    ended = toys.run("--resume", "--full")
    assert ended.code == 0, ended.output
    assert sorted(map(str, ran(toys))) == ["('test_a', 'heavy')", "('test_a', 'light')", "('test_b', None)"]
    assert toys.outcomes() == {"test_a": "passed", "test_b": "passed"}
    assert REASON not in (toys.results / "summary.md").read_text()
    ended = toys.run("--resume")
    assert ended.code == 4, ended.output
    assert "results: this run is one with --full; go on with it with --full, or start a new one" in ended.output


def test_nothing_but_a_heavy_test_is_nothing(toys: Any) -> None:
    ended = toys.run("-k", "test_b")
    assert ended.code == 5, ended.output
    assert f"missing flannel  1 {REASON}" in ended.output


def test_one_that_is_required_and_has_no_other_case_is_refused(project: Any) -> None:
    project.test("test_a", PASS)
    project.test("test_b", PASS, above=HEAVY)
    ended = project.run()
    assert ended.code == 4, ended.output
    [line] = ended.output.strip().splitlines()
    assert "suites.flannel.test_toy.test_b: is run with --full only, and toy-required of flannel requires it" in line
    assert not project.results.exists()


def test_a_proof_leaves_them_out_too_and_says_so(toys: Any) -> None:
    ended = toys.run("--proof")
    assert ended.code == 0, ended.output
    words = "1 of 1 seeded faults caught, 0 false alarms, 4 cases not selected: --full, 0 cases not run"
    assert words in " ".join(ended.output.split())
    cells = json.loads((toys.results / "proof/proof.json").read_text())
    seeded = {
        (each["requirement"].rpartition(".")[2], each["case"], each["result"]) for each in cells if each["fault"] == "paused"
    }
    assert seeded == {("test_a", "light", "caught"), ("test_a", "heavy", "missing"), ("test_b", "", "missing")}
    ended = toys.run("--proof", "--resume", "--full")
    assert ended.code == 0, ended.output
    assert "3 of 3 seeded faults caught, 0 false alarms, 0 cases not run" in " ".join(ended.output.split())

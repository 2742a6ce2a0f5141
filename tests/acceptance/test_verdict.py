"""What a run answers: exit code, verdict.json, the sentence, and the files beside it."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.acceptance.conftest import FAULTS

PASS = "holds(judged(flannel))"
MENDS = """
from proof import mended_by

@fault("process")
def restarted(lab) -> Iterator[None]:
    yield

@fault("process")
def resumed(lab) -> Iterator[None]:
    yield
"""
FAIL = "holds([Problem('toy-broken', 'n1', 'a', 'b')])"


def test_all_required_pass_is_a_yes(project: Any) -> None:
    project.test("test_a", PASS)
    project.test("test_b", PASS)
    ended = project.run()
    assert ended.code == 0, ended.output
    assert (
        "This lab passes 100.0 % (2/2) of the tests in the labproof.2026.11 required capabilities of the flannel program. "
        "Excluding flagged tests, it passes 100.0 % (2/2). Compliance with labproof.2026.11: YES"
    ) in " ".join(ended.output.split())
    [verdict] = project.verdict()["verdicts"]
    assert verdict["compliant"] is True
    assert verdict["lab"]["kind"] == "embedded"
    assert verdict["lab"]["software"]["flanneld"] == "0.28.4"
    files = {path.name for path in project.results.iterdir()}
    assert {"plan.json", "outcomes.jsonl", "verdict.json", "summary.md", "junit.xml", "allure-results", "labs"} <= files
    assert (project.results / "labs/flannel/n1/flanneld.log").stat().st_size > 0


def test_one_failing_required_is_a_no_with_the_problem_and_the_evidence(project: Any) -> None:
    project.test("test_a", PASS)
    project.test("test_b", FAIL)
    ended = project.run()
    assert ended.code == 1, ended.output
    assert "expected: a" in ended.output
    assert "Traceback" not in ended.output
    assert project.outcomes() == {"test_a": "passed", "test_b": "failed"}
    results = [json.loads(path.read_text()) for path in (project.results / "allure-results").glob("*-result.json")]
    [failed] = [result for result in results if result["status"] == "failed"]
    attached = {attachment["name"] for attachment in failed["attachments"]}
    assert any("routes" in name for name in attached), attached
    labels = {(label["name"], label["value"]) for label in failed["labels"]}
    assert ("status", "required") in labels
    assert {"variant", "nodes"} <= {parameter["name"] for parameter in failed["parameters"]}
    environment = (project.results / "allure-results/environment.properties").read_text()
    assert "flanneld" in environment
    assert "kernel" in environment


def test_advisory_deprecated_and_flagged_failures_change_no_verdict(project: Any) -> None:
    project.test("test_a", PASS)
    project.test("test_advisory", FAIL, status="advisory")
    project.test("test_deprecated", FAIL, status="deprecated")
    project.test("test_flagged", FAIL, flagged=True)
    ended = project.run()
    assert ended.code == 0, ended.output
    assert project.outcomes() == {
        "test_a": "passed", "test_advisory": "failed", "test_deprecated": "failed", "test_flagged": "failed",
    }  # fmt: skip
    [verdict] = project.verdict()["verdicts"]
    assert verdict["required"] == {"passed": 1, "count": 2, "percent": 50.0}
    assert verdict["non_flagged"] == {"passed": 1, "count": 1, "percent": 100.0}


def test_what_is_flagged_is_told_apart_and_not_at_length(project: Any) -> None:
    project.test("test_a", PASS)
    project.test("test_known", FAIL, flagged=True)
    project.test("test_mended", PASS, flagged=True)
    ended = project.run()
    assert ended.code == 0, ended.output
    lines = [" ".join(line.split()) for line in ended.output.splitlines()]
    known, mended = (f"suites.flannel.test_toy.{name}: D404 known (2026-11-21)" for name in ("test_known", "test_mended"))
    at = lines.index("Flagged, still failing (these change no verdict):")
    assert lines[at + 1 : at + 4] == [
        f"failed flannel {known}; today: 1 problem: toy-broken at n1",
        "Flagged, passes now (the flags can go):",
        f"passed flannel {mended}",
    ]
    assert "FAILURES" not in ended.output
    assert "expected: a" not in ended.output
    assert any(line.startswith("failed") and line.endswith("test_known (flagged)") for line in lines)
    assert lines[-1].startswith("2 passed, 1 failed as flagged in ")
    [_, flagged, _] = project.verdict()["verdicts"][0]["capabilities"][0]["requirements"]
    assert flagged["flag"] == {"reason": "D404 known", "action": "reported upstream", "date": "2026-11-21", "versions": []}
    results = [json.loads(path.read_text()) for path in (project.results / "allure-results").glob("*-result.json")]
    [failed] = [result["statusDetails"]["message"] for result in results if result["status"] == "failed"]
    assert failed.startswith("flagged: D404 known (2026-11-21)\n")
    assert "toy-broken" in failed


def test_a_flagged_test_that_breaks_otherwise_is_shown(project: Any) -> None:
    project.test("test_a", PASS)
    project.test("test_known", "raise ValueError('no judgement')", flagged=True)
    ended = project.run()
    assert ended.code == 0, ended.output
    assert "FAILURES" in ended.output
    lines = [" ".join(line.split()) for line in ended.output.splitlines()]
    at = lines.index("Flagged, failing by something else (these change no verdict):")
    assert lines[at + 1] == "failed flannel suites.flannel.test_toy.test_known: ValueError: no judgement"
    assert "still failing" not in ended.output


@pytest.mark.parametrize("arguments", [[], ["-n", "0"]])
def test_known_failures_do_not_count_for_x(project: Any, arguments: list[str]) -> None:
    project.test("test_a", FAIL, flagged=True)
    project.test("test_b", PASS)
    project.test("test_c", FAIL)
    project.test("test_d", FAIL)
    ended = project.run("-x", *arguments)
    assert ended.code == 1, ended.output
    assert project.outcomes() == {"test_a": "failed", "test_b": "passed", "test_c": "failed", "test_d": "missing"}
    assert "stopping after 1 failure" in ended.output
    assert "interrupted" not in ended.output


def test_known_failures_are_skips_in_junit(project: Any) -> None:
    project.test("test_a", FAIL, flagged=True)
    project.test("test_b", PASS)
    assert project.run().code == 0
    [suite] = ElementTree.parse(project.results / "junit.xml").getroot()
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["2", "0", "0", "1"]
    [skipped] = suite.iter("skipped")
    assert skipped.get("message") == "flagged: D404 known (2026-11-21)"


def test_one_program_may_flag_what_another_requires(project: Any) -> None:
    project.test("test_a", PASS)
    project.test("test_known", FAIL, flagged=True)
    project.write()
    strict = json.loads(json.dumps(project.guideline(id="strict", program="strict")))
    [capability] = strict["capabilities"].values()
    del capability["tests"]["suites.flannel.test_toy.test_known"]["flagged"]
    (project.path / "strict.json").write_text(json.dumps(strict))
    ended = project.run("--guideline", "strict.json", "--program", "flannel", "--program", "strict")
    assert ended.code == 1, ended.output
    assert "expected: a" in ended.output
    assert [verdict["compliant"] for verdict in project.verdict()["verdicts"]] == [True, False]


def test_only_passed_is_a_pass(project: Any) -> None:
    subtests = "for number in range(3):\n    with subtests.test(number=number):\n        if number == 1: {}"
    project.test("test_all_subtests", subtests.format(PASS), fixtures="subtests")
    project.test("test_one_subtest", subtests.format(FAIL), fixtures="subtests")
    project.test("test_skips", "pytest.skip('it rains')")
    ended = project.run()
    assert ended.code == 1, ended.output
    assert project.outcomes() == {"test_all_subtests": "passed", "test_one_subtest": "failed", "test_skips": "skipped"}
    [verdict] = project.verdict()["verdicts"]
    assert verdict["required"] == {"passed": 1, "count": 3, "percent": 33.3}
    reasons = {each["test"].rpartition(".")[2]: each["reason"] for each in verdict["capabilities"][0]["requirements"]}
    assert reasons["test_skips"] == "it rains"
    assert "toy-broken" in reasons["test_one_subtest"]


@pytest.mark.parametrize(("arguments", "outcome"), [([], "skipped"), (["-k", "nowhere"], "missing")])
def test_nothing_run_is_never_a_yes(project: Any, arguments: list[str], outcome: str) -> None:
    project.test("test_skips", "pytest.skip('it rains')")
    ended = project.run(*arguments)
    assert ended.code == 5, ended.output
    assert project.outcomes() == {"test_skips": outcome}
    assert "Compliance with labproof.2026.11: NO" in " ".join(ended.output.split())


@pytest.mark.parametrize("arguments", [["-k", "test_a"], ["suites/flannel/test_toy.py::test_a"], ["-x"]])
def test_narrowing_makes_the_rest_missing_and_the_verdict_no(project: Any, arguments: list[str]) -> None:
    project.test("test_a", FAIL if arguments == ["-x"] else PASS)
    project.test("test_b", PASS)
    ended = project.run(*arguments)
    assert ended.code == 1, ended.output
    assert project.outcomes()["test_b"] == "missing"


def test_one_case_of_many_is_not_the_test(project: Any) -> None:
    cases = "@pytest.mark.parametrize('case', ['one', 'two'])\n@proven_by(paused, kind='toy-paused')"
    project.test("test_a", PASS, above=cases)
    ended = project.run("suites/flannel/test_toy.py::test_a[one-flannel]")
    assert ended.code == 1, ended.output
    assert project.outcomes() == {"test_a": "missing"}


def test_a_test_that_the_guideline_names_and_nobody_has_is_missing(project: Any) -> None:
    project.test("test_a", PASS)
    gone = {"status": "required", "entry": {"idempotent_id": "id-00000000-0000-4000-8000-000000000000"}}
    project.tests["suites.flannel.test_toy.test_gone"] = gone
    ended = project.run()
    assert ended.code == 1, ended.output
    assert project.outcomes()["test_gone"] == "missing"
    results = [json.loads(path.read_text()) for path in (project.results / "allure-results").glob("*-result.json")]
    assert {result["status"] for result in results} == {"passed", "unknown"}


def test_a_lab_that_fails_in_a_test_blocks_it(project: Any) -> None:
    project.test("test_a", "raise LabError('the lab is gone')")
    ended = project.run()
    assert ended.code == 1, ended.output
    assert project.outcomes() == {"test_a": "blocked"}


def test_a_daemon_that_does_not_start_again_in_a_test_fails_it(project: Any) -> None:
    project.test("test_a", "raise NotStarted('dockerd of n1', 'exit code 2', 'no such flag')")
    ended = project.run()
    assert ended.code == 1, ended.output
    assert project.outcomes() == {"test_a": "failed"}
    [record] = [
        json.loads(line) for line in (project.results / "outcomes.jsonl").read_text().splitlines() if "no such flag" in line
    ]
    assert record["kinds"] == ["not-started"]


def test_in_one_process_it_is_the_same(project: Any) -> None:
    project.test("test_a", PASS)
    project.test("test_b", FAIL)
    ended = project.run("-n", "0")
    assert ended.code == 1, ended.output
    assert project.outcomes() == {"test_a": "passed", "test_b": "failed"}
    assert (project.results / "allure-results").is_dir()


def test_two_variants_give_two_verdicts(project: Any) -> None:
    project.test("test_a", PASS)
    ended = project.run("--program", "flannel@legacy", "--program", "flannel@nft")
    assert ended.code == 0, ended.output
    found = {verdict["variant"]: verdict["lab"]["software"]["iptables"] for verdict in project.verdict()["verdicts"]}
    assert "legacy" in found["legacy"]
    assert "nf_tables" in found["nft"] or "nft" in found["nft"]


def test_in_allure_what_did_not_run_is_the_same_test_as_what_did(project: Any) -> None:
    project.test("test_a", PASS)
    project.test("test_b", PASS, flagged=True)
    seen = []
    for arguments in ([], ["-k", "test_a"], ["-k", "nowhere"]):
        project.run("--program", "flannel", "--program", "flannel@legacy", *arguments)
        found = [json.loads(path.read_text()) for path in (project.results / "allure-results").glob("*-result.json")]
        assert len(found) == 4
        seen.append({result["historyId"] for result in found})
        messages = {(result["statusDetails"] or {}).get("message") for result in found if "test_b" in result["fullName"]}
        assert messages == ({"deselected"} if arguments else {"flagged, passes now: D404 known (2026-11-21)"})
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) == 4


def test_listing_touches_no_lab_and_no_results(project: Any) -> None:
    project.test("test_a", PASS)
    ended = project.run("--list-requirements")
    assert ended.code == 0, ended.output
    assert "suites.flannel.test_toy.test_a" in ended.output
    assert "proven by paused" in ended.output
    listed = json.loads(project.run("--list-requirements", "--json").output)
    assert [(row["program"], row["status"], row["faults"]) for row in listed] == [("flannel", "required", ["paused"])]
    assert not project.results.exists()


def test_the_list_says_why_something_is_flagged_and_what_mends_it(project: Any) -> None:
    project.code("mends", MENDS)
    project.test("test_a", PASS, flagged=True, above=f"@mended_by(resumed)\n@mended_by(restarted)\n{FAULTS}")
    project.test("test_b", PASS)
    listed = project.run("--list-requirements")
    assert [line.strip() for line in listed.output.splitlines()[1:]] == [
        "suites.flannel.test_toy.test_a",
        "flagged: D404 known (2026-11-21)",
        "proven by paused",
        "mended by resumed, restarted",
        "suites.flannel.test_toy.test_b",
        "proven by paused",
    ]
    flagged, plain = json.loads(project.run("--list-requirements", "--json").output)
    assert flagged["flag"] == {"reason": "D404 known", "action": "reported upstream", "date": "2026-11-21", "versions": []}
    assert (flagged["mends"], plain["mends"], plain["flagged"]) == (["resumed", "restarted"], [], False)
    assert "flag" not in plain


def test_an_earlier_runs_results_are_kept_aside(project: Any) -> None:
    project.test("test_a", PASS)
    assert project.run("--list-requirements").code == 0
    assert project.run("-k", "test_a").code == 0
    assert project.run("--program", "flannel@legacy").code == 0
    [aside] = project.path.glob("results.*")
    assert project.verdict(aside.name)["verdicts"][0]["variant"] == "default"


def test_resume_runs_what_is_missing_and_refuses_a_mixture(project: Any) -> None:
    project.test("test_a", PASS)
    project.test("test_b", "holds([] if os.path.exists('mended') else [Problem('toy', 'n1', 'a', 'b')])")
    project.test("test_c", PASS)
    assert project.run("-x").code == 1
    assert project.outcomes()["test_c"] == "missing"
    assert project.run("--resume").code == 1
    assert project.outcomes() == {"test_a": "passed", "test_b": "failed", "test_c": "passed"}
    (project.path / "mended").touch()
    ended = project.run("--rerun", "failed")
    assert ended.code == 0, ended.output
    lines = [json.loads(line) for line in (project.results / "outcomes.jsonl").read_text().splitlines()]
    assert [(line["test"].rpartition(".")[2], line["attempt"]) for line in lines] == [
        ("test_a", 1), ("test_b", 1), ("test_c", 1), ("test_b", 2),
    ]  # fmt: skip
    project.test("test_d", PASS)
    ended = project.run("--resume")
    assert ended.code == 4
    assert "cannot go on with this run" in ended.output


def test_instances_of_a_lab_run_side_by_side_each_in_one_worker(project: Any) -> None:
    for number in range(2):
        for name in (f"test_shared_{number}", f"test_own_{number}"):
            body = f"import json\njson.dump([os.getpid(), flannel.name], open('{name}.json', 'w'))\ntime.sleep(1)"
            own = "@instance('own')\n" if "own" in name else ""
            project.test(name, body, above=f"{own}@proven_by(paused, kind='toy-paused')")
    ended = project.run()
    assert ended.code == 0, ended.output
    used = {path.stem: json.loads(path.read_text()) for path in project.path.glob("test_*.json")}
    assert used["test_shared_0"] == used["test_shared_1"]
    assert used["test_own_0"] == used["test_own_1"]
    (shared_pid, shared), (own_pid, own) = used["test_shared_0"], used["test_own_0"]
    assert shared_pid != own_pid
    assert shared.startswith("flannel.")
    assert own.startswith("flannel.own.")
    assert not shared.startswith("flannel.own.")

"""Results beside those of allure-pytest, and the files that Allure shows with them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reports import allure, allure_files
from reports.guideline import Flag, Requirement
from reports.outcomes import Outcome

FLAG = Flag("D901 fails upstream", "wait", "2026-11-20", ("flanneld 0.28.4",))
SAID = "D901 fails upstream (flanneld 0.28.4, 2026-11-20)"
ID = "0b6f0f2e-7c1e-4a57-9d55-3a4f3a8a1f10"


def need(flag: Flag | None = None, test: str = "suites.flannel.test_routes.test_x") -> Requirement:
    return Requirement(test, ID, (), "flannel-routes", "required", flag)


def results(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*-result.json"))]


def labels(result: dict[str, Any]) -> dict[str, str]:
    return {label["name"]: label["value"] for label in result["labels"]}


def test_each_outcome_has_its_status() -> None:
    assert {str(outcome): status for outcome, status in allure.STATUS.items()} == {
        "passed": "passed",
        "skipped": "skipped",
        "missing": "unknown",
        "blocked": "broken",
        "failed": "failed",
    }


def test_the_labels_of_a_requirement() -> None:
    assert dict(allure.labels(need(), "flannel")) == {
        "epic": "flannel",
        "feature": "flannel-routes",
        "requirement": ID,
        "status": "required",
        "flagged": "no",
    }
    flagged = dict(allure.labels(need(FLAG), "flannel"))
    assert (flagged["flagged"], flagged["tag"], flagged["flag"]) == ("yes", "flagged", SAID)


def test_a_missing_requirement_is_a_result_of_unknown_status(tmp_path: Path) -> None:
    allure.add(tmp_path, need(), "flannel", "legacy", Outcome.missing, "deselected, token=hidden")
    (result,) = results(tmp_path)
    assert (result["name"], result["status"], result["stage"]) == ("test_x", "unknown", "finished")
    assert result["fullName"] == "suites.flannel.test_routes#test_x"
    assert result["titlePath"] == ["suites", "flannel", "test_routes.py"]
    assert result["statusDetails"]["message"] == "deselected, token=******"
    assert result["parameters"] == [{"name": "variant", "value": "'legacy'"}]
    assert result["start"] == result["stop"] > 1_600_000_000_000
    assert labels(result).items() >= {"parentSuite": "suites.flannel", "suite": "test_routes", "requirement": ID}.items()


def test_what_was_missing_before_is_forgotten_and_the_rest_is_known(tmp_path: Path) -> None:
    allure.add(tmp_path, need(), "flannel", "default", Outcome.missing, "not reached")
    allure.add(tmp_path, need(test="suites.flannel.test_routes.test_y"), "flannel", "default", Outcome.blocked, "no lab")
    assert allure.tests(tmp_path) == {"suites.flannel.test_routes.test_y"}
    assert [result["status"] for result in results(tmp_path)] == ["broken"]


def test_variants_are_two_tests_and_runs_are_one(tmp_path: Path) -> None:
    for variant in ("default", "default", "legacy"):
        allure.add(tmp_path, need(), "flannel", variant, Outcome.missing, None)
    assert len({result["uuid"] for result in results(tmp_path)}) == 3
    assert len({result["historyId"] for result in results(tmp_path)}) == 2
    assert len({result["testCaseId"] for result in results(tmp_path)}) == 1


@pytest.mark.parametrize("test", ["test_x", "a.test_x", "tempest.api.test_y.Class.test_z"])
def test_any_name_of_a_test_will_do(tmp_path: Path, test: str) -> None:
    allure.add(tmp_path, need(test=test), "p", "default", Outcome.blocked, None)
    (result,) = results(tmp_path)
    assert (result["name"], result["status"]) == (test.rpartition(".")[2], "broken")


def test_an_added_result_has_the_ids_that_pytest_would_give_it(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    utils = pytest.importorskip("allure_pytest.utils")
    commons = pytest.importorskip("allure_commons.utils")
    model = pytest.importorskip("allure_commons.model2")
    allure.add(tmp_path, need(), "flannel", "legacy", Outcome.missing, None)
    (result,) = results(tmp_path)
    shown = [model.Parameter(name="variant", value=commons.represent("legacy"))]
    assert result["historyId"] == utils.get_history_id(result["fullName"], shown, {})
    assert result["testCaseId"] == commons.md5(result["fullName"])


def test_only_failed_flagged_tests_are_marked_and_only_once(tmp_path: Path) -> None:
    for outcome in (Outcome.failed, Outcome.blocked, Outcome.passed):
        for flag in (FLAG, None):
            allure.add(tmp_path, need(flag), "flannel", "default", outcome, "two\nlines")
    (tmp_path / "torn-result.json").write_text('{"status": "fai')
    assert allure.mark_flagged(tmp_path) == 2
    (tmp_path / "torn-result.json").unlink()
    before = results(tmp_path)
    assert allure.mark_flagged(tmp_path) == 2
    assert results(tmp_path) == before
    for result in before:
        failed = result["status"] in ("failed", "broken") and labels(result)["flagged"] == "yes"
        assert result["statusDetails"]["message"] == (f"flagged: {SAID}\ntwo\nlines" if failed else "two\nlines")
        assert result["statusDetails"].get("known", False) is failed
    assert not list(tmp_path.glob("*.tmp"))


CASES = [
    ("failed", "flagged: D901 x\n1 problem", "Flagged failures"),
    ("broken", "flagged: D901 x\nlabs.errors.LabError: y", "Flagged failures"),
    ("failed", "1 problem\n  missing-route", "Product failures"),
    ("failed", "AssertionError: it was not flagged: x", "Product failures"),
    ("broken", "labs.errors.LabError: this kernel has no vxlan", "Blocked"),
    ("broken", "blocked: the lab did not settle", "Blocked"),
    ("broken", "TypeError: LabError", "Errors of the test"),
    ("broken", "", "Errors of the test"),
    ("unknown", "the run has no result of it", "Missing"),
    ("skipped", "no IPv6", "Skipped"),
]


@pytest.mark.parametrize(("status", "message", "name"), CASES)
def test_a_result_is_in_one_category_of_allure_2(tmp_path: Path, status: str, message: str, name: str) -> None:
    allure_files.write_categories(tmp_path)
    categories = json.loads((tmp_path / "categories.json").read_text())
    fitting = [
        c for c in categories if status in c["matchedStatuses"] and re.fullmatch(c.get("messageRegex", r"[\s\S]*"), message)
    ]
    assert [category["name"] for category in fitting] == [name]


@pytest.mark.parametrize(("status", "message", "name"), CASES)
def test_the_first_category_of_allure_3_is_the_same(status: str, message: str, name: str) -> None:
    matchers = [(rule["name"], rule["matchers"]) for rule in allure_files.configuration("x")["categories"]["rules"]]
    fitting = [n for n, m in matchers if status in m["statuses"] and re.search(m.get("message", ""), message)]
    assert fitting[0] == name


def test_the_environment_is_written_as_properties(tmp_path: Path) -> None:
    facts = {"flanneld": "0.28.4", "iptables back end": "nf_tables", "a:b": "c=d \\ é\nnext 😀", "url": "http://u:hidden@h/"}
    allure_files.write_environment(tmp_path, facts)
    assert (tmp_path / "environment.properties").read_text() == (
        "flanneld=0.28.4\n"
        "iptables\\ back\\ end=nf_tables\n"
        "a\\:b=c=d \\\\ \\u00e9\\nnext \\ud83d\\ude00\n"
        "url=http://u:******@h/\n"
    )


def test_the_executor_is_written_in_a_ci_only(tmp_path: Path) -> None:
    assert not allure_files.write_executor(tmp_path, {"HOME": "/"})
    assert not (tmp_path / "executor.json").exists()
    assert allure_files.write_executor(tmp_path, {"GITLAB_CI": "true", "CI_JOB_NAME": "nightly", "CI_JOB_URL": "https://ci/1"})
    assert json.loads((tmp_path / "executor.json").read_text()) == {
        "type": "gitlab",
        "name": "GitLab CI",
        "buildName": "nightly",
        "buildUrl": "https://ci/1",
    }

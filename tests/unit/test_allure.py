"""Results beside those of allure-pytest, and the files that Allure shows with them."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports import allure, allure_files
from reports.allure import Place
from reports.guideline import Flag, Requirement
from reports.outcomes import Outcome

FLAG = Flag("D901 fails upstream", "wait", "2026-11-20", ("flanneld 0.28.4",))
SAID = "D901 fails upstream (flanneld 0.28.4, 2026-11-20)"
PLACE = Place("default", 3, "flannel", "flannel")
LEGACY = Place("legacy", 3, "flannel", "flannel-legacy")
VXLAN = Place("default", 3, "flannel", "flannel-vxlan")
ID = "0b6f0f2e-7c1e-4a57-9d55-3a4f3a8a1f10"


def need(flag: Flag | None = None, test: str = "suites.flannel.test_routes.test_x") -> Requirement:
    return Requirement(test, ID, (), "flannel-routes", "required", flag)


def results(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*-result.json"))]


def add(folder: Path, requirement: Requirement, place: Place, outcome: Outcome, reason: str | None) -> None:
    allure.add(folder, requirement.test, allure.labels(requirement, "flannel"), place, outcome, reason)


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
    add(tmp_path, need(), LEGACY, Outcome.missing, "deselected, token=hidden")
    (result,) = results(tmp_path)
    assert (result["name"], result["status"], result["stage"]) == ("test_x", "unknown", "finished")
    assert result["fullName"] == "suites.flannel.test_routes#test_x"
    assert result["titlePath"] == ["suites", "flannel", "test_routes.py"]
    assert result["statusDetails"]["message"] == "deselected, token=******"
    assert result["parameters"] == [
        {"name": "variant", "value": "'legacy'"},
        {"name": "nodes", "value": "3"},
        {"name": "flannel", "value": "'flannel-legacy'"},
    ]
    assert result["start"] == result["stop"] > 1_600_000_000_000
    assert labels(result).items() >= {"parentSuite": "suites.flannel", "suite": "test_routes", "requirement": ID}.items()


def test_what_was_missing_before_is_forgotten_and_the_rest_is_known(tmp_path: Path) -> None:
    add(tmp_path, need(), PLACE, Outcome.missing, "not reached")
    add(tmp_path, need(test="suites.flannel.test_routes.test_y"), PLACE, Outcome.blocked, "no lab")
    assert [have.test for have in allure.results(tmp_path)] == ["suites.flannel.test_routes.test_y"]
    assert [result["status"] for result in results(tmp_path)] == ["broken"]


def test_a_result_is_that_of_its_own_lab_alone(tmp_path: Path) -> None:
    add(tmp_path, need(), PLACE, Outcome.passed, None)
    [have] = allure.results(tmp_path)
    assert have.of([need().test], PLACE)
    assert not have.of([need().test], VXLAN)
    assert not have.of(["another"], PLACE)


def test_labs_are_two_tests_and_runs_are_one(tmp_path: Path) -> None:
    for place in (PLACE, PLACE, LEGACY, VXLAN):
        add(tmp_path, need(), place, Outcome.missing, None)
    assert len({result["uuid"] for result in results(tmp_path)}) == 4
    assert len({result["historyId"] for result in results(tmp_path)}) == 3
    assert len({result["testCaseId"] for result in results(tmp_path)}) == 1


@pytest.mark.parametrize("test", ["test_x", "a.test_x", "tempest.api.test_y.Class.test_z"])
def test_any_name_of_a_test_will_do(tmp_path: Path, test: str) -> None:
    add(tmp_path, need(test=test), PLACE, Outcome.blocked, None)
    (result,) = results(tmp_path)
    assert (result["name"], result["status"]) == (test.rpartition(".")[2], "broken")


REAL = """
import allure, pytest

@pytest.fixture
def flannel(request):
    allure.dynamic.parameter("variant", "default")
    allure.dynamic.parameter("nodes", 3)
    # more
    return request.param

@pytest.mark.parametrize("flannel", ["flannel", "flannel-vxlan"], indirect=True)
def test_x(flannel):
    pass
"""


@pytest.mark.parametrize("defaults", [False, True])
def test_an_added_result_is_the_same_test_as_one_of_a_run(tmp_path: Path, defaults: bool) -> None:
    suite = tmp_path / "suites/flannel"
    suite.mkdir(parents=True)
    (suite / "test_routes.py").write_text(
        REAL.replace("# more", 'allure.dynamic.parameter("settings", "defaults")') if defaults else REAL
    )
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir=.", "-c", os.devnull, "--alluredir=real", "suites"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    for place in (PLACE, VXLAN):
        add(tmp_path / "added", need(), replace(place, defaults=defaults), Outcome.missing, None)
    real, added = ({result["historyId"]: result for result in results(tmp_path / folder)} for folder in ("real", "added"))
    assert real.keys() == added.keys()
    for key, result in real.items():
        for same in ("fullName", "testCaseId", "titlePath"):
            assert added[key][same] == result[same]
        assert {each["name"]: each["value"] for each in added[key]["parameters"]} == {
            each["name"]: each["value"] for each in result["parameters"]
        }


UNMET = "proof.holds.Unmet: 1 problem: missing-route at n1\n  missing-route  n1"


@pytest.mark.parametrize(
    ("outcome", "message", "mark", "known"),
    [
        (Outcome.failed, UNMET, "flagged: ", True),
        (Outcome.failed, "AssertionError: Unmet", "", False),
        (Outcome.blocked, "labs.errors.LabError: no vxlan", "", False),
        (Outcome.passed, "", "flagged, passes now: ", False),
        (Outcome.missing, "deselected", "", False),
    ],
)
def test_what_is_flagged_is_marked_once(tmp_path: Path, outcome: Outcome, message: str, mark: str, known: bool) -> None:
    add(tmp_path, need(FLAG), PLACE, outcome, message or None)
    [path] = tmp_path.glob("*-result.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"statusDetails": {"message": message}}))
    (tmp_path / "torn-result.json").write_text('{"status": "fai')
    for _ in range(2):
        assert allure.mark_flagged(tmp_path) == bool(mark)
        details = json.loads(path.read_text())["statusDetails"]
        assert details["message"] == (f"{mark}{SAID}\n{message}".rstrip() if mark else message)
        assert details.get("known", False) is known
    assert not list(tmp_path.glob("*.tmp"))


def test_what_another_program_requires_is_not_marked(tmp_path: Path) -> None:
    told = [*allure.labels(need(FLAG), "flannel"), *allure.labels(need(), "strict")]
    allure.add(tmp_path, need().test, told, PLACE, Outcome.failed, UNMET)
    assert allure.mark_flagged(tmp_path) == 0


CASES = [
    ("failed", "flagged: D901 x\n1 problem", "Flagged failures"),
    ("passed", "flagged, passes now: D901 x", "Flagged, passes now"),
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

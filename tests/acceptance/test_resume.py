"""Going on with a run: what is known of its labs, what of a plan may differ, and what is refused in one line."""

import json
from typing import Any

import pytest

PASS = "holds(judged(flannel))"


def test_what_the_labs_ran_is_known_when_nothing_is_left_to_run(project: Any) -> None:
    project.test("test_a", PASS)
    assert project.run().code == 0
    [before] = project.verdict()["verdicts"]
    ended = project.run("--resume")
    assert ended.code == 0, ended.output
    [verdict] = project.verdict()["verdicts"]
    assert verdict["lab"] == before["lab"]
    assert verdict["lab"]["software"]["flanneld"]
    assert "flannel.flanneld" in (project.results / "allure-results/environment.properties").read_text()


def test_narrowing_is_no_change_of_the_labs(project: Any) -> None:
    project.test("test_a", PASS)
    both = ("--program", "flannel", "--program", "flannel@legacy")
    assert project.run(*both, "-k", "legacy").code == 1
    ended = project.run(*both, "--resume")
    assert ended.code == 0, ended.output
    assert {verdict["variant"] for verdict in project.verdict()["verdicts"] if verdict["compliant"]} == {"default", "legacy"}
    ended = project.run(*both, "--resume", "--nodes", "4")
    assert ended.code == 4, ended.output
    assert "the labs have changed" in ended.output


def test_programs_in_another_order_are_the_same(project: Any) -> None:
    project.test("test_a", PASS)
    assert project.run("--program", "flannel", "--program", "flannel@legacy", "-k", "legacy").code == 1
    ended = project.run("--program", "flannel@legacy", "--program", "flannel", "--resume")
    assert ended.code == 0, ended.output
    assert [verdict["variant"] for verdict in project.verdict()["verdicts"]] == ["legacy", "default"]
    ended = project.run("--program", "flannel", "--resume")
    assert ended.code == 4, ended.output
    assert "the programs have changed" in ended.output


@pytest.mark.parametrize("text", ["{", "{}", "[]"])
def test_a_broken_plan_is_one_line(project: Any, text: str) -> None:
    project.test("test_a", PASS)
    project.results.mkdir()
    (project.results / "plan.json").write_text(text)
    ended = project.run("--resume")
    assert ended.code == 4, ended.output
    assert "results/plan.json: not a plan of this harness; start a new run" in ended.output
    assert "Traceback" not in ended.output


def test_a_kept_lab_is_judged_as_the_variant_it_is(project: Any) -> None:
    project.test("test_a", PASS)
    project.write()
    project.lab("up", "flannel@legacy", "--name", "leg")
    try:
        for program in ((), ("--program", "flannel@legacy")):
            ended = project.run("--lab", "leg", *program)
            assert ended.code == 0, ended.output
            [verdict] = project.verdict()["verdicts"]
            assert (verdict["variant"], verdict["lab"]["name"], verdict["lab"]["kind"]) == ("legacy", "leg", "kept")
            assert "legacy" in verdict["lab"]["software"]["iptables"]
        assert json.loads((project.results / "plan.json").read_text())["software"] == verdict["lab"]["software"]
        ended = project.run("--lab", "leg", "--program", "flannel@nft")
        assert ended.code == 4, ended.output
        assert "flannel@nft: lab leg was brought up as flannel@legacy" in ended.output
    finally:
        project.lab("down", "leg")


def test_a_test_is_known_by_its_old_name_too(project: Any) -> None:
    today = project.test("test_a", PASS)
    project.write()
    old = project.guideline(id="labproof.2025.05")
    [capability] = old["capabilities"].values()
    capability["tests"] = {"suites.flannel.test_toy.test_old": capability["tests"][today] | {"aliases": [today]}}
    (project.path / "old.json").write_text(json.dumps(old))
    listed = project.run("--guideline", "old.json", "--list-requirements")
    assert "proven by paused" in listed.output, listed.output
    ended = project.run("--guideline", "old.json")
    assert ended.code == 0, ended.output
    assert project.outcomes() == {"test_old": "passed"}

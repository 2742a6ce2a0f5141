"""Programs that one suite judges: each on the lab of its name, on the variants that the guideline names."""

import json
from typing import Any

import pytest

PASS = "holds(judged(flannel))"
STRAIGHT = "holds([] if flannel.backend == 'host-gw' else [Problem('toy-tunnel', flannel.name, 'host-gw', flannel.backend)])"


def verdicts(project: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {(each["program"], each["variant"]): each for each in project.verdict()["verdicts"]}


def outcomes(verdict: dict[str, Any]) -> dict[str, str]:
    found = [each for capability in verdict["capabilities"] for each in capability["requirements"]]
    return {each["test"].rpartition(".")[2]: each["outcome"] for each in found}


def test_two_labs_of_a_suite_have_a_verdict_and_outcomes_of_their_own(project: Any) -> None:
    project.more = {"flannel-vxlan": {}}
    project.test("test_a", PASS)
    project.test("test_b", STRAIGHT)
    ended = project.run()
    assert ended.code == 1, ended.output
    found = verdicts(project)
    assert {key: outcomes(each) for key, each in found.items()} == {
        ("flannel", "default"): {"test_a": "passed", "test_b": "passed"},
        ("flannel-vxlan", "default"): {"test_a": "passed", "test_b": "failed"},
    }
    assert [each["compliant"] for each in found.values()] == [True, False]
    assert [each["lab"]["name"] for each in found.values()] == ["flannel", "flannel-vxlan"]
    [reason] = [
        each["reason"] for each in found["flannel-vxlan", "default"]["capabilities"][0]["requirements"] if each["reason"]
    ]
    assert "toy-tunnel at flannel-vxlan." in reason
    assert {path.name for path in (project.results / "labs").iterdir() if path.is_dir()} == {"flannel", "flannel-vxlan"}


def test_in_a_proof_each_lab_has_its_cases(project: Any) -> None:
    project.more = {"flannel-vxlan": {}}
    project.test("test_a", PASS)
    ended = project.run("--proof")
    assert ended.code == 0, ended.output
    cells = json.loads((project.results / "proof/proof.json").read_text())
    assert {(cell["lab"], cell["fault"], cell["result"]) for cell in cells} == {
        ("flannel", "healthy", "silent"), ("flannel", "paused", "caught"),
        ("flannel-vxlan", "healthy", "silent"), ("flannel-vxlan", "paused", "caught"),
    }  # fmt: skip


def with_one_more_for_vxlan(project: Any) -> None:
    """Let what is advisory stand in the programs of flannel-vxlan alone; each program has a sibling without faults."""
    plain = project.guideline

    def guideline(**of: Any) -> dict[str, Any]:
        made: dict[str, Any] = plain(**of)
        listed = made["components"]["toys"]["capabilities"]
        made["components"]["more"] = {"capabilities": {"advisory": listed["advisory"]}}
        listed["advisory"] = []
        return made

    both = {"components": [{"name": "toys"}, {"name": "more"}]}
    project.more = {"flannel-readonly": {}, "flannel-vxlan": both, "flannel-vxlan-readonly": both}
    project.guideline = guideline


def test_under_a_fault_only_tests_of_the_cases_own_programs_are_asked(project: Any) -> None:
    with_one_more_for_vxlan(project)
    for name, status in (("test_a", "required"), ("test_b", "required"), ("test_c", "advisory")):
        project.test(name, PASS, status=status)
    ended = project.run("--proof", "-k", "test_a")
    assert ended.code == 0, ended.output
    cells = json.loads((project.results / "proof/proof.json").read_text())
    also = {cell["lab"]: [name.rpartition(".")[2] for name in cell["also"]] for cell in cells if cell["fault"] == "paused"}
    assert {lab: sorted(names) for lab, names in also.items()} == {
        "flannel": ["test_b"], "flannel-vxlan": ["test_b", "test_c"],
    }  # fmt: skip


def with_variants(project: Any, *variants: str) -> None:
    """Let the project's own program name variants of its lab."""
    plain = project.guideline

    def guideline(**of: Any) -> dict[str, Any]:
        made: dict[str, Any] = plain(**of)
        made["platforms"]["flannel"]["variants"] = list(variants)
        return made

    project.guideline = guideline


def test_a_program_is_judged_on_each_variant_that_the_guideline_names(project: Any) -> None:
    with_variants(project, "nft", "legacy")
    project.test("test_a", PASS)
    ended = project.run()
    assert ended.code == 0, ended.output
    found = verdicts(project)
    assert list(found) == [("flannel", "nft"), ("flannel", "legacy")]
    for (_, variant), verdict in found.items():
        assert variant in verdict["lab"]["software"]["iptables"]
    assert project.run("--program", "flannel@legacy").code == 0
    assert list(verdicts(project)) == [("flannel", "legacy")]


def test_the_list_has_each_program_on_each_of_its_variants(project: Any) -> None:
    with_variants(project, "nft", "legacy")
    project.more = {"flannel-vxlan": {}, "flannel-vxlan-readonly": {}}
    project.test("test_a", PASS)
    listed = json.loads(project.run("--list-requirements", "--json").output)
    assert [(row["program"], row["variant"], row["planned"]) for row in listed] == [
        ("flannel", "nft", True), ("flannel", "legacy", True), ("flannel-vxlan", "default", True),
    ]  # fmt: skip
    lines = project.run("--list-requirements").output.splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    assert heads == [
        "flannel@nft  toy-required (required)", "flannel@legacy  toy-required (required)",
        "flannel-vxlan  toy-required (required)",
    ]  # fmt: skip


def test_what_is_run_on_request_is_listed_as_such(project: Any) -> None:
    project.more = {"toys-legacy": {"lab": "flannel", "applies_to": ["legacy"], "on_request": True}}
    project.test("test_a", PASS)
    listed = json.loads(project.run("--list-requirements", "--json").output)
    told = [(row["program"], row["variant"], row["planned"], row.get("on_request", False)) for row in listed]
    assert told == [("flannel", "default", True, False), ("toys-legacy", "legacy", False, True)]
    assert all(row["faults"] == ["paused"] for row in listed)
    lines = project.run("--list-requirements").output.splitlines()
    assert lines[-3:-1] == ["toys-legacy@legacy (on request)  toy-required (required)", "    suites.flannel.test_toy.test_a"]
    one_line(project.run("--program", "toys-legacy@nft"), 'program "toys-legacy" has no variant "nft"; there are: legacy')
    assert project.run().code == 0
    assert list(verdicts(project)) == [("flannel", "default")]
    assert project.run("--program", "toys-legacy").code == 0
    assert list(verdicts(project)) == [("toys-legacy", "legacy")]


def one_line(ended: Any, *words: str) -> None:
    assert ended.code == 4, ended.output
    assert len(ended.output.strip().splitlines()) == 1, ended.output
    for word in words:
        assert word in ended.output


def test_a_variant_that_the_guideline_names_and_the_lab_does_not_have_is_one_line(project: Any) -> None:
    with_variants(project, "nft", "vxlan")
    project.test("test_a", PASS)
    one_line(
        project.run(), "labproof.2026.11.json", 'program "flannel" has no variant "vxlan"; there are: default, legacy, nft'
    )
    assert not project.results.exists()


@pytest.mark.parametrize(("lab", "other"), [("flannel", "flannel-vxlan"), ("flannel-vxlan", "flannel")])
def test_a_kept_lab_is_not_taken_for_another_of_its_suite(project: Any, lab: str, other: str) -> None:
    project.more = {"flannel-vxlan": {}}
    project.test("test_a", PASS)
    project.write()
    project.lab("up", lab)
    try:
        one_line(project.run("--lab", lab, "--program", other), f'program "{other}" is not served by the given labs: {lab}')
        assert project.run("--lab", lab).code == 0
        assert list(verdicts(project)) == [(lab, "default")]
    finally:
        project.lab("down", lab)


def test_two_guidelines_judge_one_program_each_by_its_own_flags(project: Any) -> None:
    """Last year's, which flags the test, beside this year's, which does not."""
    project.test("test_a", "holds([Problem('toy-known', 'n1', 'a', 'b')])", flagged=True)
    project.write()
    old, new = project.guideline(id="labproof.2025.11"), project.guideline()
    for test in new["capabilities"]["toy-required"]["tests"].values():
        del test["flagged"]
    for name, of in (("old", old), ("new", new)):
        (project.path / f"{name}.json").write_text(json.dumps(of))
    ended = project.run("--guideline", "new.json", "--guideline", "old.json")
    assert ended.code == 1, ended.output
    assert "failed as flagged" not in ended.output
    assert [(each["guideline"], outcomes(each)) for each in project.verdict()["verdicts"]] == [
        ("labproof.2026.11", {"test_a": "failed"}), ("labproof.2025.11", {"test_a": "failed"}),
    ]  # fmt: skip
    assert [json.loads(line)["attempt"] for line in (project.results / "outcomes.jsonl").read_text().splitlines()] == [1]


def test_a_program_is_judged_on_each_kept_lab_that_is_given(project: Any) -> None:
    project.test("test_a", PASS)
    project.write()
    try:
        for variant in ("nft", "legacy"):
            project.lab("up", f"flannel@{variant}", "--name", variant, "--nodes", "2")
        ended = project.run("--lab", "nft", "--lab", "legacy", "--lab", "nft")
        assert ended.code == 0, ended.output
        assert {key: each["lab"]["name"] for key, each in verdicts(project).items()} == {
            ("flannel", "nft"): "nft", ("flannel", "legacy"): "legacy",
        }  # fmt: skip
        ended = project.run("--lab", "legacy", "--lab", "nft", "--resume")
        assert ended.code == 0, ended.output
    finally:
        for variant in ("nft", "legacy"):
            project.lab("down", variant)

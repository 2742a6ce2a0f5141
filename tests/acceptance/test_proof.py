"""What a proof answers: the matrix, flagged requirements and their work-arounds, what else catches a fault, going on."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest

MENDS = """
from proof import mended_by

@fault("process")
def remembered(lab) -> Iterator[None]:
    open("mended", "w").close()
    yield
    os.remove("mended")
"""
KNOWN = "[] if os.path.exists('mended') else [Problem('toy-known', 'n1', 'a', 'b')]"
PAUSED = "@proven_by(paused, kind='toy-paused')"
PASS = "holds(judged(flannel))"


def matrix(project: Any) -> dict[tuple[str, str], dict[str, Any]]:
    cells = json.loads((project.results / "proof/proof.json").read_text())
    return {(cell["requirement"].rpartition(".")[2], cell["fault"]): cell for cell in cells}


def results(project: Any) -> dict[tuple[str, str], str]:
    return {place: cell["result"] for place, cell in matrix(project).items()}


def with_readonly(project: Any) -> None:
    """Let the project's guideline have a program without faults, too."""
    plain = project.guideline

    def guideline() -> dict[str, Any]:
        made: dict[str, Any] = plain()
        made["platforms"]["flannel-readonly"] = made["platforms"]["flannel"]
        return made

    project.guideline = guideline


def test_proof_catches_and_misses(project: Any) -> None:
    project.test("test_a", PASS)
    project.test("test_b", "pass")
    project.test("test_c", "raise ValueError('not a judgement')")
    ended = project.run("--proof")
    assert ended.code == 1, ended.output
    assert results(project) == {
        ("test_a", "healthy"): "silent", ("test_a", "paused"): "caught",
        ("test_b", "healthy"): "silent", ("test_b", "paused"): "missed",
        ("test_c", "healthy"): "false alarm", ("test_c", "paused"): "wrong reason",
    }  # fmt: skip


DEADLY = """
from labs.errors import NotStarted

@fault("process")
def deadly(lab) -> Iterator[None]:
    yield
    raise NotStarted("dockerd of n1", "exit code 2", "no such flag")
"""


def test_a_daemon_that_a_seeded_faults_heal_does_not_get_up_blocks_the_case(project: Any) -> None:
    project.code("deadly", DEADLY)
    project.test("test_a", "pass", above="@proven_by(deadly, kind='not-started')")
    ended = project.run("--proof")
    assert ended.code == 1, ended.output
    assert results(project) == {("test_a", "healthy"): "silent", ("test_a", "deadly"): "blocked"}


def test_what_is_caught_does_not_count_for_x(project: Any) -> None:
    project.test("test_a", PASS)
    project.test("test_b", "raise ValueError('not a judgement')")
    project.test("test_c", PASS)
    assert project.run("--proof", "-x").code == 1
    assert results(project) == {
        ("test_a", "healthy"): "silent", ("test_a", "paused"): "caught", ("test_b", "healthy"): "false alarm",
    }  # fmt: skip
    [suite] = ElementTree.parse(project.results / "proof/junit.xml").getroot()
    assert [suite.get(name) for name in ("failures", "skipped")] == ["1", "1"]


def test_a_flagged_requirement_is_proven_under_its_mend(project: Any) -> None:
    project.code("mends", MENDS)
    above = f"@mended_by(remembered)\n{PAUSED}"
    project.test("test_a", f"holds(judged(flannel) or ({KNOWN}))", flagged=True, above=above)
    project.test("test_b", PASS, above=above)
    ended = project.run("--proof")
    assert ended.code == 0, ended.output
    assert results(project) == {
        ("test_a", "healthy"): "known", ("test_a", "remembered"): "mended", ("test_a", "paused"): "caught",
        ("test_b", "healthy"): "silent", ("test_b", "paused"): "caught",
    }  # fmt: skip
    assert matrix(project)["test_a", "paused"]["mend"] == "remembered"
    assert "1 known failures, 1 mended" in ended.output


def test_a_mend_that_mends_nothing_and_a_flag_out_of_date_are_a_no(project: Any) -> None:
    project.code("mends", MENDS)
    above = f"@mended_by(remembered)\n{PAUSED}"
    project.test("test_a", "holds([Problem('toy-known', 'n1', 'a', 'b')])", flagged=True, above=above)
    project.test("test_b", PASS, flagged=True, above=above)
    ended = project.run("--proof")
    assert ended.code == 1, ended.output
    assert results(project) == {
        ("test_a", "healthy"): "known", ("test_a", "remembered"): "not mended", ("test_a", "paused"): "wrong reason",
        ("test_b", "healthy"): "passes though flagged", ("test_b", "remembered"): "mended", ("test_b", "paused"): "caught",
    }  # fmt: skip
    assert "1 not mended" in ended.output.splitlines()[-1]


@pytest.mark.parametrize(
    ("above", "flagged", "words"),
    [
        (f"{PAUSED}\n@proven_by(paused, kind='other')", False, "names fault paused twice"),
        (PAUSED, True, "is flagged and names no work-around under which it passes"),
    ],
)
def test_what_cannot_be_proven_is_a_usage_error(project: Any, above: str, flagged: bool, words: str) -> None:
    name = project.test("test_a", PASS, flagged=flagged, above=above)
    ended = project.run("--proof")
    assert ended.code == 4, ended.output
    assert f"{name}: {words}" in ended.output
    assert "Traceback" not in ended.output


def test_other_tests_that_need_no_fault_are_asked_under_each(project: Any) -> None:
    with_readonly(project)
    project.test("test_a", PASS)
    project.test("test_b", PASS)
    project.test("test_of_its_own", PASS, above=f"@instance('own')\n{PAUSED}")
    project.test("test_of_cases", PASS, above=f"@pytest.mark.parametrize('case', ['one'])\n{PAUSED}")
    project.test("test_no_judge", "assert not judged(flannel)", status="advisory")
    ended = project.run("--proof", "-k", "test_a or test_b")
    assert ended.code == 0, ended.output
    cells = matrix(project)
    assert cells["test_a", "paused"]["also"] == ["suites.flannel.test_toy.test_b"]
    assert cells["test_b", "paused"]["also"] == ["suites.flannel.test_toy.test_a"]
    assert cells["test_a", "healthy"]["also"] == []


def test_a_proof_is_gone_on_with(project: Any) -> None:
    project.test("test_a", PASS)
    project.test("test_b", "holds(judged(flannel) if os.path.exists('mended') else [])")
    assert project.run("--proof", "-k", "test_a").code == 0
    ended = project.run("--proof", "--resume")
    assert ended.code == 1, ended.output
    assert results(project) == {
        ("test_a", "healthy"): "silent", ("test_a", "paused"): "caught",
        ("test_b", "healthy"): "silent", ("test_b", "paused"): "missed",
    }  # fmt: skip
    (project.path / "mended").touch()
    ended = project.run("--proof", "--rerun", "failed")
    assert ended.code == 0, ended.output
    lines = [json.loads(line) for line in (project.results / "proof/outcomes.jsonl").read_text().splitlines()]
    assert [(line["test"].rpartition(".")[2], line["case"], line["attempt"]) for line in lines] == [
        ("test_a", "healthy", 1), ("test_a", "paused", 1), ("test_b", "healthy", 1), ("test_b", "paused", 1),
        ("test_b", "paused", 2),
    ]  # fmt: skip

"""`python -m reports judge` and `guideline carry`, as a user calls them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from subunit.v2 import StreamResultToBytes

from reports.guideline import read
from reports.outcomes import Outcome, Record, append

ROOT = Path(__file__).parents[2]
ID = "0b6f0f2e-7c1e-4a57-9d55-3a4f3a8a1f1"


@dataclass
class Ended:
    code: int
    output: str
    errors: str


@pytest.fixture
def reports(tmp_path: Path) -> Callable[..., Ended]:
    def run(*arguments: object) -> Ended:
        command = [sys.executable, "-m", "reports", *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'fixtures'}"}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False)
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def guideline(tmp_path: Path) -> Path:
    """Two required tests, one of them flagged, one advisory."""
    about = {"achievements": [], "admin": False, "description": "d", "project": "p"}
    flag = {"reason": "D100 slow", "action": "none", "date": "2016-01-01"}
    tests = {
        "m.C.test_a": {"idempotent_id": f"id-{ID}0", "aliases": ["m.C.test_old"]},
        "m.C.test_b": {"idempotent_id": f"id-{ID}1", "flagged": flag},
    }
    document = {
        "metadata": {"id": "2016.99", "schema": "2.0"},
        "platforms": {"OpenStack Powered Compute": {"components": [{"name": "c"}]}},
        "components": {"c": {"capabilities": {"required": ["most"], "advisory": ["more"]}}},
        "capabilities": {
            "most": {**about, "tests": tests},
            "more": {**about, "tests": {"m.D.test_c": {"idempotent_id": f"id-{ID}2"}}},
        },
    }
    path = tmp_path / "g.json"
    path.write_text(json.dumps(document))
    return path


def refstack(path: Path, *names: str, **more: Any) -> Path:
    results = [{"name": name, "uuid": f"{ID}0"} for name in names]
    path.write_text(json.dumps({"cpid": "a1b2", "duration_seconds": 184, "results": results, **more}))
    return path


def subunit(path: Path, *statuses: tuple[str, str]) -> Path:
    with path.open("wb") as written:
        for test, status in statuses:
            StreamResultToBytes(written).status(test_id=test, test_status=status)
    return path


def outcomes(path: Path, *records: tuple[str, Outcome, str]) -> Path:
    for test, outcome, variant in records:
        why = None if outcome is Outcome.passed else "why"
        append(path, Record(test, None, None, "compute", variant, outcome, why, "2026-11-20T10:00:00+00:00", 2.0))
    return path


def test_a_long_reason_in_the_first_line_of_outcomes(tmp_path: Path, guideline: Path, reports: Callable[..., Ended]) -> None:
    append(
        tmp_path / "o.jsonl",
        Record("m.C.test_a", None, None, "x", "default", Outcome.failed, "x" * 200_000, "2026-11-20T10:00:00+00:00", 1.0),
    )
    assert reports("judge", "o.jsonl", "--guideline", guideline).code == 1


def verdicts(tmp_path: Path, folder: str = "results/judged") -> list[dict[str, Any]]:
    return json.loads((tmp_path / folder / "verdict.json").read_text())["verdicts"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("form", ["refstack", "subunit", "outcomes"])
def test_a_yes_of_each_form(form: str, tmp_path: Path, guideline: Path, reports: Callable[..., Ended]) -> None:
    file = {
        "refstack": lambda path: refstack(path, "m.C.test_old", "m.C.test_b"),
        "subunit": lambda path: subunit(path, (f"m.C.test_a[id-{ID}0,smoke]", "success"), ("m.C.test_b", "success")),
        "outcomes": lambda path: outcomes(path, *((f"m.C.test_{x}", Outcome.passed, "default") for x in "ab")),
    }[form](tmp_path / "file")
    ended = reports("judge", file, "--guideline", guideline, "--program", "compute")
    assert ended.code == 0, ended.errors
    assert ended.output.splitlines()[0] == (
        "This lab passes 100.0 % (2/2) of the tests in the 2016.99 required capabilities of the OpenStack Powered Compute "
        "program. Excluding flagged tests, it passes 100.0 % (1/1). Compliance with 2016.99: YES"
    )
    assert "Verdict: results/judged/verdict.json" in ended.output
    assert ("RefStack results hold passes alone" in ended.output) is (form == "refstack")
    [verdict] = verdicts(tmp_path)
    assert (verdict["compliant"], verdict["lab"]["name"], verdict["lab"]["kind"]) == (True, "file", "file")
    assert (tmp_path / "results/judged/summary.md").read_text().startswith("# Compliant: YES")


def official(name: str) -> Path:
    folder = Path(os.environ.get("LABPROOF_GUIDELINES") or ROOT.parent / "shared" / "guidelines")
    if not (folder / name).is_file():
        pytest.skip(f"no {name}; name the folder of the official guideline files by LABPROOF_GUIDELINES")
    return folder / name


def test_the_sentence_of_the_seed_article(tmp_path: Path, reports: Callable[..., Ended]) -> None:
    compute = read(str(official("2015.07.json"))).program("compute")
    assert compute is not None
    plain = [each.test for each in compute.requirements if each.status == "required" and each.flag is None]
    file = refstack(tmp_path / "r", *plain[:2])
    ended = reports("judge", file, "--guideline", official("2015.07.json"), "--program", "compute")
    assert ended.code == 1
    assert ended.output.splitlines()[0] == (
        "This lab passes 1.8 % (2/114) of the tests in the 2015.07 required capabilities of the OpenStack Powered Compute "
        "program. Excluding flagged tests, it passes 2.4 % (2/85). Compliance with 2015.07: NO"
    )


def test_a_no_and_why(tmp_path: Path, guideline: Path, reports: Callable[..., Ended]) -> None:
    file = subunit(tmp_path / "s", ("setUpClass (m.C)", "fail"), ("m.D.test_c", "skip"))
    ended = reports("judge", file, "--guideline", guideline)
    assert (ended.code, ended.errors) == (1, "")
    assert "failed  OpenStack Powered Compute  m.C.test_a: setUpClass (m.C)" in ended.output
    assert "skipped OpenStack Powered Compute  m.D.test_c" in ended.output
    assert "note: setUpClass (m.C): failed" in ended.output


def test_what_ran_under_another_name_does_not_count_and_is_told(
    tmp_path: Path, guideline: Path, reports: Callable[..., Ended]
) -> None:
    ended = reports("judge", refstack(tmp_path / "r", "n.E.test_a", "m.C.test_b"), "--guideline", guideline)
    assert ended.code == 1
    assert "note: 1 tests of 2016.99 OpenStack Powered Compute stand in the results by their id alone" in ended.output


@pytest.mark.parametrize("names", [[], ["x.y.test_z"]])
def test_results_without_a_test_of_the_program_are_no_run(
    names: list[str], tmp_path: Path, guideline: Path, reports: Callable[..., Ended]
) -> None:
    ended = reports("judge", refstack(tmp_path / "r", *names), "--guideline", guideline)
    assert (ended.code, verdicts(tmp_path)[0]["compliant"]) == (5, False)
    assert "Compliance with 2016.99: NO" in ended.output


def test_each_variant_of_outcomes_has_its_verdict(tmp_path: Path, guideline: Path, reports: Callable[..., Ended]) -> None:
    passed, failed = Outcome.passed, Outcome.failed
    file = outcomes(tmp_path / "o.jsonl", ("m.C.test_a", passed, "nft"), ("m.C.test_a", failed, "legacy"))
    assert reports("judge", file, "--guideline", guideline).code == 1
    assert [(each["variant"], each["compliant"]) for each in verdicts(tmp_path)] == [("nft", True), ("legacy", False)]
    assert reports("judge", file, "--guideline", guideline, "--program", "compute@nft").code == 0
    wrong = reports("judge", file, "--guideline", guideline, "--program", "compute@vxlan")
    assert wrong.code == 4
    assert 'has no variant "vxlan"' in wrong.errors


def test_two_guidelines_judge_one_program(tmp_path: Path, guideline: Path, reports: Callable[..., Ended]) -> None:
    later = tmp_path / "later.json"
    later.write_text(guideline.read_text().replace("2016.99", "2017.99").replace("m.C.test_a", "m.C.test_new"))
    file = refstack(tmp_path / "r", "m.C.test_a")
    assert reports("judge", file, "--guideline", guideline, "--guideline", later, "--program", "compute").code == 1
    assert [(each["guideline"], each["compliant"]) for each in verdicts(tmp_path)] == [("2016.99", True), ("2017.99", False)]


def test_earlier_verdicts_are_moved_aside_and_other_files_left_alone(
    tmp_path: Path, guideline: Path, reports: Callable[..., Ended]
) -> None:
    def judged(*names: str, folder: str = "out") -> Ended:
        return reports("judge", refstack(tmp_path / "r", *names), "--guideline", guideline, "--results", folder)

    assert judged().code == 5
    again = judged("m.C.test_a")
    assert again.code == 0
    [aside] = tmp_path.glob("out.*")
    assert f"earlier results: moved to {aside.name}" in again.output
    assert (verdicts(tmp_path, aside.name)[0]["compliant"], verdicts(tmp_path, "out")[0]["compliant"]) == (False, True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    refused = judged("m.C.test_a", folder="mine")
    assert (refused.code, [path.name for path in (tmp_path / "mine").iterdir()]) == (4, ["thesis.txt"])
    assert "holds files that are no run's results" in refused.errors


def test_bad_input_is_one_line(tmp_path: Path, guideline: Path, reports: Callable[..., Ended]) -> None:
    (tmp_path / "file").write_bytes(b"hello")
    ended = reports("judge", "file", "--guideline", guideline)
    assert (ended.code, ended.output) == (4, "")
    assert ended.errors.startswith("reports: file: no subunit stream")
    assert len(ended.errors.splitlines()) == 1


def test_a_guideline_carried_forward_is_told_and_written_once(tmp_path: Path, reports: Callable[..., Ended]) -> None:
    kept, moved = (
        "tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token",
        "tempest.api.identity.v3.test_old.Old.test_x",
    )
    ids = {kept: "id-6f8e4436-fc96-4282-8122-e41df57197a9", moved: "id-6f8e4436-fc96-4282-8122-e41df57197a9"}
    about = {"achievements": [], "admin": False, "description": "d", "project": "p"}
    document = {
        "id": "2016.99",
        "schema": "1.5",
        "platform": {"required": ["compute"]},
        "components": {"compute": {"required": ["tokens"], "advisory": [], "deprecated": [], "removed": []}},
        "capabilities": {"tokens": {**about, "tests": {name: {"idempotent_id": id} for name, id in ids.items()}}},
    }
    (tmp_path / "old.json").write_text(json.dumps(document))
    for _ in range(2):  # the same again is no harm
        ended = reports("guideline", "carry", "old.json", "-o", "new.json")
        assert (ended.code, ended.errors) == (0, "")
    assert "2016.99 OpenStack Powered Compute: 2 required: 1 kept, 0 renamed, 1 moved, 0 gone" in ended.output.splitlines()
    assert f"{moved} -> {kept}" in ended.output
    assert read(str(tmp_path / "new.json")).id.startswith("2016.99-carried-tempest-")
    file = refstack(tmp_path / "r", kept, moved)
    assert reports("judge", file, "--guideline", "new.json", "--program", "compute").code == 0

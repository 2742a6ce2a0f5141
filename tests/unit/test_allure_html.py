"""The HTML report: what is told when it cannot be made, and the real one where `allure` is on the path."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from reports import allure, allure_files, html
from reports.allure import Place
from reports.guideline import Flag, Requirement
from reports.outcomes import Outcome


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results" / "allure-results"
    folder.mkdir(parents=True)
    need = Requirement("suites.x.test_a.test_one", None, (), "c", "required", None)
    for lab, outcome, reason in (("x", Outcome.blocked, "blocked: no vxlan"), ("x-legacy", Outcome.missing, "deselected")):
        allure.add(folder, need.test, allure.labels(need, "x"), Place("default", 3, "x", lab), outcome, reason)
    flagged = replace(need, test="suites.x.test_a.test_two", flag=Flag("D901 fails upstream", "wait", ""))
    allure.add(folder, flagged.test, allure.labels(flagged, "x"), Place("default", 3, "x", "x"), Outcome.passed, None)
    allure.mark_flagged(folder)
    allure_files.write_environment(folder, {"flanneld": "0.28.4"})
    allure_files.write_categories(folder)
    return folder.parent


def test_without_results_it_says_what_to_run(tmp_path: Path) -> None:
    for made in (False, True):
        if made:
            (tmp_path / "allure-results").mkdir()
        with pytest.raises(html.ReportError, match=r"no results to report on; run `tox -e conformance` first"):
            html.generate(["allure"], tmp_path, tmp_path / "out")
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo first; echo 'the last line' >&2; exit 3", "allure ended with exit code 3: the last line"),
        ("echo 'Error: no such folder' >&2; echo ' at x.js' >&2; exit 1", "exit code 1: Error: no such folder"),
        ("printf '\\033[31mInternal Error\\033[0m: x'; exit 1", "exit code 1: Internal Error: x"),
        ("exit 2", "exit code 2: it said nothing"),
        ("exit 0", "allure made no folder report, though it ended with exit code 0"),
    ],
)
def test_an_allure_that_fails_is_one_line(results: Path, tmp_path: Path, script: str, told: str) -> None:
    with pytest.raises(html.ReportError, match=told) as error:
        html.generate(["sh", "-c", script], results, tmp_path / "out")
    assert "\n" not in str(error.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_an_allure_that_is_not_there(results: Path, tmp_path: Path) -> None:
    with pytest.raises(html.ReportError, match="/none/allure: allure cannot be started: No such file"):
        html.generate(["/none/allure"], results, tmp_path / "out")


def test_an_allure_that_hangs(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "LIMIT", 0.05)
    with pytest.raises(html.ReportError, match="not done within"):
        html.generate(["sh", "-c", "exec sleep 5"], results, tmp_path / "out")


@pytest.mark.skipif(shutil.which("allure") is None, reason="no allure on the path")
def test_the_real_report(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for out in (tmp_path / "out", Path("out")):  # the second replaces the first
        made = html.generate(["allure"], results, out, name="Labproof: flannel")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["allure", "allure.html"]
    for page in (made.folder, made.file):
        assert "google" not in page.read_text(encoding="utf-8")
    categories = json.loads((made.folder.parent / "widgets" / "categories.json").read_text())
    names = {node["name"] for node in categories["nodes"].values() if node["type"] == "category"}
    assert names == {"Blocked", "Missing", "Flagged, passes now"}
    assert made.file.stat().st_size > 1_000_000

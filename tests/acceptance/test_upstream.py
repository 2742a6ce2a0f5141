"""docs/upstream.md: the steps of each report are run, in a lab of their own, and show what the report says was found."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/upstream.md").read_text()
REPORTS = dict(re.findall(r"^## (D\d+): (.*?)(?=^## |\Z)", PAGE, re.M | re.S))
TOX, LAB = ".venv/bin/tox -e lab -- ", f"{shlex.quote(sys.executable)} -m labs "
DIFFERS = (
    (r"^([IWEF])\d{4} \S+ +\d+ ", r"\1 "),
    (r"\b10\.(24\d)\.\d+\.", r"10.\1.N."),
    (r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", "MAC"),
    (r"\b0x[0-9a-f]+\b", "0x"),
    (r"^goroutine \d+", "goroutine"),
)
"""What no two runs have in common: times and pids, subnets that flannel draws, MAC addresses, pointers."""


def same(text: str) -> set[str]:
    """The lines of a text that say something, without what differs from run to run."""
    lines = {line.strip() for line in text.splitlines() if line.strip()}
    for pattern, stands_for in DIFFERS:
        lines = {re.sub(pattern, stands_for, line) for line in lines}
    return lines


def block(report: str, kind: str) -> str:
    """The first block of a kind."""
    found = re.search(rf"^```{kind}\n(.*?)^```", report, re.M | re.S)
    assert found
    return found[1]


def run(command: str, state: Path) -> str:
    """What a command of the page says, tox left out."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "TOX_"))}
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / 'fixtures'}", "LABPROOF_STATE": str(state)}
    ended = subprocess.run(
        ["bash", "-c", command.replace(TOX, LAB)], cwd=ROOT, env=kept | paths, timeout=60, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, f"{command}\n{ended.stdout}"
    return ended.stdout


@pytest.mark.parametrize("report", REPORTS)
def test_the_steps_show_what_was_found(report: str, tmp_path: Path) -> None:
    up, *steps, last = block(REPORTS[report], "sh").splitlines()
    assert up.startswith(f"{TOX}up ")
    assert all(step.startswith(TOX) for step in (*steps, last))
    try:
        run(up, tmp_path)
        for step in steps:
            run(step, tmp_path)
        assert same(run(last, tmp_path)) == same(block(REPORTS[report], "text"))
    finally:
        run(up.replace(f"{TOX}up", f"{TOX}down"), tmp_path)


def test_every_report_is_whole_and_of_a_flagged_requirement() -> None:
    capabilities = json.loads((ROOT / "guidelines/labproof.2026.11.json").read_text())["capabilities"].values()
    flags = {
        test: rule["flagged"]["reason"][:4]
        for each in capabilities
        for test, rule in each["tests"].items()
        if "flagged" in rule
    }
    ours = ("suites.flannel.", "suites.forward_policy.")
    assert {flag for test, flag in flags.items() if test.startswith(ours)} <= set(REPORTS) <= set(flags.values())
    for report in REPORTS.values():
        assert re.findall(r"^\*\*(\w+(?:-\w+)?)\b\.?\*\*", report, re.M) == [
            "Steps", "Expected", "Found", "Evidence", "Work-around", "Requirement",
        ]  # fmt: skip
        assert re.findall(r"`test_\w+`", report)


def test_the_requirements_that_reports_name_are_there() -> None:
    tests = {name for file in ROOT.glob("suites/*/test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())}
    assert set(re.findall(r"`(test_\w+)`", PAGE)) <= tests

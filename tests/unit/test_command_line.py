"""A mistyped option: one line, with the one that was meant, if one can have been meant."""

import subprocess
import sys
from pathlib import Path

import pytest

from proof.__main__ import shortened

ROOT = Path(__file__).parents[2]
OURS = ["--program", "--guideline", "--lab", "--nodes", "--results", "--list-requirements", "--resume", "--rerun", "--proof"]
PYTESTS = ["-k", "-x", "--verbose", "--maxfail", "--log-file", "--collect-only", "--help", "--pdb"]


def told(option: str) -> str:
    return shortened(f"usage: …\n__main__.py: error: unrecognized arguments: {option}\n  inifile: None", [*OURS, *PYTESTS])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("--progam", "--program"), ("--programme", "--program"), ("--porgram", "--program"), ("--result", "--results"),
        ("--node", "--nodes"), ("--labs", "--lab"), ("--resum", "--resume"), ("--prof", "--proof"),
        ("--guidline", "--guideline"),
        ("--list-requirement", "--list-requirements"), ("--max-fail", "--maxfail"),
    ],
)  # fmt: skip
def test_what_is_nearly_an_option_is_taken_for_it(typed: str, meant: str) -> None:
    assert told(typed) == f"{typed}: unknown option; did you mean {meant}?"


@pytest.mark.parametrize("typed", ["--bogus", "--foo", "--defaults", "--waivers", "--xyz", "--", "--full"])
def test_what_is_like_none_is_not(typed: str) -> None:
    assert "did you mean" not in told(typed)


def test_it_is_one_line_on_the_command_line() -> None:
    command = [sys.executable, "-m", "proof", "--bogus"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (4, "")
    assert ended.stderr.strip() == "ERROR: --bogus: unknown option; --help lists those there are"

"""What `python -m reports` refuses: one line, exit code 4, and nothing is written."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from reports.commands import main


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a guideline, g.json, and results, r."""
    about = {"achievements": [], "admin": False, "description": "d", "project": "p"}
    document = {
        "metadata": {"id": "2016.99", "schema": "2.0"},
        "platforms": {"OpenStack Powered Compute": {"components": [{"name": "c"}]}},
        "components": {"c": {"capabilities": {"required": ["most"]}}},
        "capabilities": {"most": {**about, "tests": {"m.C.test_a": {"idempotent_id": "id-1"}}}},
    }
    (tmp_path / "g.json").write_text(json.dumps(document))
    (tmp_path / "r").write_text('{"cpid": "c", "duration_seconds": 1, "results": [{"name": "m.C.test_a"}]}')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def one_line(capsys: pytest.CaptureFixture[str], arguments: Sequence[str], *words: str) -> None:
    assert main(arguments) == 4
    output, errors = capsys.readouterr()
    assert output == ""
    assert len(errors.splitlines()) == 1, errors
    assert errors.startswith("reports: ")
    for word in words:
        assert word in errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["COMMAND"]),
        (["jugde"], ["jugde", "judge"]),
        (["judge"], ["FILE", "python -m reports judge --help"]),
        (["judge", "r"], ["give --guideline FILE_OR_URL"]),
        (["judge", "r", "--guideline", "none.json"], ["none.json: cannot be read"]),
        (
            ["judge", "r", "--guideline", "g.json", "--program", "object"],
            ['no program is called "object"', "OpenStack Powered Compute"],
        ),
        (["judge", "r", "--guideline", "g.json", "--program", "flannel"], ["g.json: has none of the programs asked for"]),
        (["judge", "none", "--guideline", "g.json"], ["none: no such file"]),
        (["judge", ".", "--guideline", "g.json"], ["a folder"]),
        (["judge", "r", "--guideline", "g.json", "--results", "."], ["holds r itself"]),
        (["guideline"], ["ACTION"]),
        (["guideline", "carry", "none.json"], ["none.json: cannot be read"]),
        (["guideline", "carry", "r"], ['no "metadata.schema"']),
        (["guideline", "carry", "g.json", "-o", "g.json"], ["g.json: is there already"]),
        (["guideline", "carry", "g.json", "-o", "no/where.json"], ["no/where.json: No such file or directory"]),
    ],
)
def test_bad_arguments_are_one_line(
    arguments: Sequence[str], words: Sequence[str], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one_line(capsys, arguments, *words)
    assert {path.name for path in here.iterdir()} == {"g.json", "r"}


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"<!DOCTYPE html>", "an HTML or XML page"),
        (b"[1, 2]", "a list"),
        (b'{"cpid": 1}', "duration_seconds: missing"),
        (b'{"test": "x", "outcome": "lucky"}\n', "not an outcome"),
        (b'{"test": "x", "outcome": "passed"', "not JSON"),
        (b"\x7fELF\x02\x01", "no subunit stream"),
        (b"\xb3\x29\x00", "the packet at byte 0 is not whole"),
        (b"hello", "no subunit stream"),
        (bytes(100_000), "no subunit stream"),
    ],
)
def test_a_file_that_cannot_be_judged_is_one_line(
    data: bytes, word: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "file").write_bytes(data)
    one_line(capsys, ["judge", "file", "--guideline", "g.json"], "reports: file:", word)


def test_a_defect_of_ours_is_no_verdict(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("reports.judge.judging.select", broken)
    assert main(["judge", "r", "--guideline", "g.json"]) == 3
    assert "ZeroDivisionError: a defect" in capsys.readouterr().err


def test_a_terminal_that_does_not_have_each_sign_is_written_to_all_the_same(here: Path) -> None:
    results = [{"name": f"m.C.test_{number}"} for number in range(9)]
    (here / "r").write_text(json.dumps({"cpid": "c", "duration_seconds": 1, "results": results}))
    words = ["upload", "r", "-y", "--deadline", "0.1", "--server", "http://127.0.0.1:9"]
    env = os.environ | {"PYTHONIOENCODING": "latin-1", "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    done = subprocess.run([sys.executable, "-m", "reports", *words], env=env, capture_output=True, timeout=60)
    assert done.returncode == 7, done.stderr
    assert b"  ? and 4 more\n" in done.stdout

"""A process that dies with its parent."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labs.embedded.state import born
from labs.wait import until

CHILD = """
import os, sys, threading
from pathlib import Path
from labs.watch import die_with
note = Path(sys.argv[1])
die_with(int(sys.argv[2]) or os.getppid(), lambda: note.write_text("called"), lambda: 1 / 0)
print("watching", os.getpid(), flush=True)
threading.Event().wait()
"""
PARENT = """
import subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1], sys.argv[2], "0"])
"""


@pytest.fixture
def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}


def test_it_ends_with_its_parent_after_the_callbacks(tmp_path: Path, environment: dict[str, str]) -> None:
    note = tmp_path / "note"
    argv = [sys.executable, "-c", PARENT, CHILD, str(note)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        _, pid = parent.stdout.readline().split()
        assert not note.exists()
        parent.kill()
        until(lambda: born(int(pid)) is None, within=3, what="its end")
        assert note.read_text() == "called"


@pytest.mark.parametrize("parent", ["gone", "another"])
def test_a_parent_that_was_gone_before(parent: str, tmp_path: Path, environment: dict[str, str]) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    pid = gone.pid if parent == "gone" else 1
    argv = [sys.executable, "-c", CHILD, str(tmp_path / "note"), str(pid)]
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert (tmp_path / "note").read_text() == "called"

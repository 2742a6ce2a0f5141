"""Ctrl-C and SIGTERM at every moment of a run, and defects of the harness: never a traceback, never a yes."""

import os
import signal
import subprocess
import time
from typing import Any

import pytest

PASS = "holds(judged(flannel))"
DEFECT = """
import os
def pytest_runtest_logfinish(nodeid):
    if "{last}" in nodeid and "PYTEST_XDIST_WORKER" in os.environ:
        raise RuntimeError("defect")
"""


def interrupted_at(project: Any, line: str, number: int = signal.SIGINT, times: int = 1) -> tuple[int, str]:
    """Start a run, send the signal when its output has the words, and return how it ended."""
    started: subprocess.Popen[str] = project.start(PYTHONUNBUFFERED="1")
    assert started.stdout is not None
    said = ""
    while line not in said:
        chunk = started.stdout.readline()
        assert chunk, said
        said += chunk
    for _ in range(times):
        os.kill(started.pid, number)
        time.sleep(0.1)
    rest, _ = started.communicate(timeout=30)
    return started.returncode, said + rest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_while_it_plans(project: Any, number: int) -> None:
    project.test("test_a", PASS)
    started = project.start()
    deadline = time.monotonic() + 30
    while not list(project.scratch.glob("labproof-plan-*")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(started.pid, number)
    output, _ = started.communicate(timeout=30)
    assert started.returncode == 2, output
    assert "Traceback" not in output


def test_while_workers_are_made(project: Any) -> None:
    project.test("test_a", PASS)
    code, output = interrupted_at(project, "cases on")
    assert code == 2, output
    assert "Traceback" not in output
    assert "SyntaxError" not in output
    assert "KeyboardInterrupt" not in output
    assert project.outcomes() == {"test_a": "missing"}


def test_after_the_last_test(project: Any) -> None:
    project.test("test_a", PASS)
    code, output = interrupted_at(project, "passed ", times=3)
    assert code == 2, output
    assert "Traceback" not in output
    assert project.verdict()["verdicts"]


@pytest.mark.parametrize("last", ["test_a", "test_b"])
def test_a_defect_of_the_harness_in_a_worker_is_never_a_yes(project: Any, last: str) -> None:
    project.test("test_a", PASS)
    project.test("test_b", PASS)
    project.write()
    (project.path / "suites/flannel/conftest.py").write_text(DEFECT.format(last=last))
    ended = project.run()
    assert ended.code == 3, ended.output


def test_a_disk_that_fills_up_on_the_way_is_one_line_and_an_internal_error(project: Any) -> None:
    project.test("test_a", "open('results/filler', 'wb').write(b'0' * 10_000_000)")
    project.test("test_b", PASS)
    project.write()
    project.results.mkdir()
    user = [] if os.geteuid() == 0 else ["-U", "-r"]
    script = 'mount -t tmpfs -o size=2m tmpfs results && exec "$@"'
    command = ["unshare", *user, "--mount", "--propagation", "private", "sh", "-c", script, "sh", *project.command()]
    run = subprocess.run(command, cwd=project.path, env=project.environment(), capture_output=True, text=True, timeout=60)
    output = run.stdout + run.stderr
    assert run.returncode == 3, output
    assert "No space left on device" in output
    assert "Compliance with labproof.2026.11: YES" not in output

"""kill -9 of any part of the harness at random moments: within 3 s no process, interface or mount of it is left."""

import json
import os
import random
import signal
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.processes import GONE_SECONDS, alive, cmdline, comm, family, identity, marked, surroundings, wait_for

ROOT = Path(__file__).parents[2]
LONG = "flannel.nodes[0].host.run('sleep 60')"


def victim(kind: str, members: set[int], controller: int) -> int:
    """The process to kill, by what it is."""
    if kind in ("tox", "controller"):
        return controller
    if kind == "init":
        return min(pid for pid in members if comm(pid).startswith("lab "))
    return min(pid for pid in members if "import sys;exec(eval(sys.stdin.readline()))" in cmdline(pid))


def labs_up(project: Any) -> bool:
    states = [json.loads(path.read_text()) for path in project.results.glob("labs/*/state.json")]
    return bool(states) and all(state["state"] == "up" for state in states)


def begun(project: Any, kind: str, mark: str) -> Any:
    """A run of two labs with a command on a node of each; for "tox" below a parent that is no part of the harness."""
    project.test("test_long", LONG)
    project.test("test_other", LONG, above="@instance('other')\n@proven_by(paused, kind='toy-paused')")
    if kind != "tox":
        return project.start(LABPROOF_MARK=mark)
    wrapper = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"
    return project.start(under=[sys.executable, "-c", wrapper], LABPROOF_MARK=mark, TOX_ENV_NAME="conformance")


def at_some_moment(project: Any, kind: str, controller: int) -> int:
    """Wait for a moment at which to kill, and return whom."""
    if kind == "controller early":
        wait_for(lambda: project.results.exists(), 30, "the run has begun")
        time.sleep(random.uniform(0, 0.7))
    else:
        wait_for(lambda: labs_up(project), 60, "the labs are up")
        time.sleep(random.uniform(0, 1.5))
    target = victim(kind.split()[0], family(controller), controller)
    if kind == "worker":
        wait_for(lambda: any("sleep 60" in cmdline(pid) for pid in family(target)), 20, "the worker's test runs its command")
    return target


@pytest.mark.parametrize("kind", ["controller", "controller early", "worker", "init", "tox"])
def test_kill_9(project: Any, kind: str) -> None:
    before = surroundings()
    mark = f"labproof-test-{uuid.uuid4()}"
    started = begun(project, kind, mark)
    try:
        target = at_some_moment(project, kind, started.pid)
        members = {one for pid in family(started.pid) if (one := identity(pid))}
        own = {one for pid in family(target) if (one := identity(pid))}
        os.kill(target, signal.SIGKILL)
        if kind in ("worker", "init"):
            assert len(own) > 1
            wait_for(lambda: not alive(own), GONE_SECONDS, f"what was the {kind}'s is gone")
            assert started.poll() is None, "the run goes on without it"
            os.kill(started.pid, signal.SIGKILL)
        wait_for(lambda: not alive(members) | marked(mark), GONE_SECONDS, f"all gone after kill -9 of {kind}")
        assert surroundings() == before
    finally:
        for pid, _ in marked(mark):
            os.kill(pid, signal.SIGKILL)
        started.communicate(timeout=5)
    project.sweep()


def test_a_killed_worker_costs_one_rerun_on_a_new_lab(project: Any) -> None:
    project.test(
        "test_dies", "first = not os.path.exists('died'); open('died', 'w').close()\nif first: os.kill(os.getpid(), 9)"
    )
    project.test("test_after", "holds(judged(flannel))")
    ended = project.run()
    assert ended.code == 0, ended.output
    assert project.outcomes() == {"test_dies": "passed", "test_after": "passed"}
    assert "bringing up a new one" in ended.output


def test_a_worker_that_always_dies_is_blocked_and_the_rest_still_runs(project: Any) -> None:
    project.test("test_dies", "os.kill(os.getpid(), 9)")
    project.test("test_after", "holds(judged(flannel))")
    ended = project.run()
    assert ended.code == 1, ended.output
    assert project.outcomes() == {"test_dies": "blocked", "test_after": "passed"}


def test_a_lab_that_dies_in_a_test_is_replaced_for_the_next(project: Any) -> None:
    project.test(
        "test_kills",
        "from labs.wait import until\nos.kill(flannel.site.init.pid, 9)\n"
        "until(lambda: not flannel.alive, within=5, what='it is dead')\nholds(judged(flannel))",
    )
    project.test("test_after", "holds(judged(flannel))")
    ended = project.run()
    assert ended.code == 1, ended.output
    assert project.outcomes() == {"test_kills": "blocked", "test_after": "passed"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_once_it_heals_takes_down_and_reports(project: Any, number: int) -> None:
    project.test("test_a", "holds([])")
    project.test("test_long", "with paused(flannel):\n    open('in-force', 'w').close()\n    time.sleep(60)")
    started = project.start()
    outcomes = project.results / "outcomes.jsonl"
    wait_for(lambda: (project.path / "in-force").exists() and outcomes.exists(), 60, "the fault is in force")
    members = {one for pid in family(started.pid) if (one := identity(pid))}
    began = time.monotonic()
    os.kill(started.pid, number)
    output, _ = started.communicate(timeout=30)
    assert started.returncode == 2, output
    assert time.monotonic() - began < 20
    assert project.outcomes() == {"test_a": "passed", "test_long": "missing"}
    assert "Compliance with labproof.2026.11: NO" in " ".join(output.split())
    assert "Traceback" not in output
    assert not alive(members)


def test_a_second_ctrl_c_ends_it_at_once(project: Any) -> None:
    project.test(
        "test_stubborn",
        "try:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    open('healing', 'w').close()\n    time.sleep(60)",
    )
    started = project.start()
    wait_for(lambda: labs_up(project), 60, "the lab is up")
    time.sleep(1.0)
    members = {one for pid in family(started.pid) if (one := identity(pid))}
    os.kill(started.pid, signal.SIGINT)
    time.sleep(2.5)
    os.kill(started.pid, signal.SIGINT)
    started.communicate(timeout=5)
    assert started.returncode == 2
    wait_for(lambda: not alive(members), GONE_SECONDS, "all gone")
    project.sweep()

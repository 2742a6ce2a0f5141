"""Kept labs, as a person works with them: up, look inside, break something, run suites on it, down."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def lab(*arguments: str, state: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"LABPROOF_STATE": str(state), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'fixtures'}"}
    command = [sys.executable, "-m", "labs", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, **more
    )


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where a lab is up for the tests of this file."""
    folder = tmp_path_factory.mktemp("state")
    up = lab("up", "flannel", state=folder)
    assert up.returncode == 0, up.stderr
    assert "tox -e conformance -- --lab flannel" in up.stdout
    yield folder
    down = lab("down", "flannel", state=folder)
    assert down.returncode == 0, down.stderr
    assert json.loads(lab("ps", "--json", state=folder).stdout) == []


def nodes(state: Path) -> dict[str, Any]:
    [described] = json.loads(lab("ps", "--json", state=state).stdout)
    return {node["name"]: node for node in described["nodes"]}


def daemon(state: Path, node: str, name: str) -> dict[str, Any]:
    [described] = json.loads(lab("ps", "--json", state=state).stdout)
    [found] = [each for each in described["daemons"] if (each["node"], each["name"]) == (node, name)]
    return dict(found)


def test_it_outlives_its_command_and_is_described(state: Path) -> None:
    described = nodes(state)
    assert described["n1"]["addresses"]["eth0"][0] == "192.168.0.101/24"
    flanneld = daemon(state, "n1", "flanneld")
    assert flanneld["state"] == "running"
    assert b"flanneld" in Path(f"/proc/{flanneld['pid']}/cmdline").read_bytes()
    assert "flanneld (running)" in lab("ps", state=state).stdout


def test_commands_run_in_its_nodes_and_answer_with_their_own_code(state: Path) -> None:
    assert lab("exec", "n2", "--", "hostname", state=state).stdout == "n2\n"
    assert lab("exec", "etcd", "--", "sh", "-c", "exit 7", state=state).returncode == 7


def test_logs(state: Path) -> None:
    assert "Subnet added" in lab("logs", "n1", "flanneld", state=state).stdout


def test_a_fault_is_in_force_and_healed(state: Path) -> None:
    before = daemon(state, "n1", "flanneld")["pid"]
    done = lab("fault", "killed", "n1/flanneld", "--for", "0.2", state=state)
    assert done.stdout.splitlines() == ["killed n1/flanneld: in force for 0.2 s", "killed n1/flanneld: healed"]
    after = daemon(state, "n1", "flanneld")
    assert after["state"] == "running"
    assert after["pid"] != before


def test_ctrl_c_heals_a_fault(state: Path) -> None:
    environment = os.environ | {"LABPROOF_STATE": str(state), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'fixtures'}"}
    command = [sys.executable, "-m", "labs", "fault", "paused", "n2/flanneld"]
    held = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert held.stdout is not None
    assert "in force until Ctrl-C" in held.stdout.readline()
    assert daemon(state, "n2", "flanneld")["state"] == "paused"
    held.send_signal(signal.SIGINT)
    output, _ = held.communicate(timeout=10)
    assert "healed" in output
    assert daemon(state, "n2", "flanneld")["state"] == "running"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fault", "kiled", "n1/flanneld"], "did you mean killed?"),
        (["fault", "killed", "n1"], "name a daemon as NODE/DAEMON"),
        (["fault", "isolated", "n1"], "isolated takes A B"),
        (["fault", "lossy", "n1", "half"], "a number"),
        (["exec", "n9", "--", "true"], 'no node "n9"'),
        (["logs", "n1", "dockerd"], 'no daemon "dockerd"'),
        (["up", "flannel"], "is up already"),
        (["up", "flanel"], 'no lab is called "flanel"'),
        (["up", "flannel@x"], 'no variant "x"'),
        (["up", "flannel", "--nodes", "1"], "from 2 to 100"),
        (["ups"], "invalid choice"),
    ],
)
def test_bad_input_is_one_line_with_the_code_of_usage(state: Path, arguments: list[str], words: str) -> None:
    done = lab(*arguments, state=state)
    assert done.returncode == 4
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_down_of_nothing_is_one_line(state: Path) -> None:
    done = lab("down", "nowhere", state=state)
    assert done.returncode == 6
    assert 'no lab is called "nowhere"' in done.stderr


def test_suites_run_on_it_and_leave_it_up(state: Path, project: Any) -> None:
    before = nodes(state)["n1"]["pid"]
    project.test("test_a", "holds(judged(flannel))")
    project.test(
        "test_b", "with paused(flannel):\n    holds(judged(flannel))", above="@instance('other')\n@proven_by(paused, kind='x')"
    )
    ended = project.run("--lab", "flannel", LABPROOF_STATE=str(state))
    assert ended.code == 1, ended.output
    assert project.outcomes() == {"test_a": "passed", "test_b": "failed"}
    assert project.verdict()["verdicts"][0]["lab"]["kind"] == "kept"
    assert nodes(state)["n1"]["pid"] == before
    assert daemon(state, "n1", "flanneld")["state"] == "running"


def test_a_killed_run_leaves_the_kept_lab_up(state: Path, project: Any) -> None:
    project.test("test_long", "open('running', 'w').close()\ntime.sleep(60)")
    started = project.start("--lab", "flannel", LABPROOF_STATE=str(state))
    deadline = time.monotonic() + 30
    while not (project.path / "running").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    started.kill()
    started.communicate(timeout=5)
    assert lab("sweep", state=state).returncode == 0
    assert daemon(state, "n1", "flanneld")["state"] == "running"

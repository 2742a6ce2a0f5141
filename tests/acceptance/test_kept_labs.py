"""Kept labs, as a person works with them: up, look inside, break something, run suites on it, down."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def lab(*arguments: str, state: Path, **more: str) -> subprocess.CompletedProcess[str]:
    started = start(*arguments, state=state, **more)
    output, errors = started.communicate(timeout=60)
    return subprocess.CompletedProcess(started.args, started.returncode, output, errors)


def start(*arguments: str, state: Path, before: Callable[[], object] | None = None, **more: str) -> subprocess.Popen[str]:
    environment = os.environ | {"LABPROOF_STATE": str(state), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'fixtures'}"} | more
    command = [sys.executable, "-m", "labs", *arguments]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=environment, text=True, preexec_fn=before, **pipes)  # type: ignore[call-overload,no-any-return]


def first_line(held: subprocess.Popen[str]) -> str:
    assert held.stdout is not None
    return held.stdout.readline()


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
    assert lab("exec", "n2", "--lab", "flannel", "--", "echo", "a", "--", "--lab", state=state).stdout == "a -- --lab\n"
    assert lab("exec", "n2", "hostname", state=state).stdout == "n2\n"


def test_the_shell_is_the_users(state: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mysh"
    mine.write_text("#!/bin/sh\necho mine in $(hostname)\n")
    mine.chmod(0o755)
    assert lab("shell", "n2", state=state, SHELL=str(mine)).stdout == "mine in n2\n"


def test_logs(state: Path) -> None:
    assert "Subnet added" in lab("logs", "n1", "flanneld", state=state).stdout


def test_a_fault_is_in_force_and_healed(state: Path) -> None:
    before = daemon(state, "n1", "flanneld")["pid"]
    done = lab("fault", "killed", "n1/flanneld", "--for", "0.2", state=state)
    assert done.stdout.splitlines() == [
        "killed n1/flanneld: in force for 0.2 s",
        "killed n1/flanneld: healed",
        "flannel: settled",
    ]
    after = daemon(state, "n1", "flanneld")
    assert after["state"] == "running"
    assert after["pid"] != before


def in_the_background() -> None:
    """As a script's shell starts a job with &."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize(
    ("number", "before"),
    [(signal.SIGINT, None), (signal.SIGINT, in_the_background), (signal.SIGTERM, None), (signal.SIGHUP, None)],
)
def test_ctrl_c_heals_a_fault(state: Path, number: int, before: Callable[[], None] | None) -> None:
    """tox sends one Ctrl-C two or three times: that does not cut the heal short."""
    held = start("fault", "paused", "n2/flanneld", state=state, before=before)
    assert "in force until Ctrl-C" in first_line(held)
    assert daemon(state, "n2", "flanneld")["state"] == "paused"
    for _ in range(12):
        held.send_signal(number)
        time.sleep(0.02)
    output, errors = held.communicate(timeout=20)
    assert "healed" in output
    assert (held.returncode, errors) == (0, "")
    assert daemon(state, "n2", "flanneld")["state"] == "running"


def test_a_fault_is_healed_when_nobody_reads_of_it(state: Path) -> None:
    """As in `lab -- fault … | head -1`."""
    held = start("fault", "paused", "n2/flanneld", state=state)
    first_line(held)
    assert held.stdout is not None
    held.stdout.close()
    held.send_signal(signal.SIGINT)
    held.wait(20)
    assert daemon(state, "n2", "flanneld")["state"] == "running"


def test_the_lab_settles_after_the_last_of_its_faults(state: Path) -> None:
    held = start("fault", "paused", "n2/flanneld", state=state)
    first_line(held)
    done = lab("fault", "paused", "n1/flanneld", "--for", "0", state=state)
    assert f"flannel: left as it is, for paused n2/flanneld (process {held.pid}, since" in done.stdout
    assert daemon(state, "n2", "flanneld")["state"] == "paused"
    held.terminate()
    output, _ = held.communicate(timeout=20)
    assert "flannel: settled" in output


def test_a_killed_command_leaves_what_the_next_one_mends(state: Path) -> None:
    held = start("fault", "paused", "n2/flanneld", state=state)
    first_line(held)
    held.kill()
    held.communicate(timeout=5)
    assert daemon(state, "n2", "flanneld")["state"] == "paused"
    assert "flannel: settled" in lab("fault", "paused", "n1/flanneld", "--for", "0", state=state).stdout
    assert daemon(state, "n2", "flanneld")["state"] == "running"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fault", "kiled", "n1/flanneld"], "did you mean killed?"),
        (["fault", "killed", "n1"], "name a daemon as NODE/DAEMON"),
        (["fault", "isolated", "n1"], "isolated takes A B"),
        (["fault", "lossy", "n1", "nan"], "a number of 0 or more"),
        (["fault", "lossy", "n1", "1.5"], "from 0 to 1"),
        (["fault", "killed", "n1/flanneld", "--for", "nan"], "seconds from 0 to"),
        (["fault", "killed", "n1/flanneld", "--for", "-1"], "seconds from 0 to"),
        (["exec", "n1", "--"], "CMD"),
        (["up", "flannel", "--name", "a/b"], "a name is"),
        (["up", "flannel", "--name", ""], "a name is"),
        (["fault", "lossy", "n1", "half"], "a number"),
        (["exec", "n9", "--", "true"], 'no node "n9"'),
        (["logs", "n1", "dockerd"], 'no daemon "dockerd"'),
        (["up", "flannel"], "is up already"),
        (["up", "flanel"], 'no lab is called "flanel"'),
        (["up", "flannel@x"], 'no variant "x"'),
        (["up", "flannel", "--nodes", "1"], "flannel has from 2 to 100 nodes"),
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
    assert done.returncode == 4
    assert 'no lab is called "nowhere"' in done.stderr


def comes_to(state: Path, name: str, **more: str) -> subprocess.Popen[str]:
    """`lab -- up`, as soon as the lab is there but before it is ready."""
    started = start("up", "flannel", "--name", name, state=state, **more)
    deadline = time.monotonic() + 20
    while not list((state / "labs").glob(f"{name}/node.n1")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return started


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_lab_whose_up_was_killed_is_gone(tmp_path: Path, number: int) -> None:
    started = comes_to(tmp_path, "half")
    started.send_signal(number)
    started.communicate(timeout=10)
    assert lab("sweep", state=tmp_path).stdout == "swept 1 labs\n"
    assert list((tmp_path / "labs").iterdir()) == []


def test_a_lab_that_comes_up_is_not_taken_down_by_another(tmp_path: Path) -> None:
    started = comes_to(tmp_path, "half")
    started.send_signal(signal.SIGSTOP)  # lest it is up before the other has looked
    done = lab("down", "half", state=tmp_path)
    assert (done.returncode, done.stderr) == (4, f"lab: half: belongs to process {started.pid}, and goes when that ends\n")
    started.send_signal(signal.SIGINT)
    started.send_signal(signal.SIGCONT)
    started.communicate(timeout=10)
    if started.returncode == 0:  # it was all but up when the signal came
        assert lab("down", "half", state=tmp_path).returncode == 0
    else:
        assert started.returncode == 2
    assert list((tmp_path / "labs").iterdir()) == []


def test_a_new_lab_does_not_go_on_in_the_logs_of_an_earlier_one(tmp_path: Path) -> None:
    old = tmp_path / "logs/half/n1/flanneld.log"
    old.parent.mkdir(parents=True)
    old.write_text("long ago\n")
    comes_to(tmp_path, "half").kill()
    assert not old.exists() or "long ago" not in old.read_text()


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


def test_a_second_run_on_it_is_refused_and_the_first_is_named(state: Path, project: Any) -> None:
    project.test("test_long", "open('running', 'w').close()\ntime.sleep(60)")
    first = project.start("--lab", "flannel", LABPROOF_STATE=str(state))
    deadline = time.monotonic() + 30
    while not (project.path / "running").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    second = project.run("--lab", "flannel", "--results", "other", LABPROOF_STATE=str(state))
    assert second.code == 4, second.output
    assert f"process {first.pid}" in second.output
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=30)
    assert first.returncode == 2


def test_what_a_killed_run_left_is_said(state: Path, project: Any, tmp_path: Path) -> None:
    project.test("test_long", "with paused(flannel):\n    open('running', 'w').close()\n    time.sleep(60)")
    started = project.start("--lab", "flannel", LABPROOF_STATE=str(state))
    deadline = time.monotonic() + 30
    while not (project.path / "running").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    started.kill()
    started.communicate(timeout=5)
    (tmp_path / "second").mkdir()
    second = type(project)(tmp_path / "second")
    second.test("test_a", "holds(judged(flannel))")
    ended = second.run("--lab", "flannel", LABPROOF_STATE=str(state))
    assert ended.code == 1, ended.output
    assert "not as it came up: flanneld-paused at n1" in ended.output
    done = lab("fault", "paused", "n1/flanneld", "--for", "0", state=state)
    assert done.returncode == 0, done.stderr
    assert daemon(state, "n1", "flanneld")["state"] == "running"


def test_a_lab_with_the_products_own_times_anyway_is_not_asked_for_them(tmp_path: Path) -> None:
    ended = lab("up", "flannel", "--defaults", state=tmp_path)
    assert (ended.returncode, ended.stdout) == (4, "")
    assert ended.stderr == "lab: --defaults: flannel has the products' own time-outs anyway; leave it out\n"

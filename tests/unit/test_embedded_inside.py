"""The named children of a PID 1, and its server, without any namespace."""

import json
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from labs.embedded.control import Gone, Init, ended, pids
from labs.embedded.inside.children import Children, Refused, find
from labs.embedded.inside.relay import carry
from labs.embedded.inside.server import listen
from labs.errors import LabError
from labs.wait import until

PATH = {"PATH": "/usr/bin:/bin"}


def test_a_program_is_looked_for_on_the_path_given(tmp_path: Path) -> None:
    assert find("/bin/anything", "") == "/bin/anything"
    assert find("sh", "/nonesuch::/bin") == "/bin/sh"
    with pytest.raises(Refused, match=r"sh: not found on an empty PATH"):
        find("sh", "")


def test_a_child_ignores_no_signal_that_we_ignore(tmp_path: Path) -> None:
    children, log = Children(), os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGHUP, signal.SIGTERM)}
    try:
        pid = children.spawn("one", ["grep", "SigIgn", "/proc/self/status"], PATH, log)
        assert os.waitpid(pid, 0) == (pid, 0)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    ignored = int((tmp_path / "log").read_text().split()[1], 16)
    assert [number for number in signal.valid_signals() if ignored >> number - 1 & 1] == []
    os.close(log)


def test_children_by_name(tmp_path: Path) -> None:
    children, log = Children(), os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    assert children.state("one") == "stopped"
    children.spawn("one", ["sh", "-c", "echo out; echo err >&2; kill -STOP $$; exit 3"], PATH, log)
    until(lambda: children.state("one") == "paused", within=5, what="paused")
    with pytest.raises(Refused, match="one runs already"):
        children.spawn("one", ["true"], PATH, log)
    children.signal("one", [signal.SIGCONT])
    os.waitid(os.P_PID, children.pids["one"], os.WEXITED | os.WNOWAIT)
    children.reap()
    assert children.state("one") == "stopped"
    assert (children.pids, children.exits) == ({}, {"one": 3})
    assert (tmp_path / "log").read_text() == "out\nerr\n"
    with pytest.raises(Refused, match="one does not run"):
        children.signal("one", [signal.SIGTERM])


@pytest.fixture
def served(tmp_path: Path) -> Callable[[Callable[[socket.socket], None]], Init]:
    """An Init whose other end does with one connection what the test says."""

    def served(act: Callable[[socket.socket], None]) -> Init:
        folder = os.open(tmp_path, os.O_PATH)
        listener = listen(folder, "control")

        def serve() -> None:
            with listener:
                connection, _ = listener.accept()
                with connection:
                    act(connection)

        Thread(target=serve, daemon=True).start()
        return Init(tmp_path, "control", "lab x")

    return served


def answer(reply: Any) -> Callable[[socket.socket], None]:
    def act(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.send(json.dumps(reply).encode())

    return act


LEADERLESS = (
    "import ctypes, threading, time; threading.Thread(target=time.sleep, args=(5,)).start(); ctypes.CDLL(None).pthread_exit(0)"
)


def test_one_whose_first_thread_ended_runs_until_all_have(tmp_path: Path) -> None:
    children, log = Children(), os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    pid = children.spawn("one", ["python3", "-c", LEADERLESS], {"PATH": os.environ["PATH"]}, log)
    until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z", within=5, what="a zombie")
    children.reap()
    assert children.state("one") == "running"
    until(lambda: children.reap() or children.state("one") == "stopped", within=20, what="stopped")
    os.close(log)


def test_an_answer(served: Callable[..., Init]) -> None:
    assert served(answer({"states": []})).ask("list") == ({"states": []}, [])


def test_a_refusal_is_an_error_of_the_lab(served: Callable[..., Init]) -> None:
    with pytest.raises(LabError, match=r"^lab x: it cannot be$"):
        served(answer({"error": "it cannot be"})).ask("list")


def test_nobody_there(tmp_path: Path, served: Callable[..., Init]) -> None:
    init = Init(tmp_path, "control", "lab x")
    assert not init.alive
    with pytest.raises(Gone, match="lab x is down"):
        init.ask("list")
    with pytest.raises(Gone, match="died"):
        served(socket.socket.close).ask("list")


def test_who_listens_is_known_by_the_connection(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_PATH)
    with listen(folder, "control"):
        init = Init(tmp_path, "control", "lab x")
        assert init.pid == os.getpid()
        assert init.alive


def test_pids_of_descriptors() -> None:
    pidfd = os.pidfd_open(os.getpid())
    assert not ended(pidfd, 0)
    assert pids([pidfd]) == [os.getpid()]


def test_a_relay_carries_late_and_loses() -> None:
    node, near = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    far, bridge = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    Thread(target=carry, args=(near, far, 0.05, 0.5), daemon=True).start()
    bridge.settimeout(0.5)
    for number in range(100):
        node.send(b"%d" % number)
    carried = []
    with suppress(TimeoutError):
        while True:
            carried.append(int(bridge.recv(16)))
    node.close()
    assert 30 <= len(carried) <= 70
    assert carried == sorted(carried)

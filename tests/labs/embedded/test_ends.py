"""Whatever is killed, nothing is left: no process in the lab's namespaces, none that entered them, no mount, no folder."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from labs import faults
from labs.embedded.control import Init
from labs.embedded.site import Site, sites
from labs.embedded.sweeper import sweep
from labs.errors import LabError
from labs.wait import until, watch
from tests.labs.embedded.conftest import CLEAN

GONE_WITHIN = 3.0
KINDS = ("mnt", "net", "pid", "uts", "ipc")

OWNER = """
import os, sys, threading
from pathlib import Path
from labs import faults
from labs.embedded import disks
from labs.embedded.site import Site
kept = sys.argv[2] == "kept"
site = Site.create("lab", logs=Path(sys.argv[1]), environment={"PATH": sys.argv[3]}, owner=os.getpid())
site.network("second")
site.add({"n1": "192.168.0.101/24", "n2": "192.168.0.102/24"})
site.connect("second", {"n1": "192.168.1.101/24", "n2": "192.168.1.102/24"})
disks.mount(site.nodes["n1"], "/run/disk", megabytes=4)
site.nodes["n1"].daemon("tree", ["sh", "-c", "sleep 7777 & setsid sleep 7777 & exec sleep 7777"]).start()
site.nodes["n2"].daemon("paused", ["sleep", "7777"]).start()
site.nodes["n2"].daemons["paused"].pause()
site.nodes["n2"].host.run("ip netns add pod; mount -t tmpfs tmpfs /mnt")
# held by a name: a fault that nobody has any more is healed
in_force = [
    faults.lossy(site.nodes["n2"], 0.5),
    faults.one_way(site.nodes["n2"], "eth1"),
    faults.disk_read_only(site.nodes["n1"], "/run/disk"),
]
for fault in in_force:
    fault.__enter__()
if kept:
    site.keep()
print("up", flush=True)
if kept:
    os._exit(0)
site.nodes["n1"].host.run("sleep 7777", within=600)
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Makes a lab with two networks, daemons, faults and mounts; it stays in a command of a node, or ends (`kept`)."""
    processes: list[subprocess.Popen[str]] = []

    def start(kind: str = "owned") -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
        argv = [sys.executable, "-c", OWNER, str(tmp_path / "logs"), kind, CLEAN["PATH"]]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment)
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def namespaces(pid: int) -> set[str]:
    found = set()
    for kind in KINDS:
        with suppress(OSError):
            found.add(str(Path(f"/proc/{pid}/ns/{kind}").readlink()))
    return found


def processes() -> dict[int, set[str]]:
    """Without those that have ended and that only the machine's PID 1 has to collect, which may take its time."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return {pid: namespaces(pid) for pid in pids if stat(pid)[:2] != ["Z", "1"]}


def stat(pid: int) -> list[str]:
    """State, parent and so on; nothing of a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def inhabitants(spaces: set[str]) -> set[tuple[int, str]]:
    """The processes in these namespaces, each as its pid and when it was born."""
    found = {pid for pid, held in processes().items() if held & spaces}
    return {(pid, fields[19]) for pid in found if (fields := stat(pid))}


class Traces:
    """What a lab can leave on the machine: make it when all that the lab has is there.

    A new lab, of another test beside this one, may be given the numbers of namespaces that are free again: so processes
    are known by their birth, too.
    """

    def __init__(self, site: Site) -> None:
        here = namespaces(os.getpid())
        pids = [site.init.pid, *(node.pid for node in site.nodes.values())]
        self.namespaces = {each for pid in pids for each in namespaces(pid)} - here
        self.folder = site.folder
        assert len(self.namespaces) == len(KINDS) * len(pids)
        self.inhabitants = inhabitants(self.namespaces)
        assert len(self.left()) >= 9

    def left(self) -> list[int]:
        """Processes in a namespace of the lab, and those of the host that carry its folder as their name."""
        inside = [pid for pid, _ in inhabitants(self.namespaces) & self.inhabitants]
        return inside + [pid for pid in processes() if self._named(pid)]

    def _named(self, pid: int) -> bool:
        try:
            return str(self.folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
        except OSError:
            return False

    def gone(self) -> None:
        left = watch(self.left, lambda pids: not pids, within=GONE_WITHIN).last
        assert {pid: stat(pid) for pid in left} == {}
        assert str(self.folder) not in Path("/proc/self/mounts").read_text()


def unshare_of(site: Site) -> int:
    return int(stat(site.init.pid)[1])


@pytest.mark.parametrize("victim", ["owner", "init", "unshare"])
def test_killed(victim: str, start: Start) -> None:
    owner = start()
    site = Site.attach("lab")
    traces = Traces(site)
    os.kill({"owner": owner.pid, "init": site.init.pid, "unshare": unshare_of(site)}[victim], signal.SIGKILL)
    traces.gone()
    with pytest.raises(LabError, match="lab lab is dead"):
        Site.attach("lab")
    assert sweep() == ["lab"]
    assert not site.folder.exists()


@pytest.mark.parametrize("moment", range(5))
def test_killed_while_it_comes_up(moment: int, state: Path) -> None:
    """What is there already ends with its owner, and the next sweep clears the folder."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    argv = [sys.executable, "-c", OWNER, str(state / "logs"), "owned", CLEAN["PATH"]]
    owner = subprocess.Popen(argv, stdout=subprocess.DEVNULL, env=environment)
    folder = state / "labs" / "lab"
    until((folder / "lock").exists, within=10, what="its birth", every=0.001)
    with suppress(subprocess.TimeoutExpired):
        owner.wait(0.015 * moment)
    owner.kill()
    owner.wait()
    until(lambda: not any(str(folder).encode() in line for line in command_lines()), within=GONE_WITHIN, what="its end")
    assert not Init(folder, "control", "lab").alive
    assert sweep() in (["lab"], [])
    assert not folder.exists()


def command_lines() -> list[bytes]:
    found = []
    for pid in processes():
        with suppress(OSError):
            found.append(Path(f"/proc/{pid}/cmdline").read_bytes())
    return found


def test_a_stopped_init_is_swept(start: Start) -> None:
    owner = start()
    site = Site.attach("lab")
    traces = Traces(site)
    os.kill(site.init.pid, signal.SIGSTOP)
    assert sweep() == []
    owner.kill()
    owner.wait()
    assert sweep() == ["lab"]
    traces.gone()
    assert not site.folder.exists()


def test_a_stopped_unshare_and_a_stopped_nsenter_are_swept(start: Start) -> None:
    owner = start()
    site = Site.attach("lab")
    nsenter = subprocess.Popen(
        site.door.command(site.nodes["n1"].pid, ["sh", "-c", "kill -STOP $$"]),
        executable="/usr/bin/nsenter",
        env=CLEAN,
        start_new_session=True,
    )
    until(lambda: stat(nsenter.pid)[0] == "T", within=5, what="a stopped nsenter")
    traces = Traces(site)
    os.kill(unshare_of(site), signal.SIGSTOP)
    owner.kill()
    owner.wait()
    until(lambda: sweep() == ["lab"] or not site.folder.exists(), within=10, what="swept")
    nsenter.wait(5)
    traces.gone()


def test_a_kept_lab_outlives_its_maker_and_every_sweep(start: Start) -> None:
    start("kept").wait(10)
    assert sweep() == []
    site = Site.attach("lab")
    traces = Traces(site)
    assert site.nodes["n1"].daemon("tree", []).running
    site.destroy()
    traces.gone()
    assert sites() == []


def test_the_labs_of_living_owners_are_not_swept(make: Callable[..., Site]) -> None:
    site = make()
    assert sweep() == []
    assert site.nodes["n1"].host.run("true").succeeded


def test_a_dead_node_leaves_the_others_alone(site: Site) -> None:
    os.kill(site.nodes["n1"].pid, signal.SIGKILL)
    until(lambda: not site.nodes["n1"].on, within=3, what="its end")
    assert site.nodes["n2"].host.run("true").succeeded
    with faults.powered_off(site.nodes["n1"]):
        assert site.alive
    assert site.nodes["n1"].host.interface("eth0").addresses[0] == "192.168.0.101"


def test_a_stopped_node_is_an_error_of_the_lab_in_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labs.embedded.control.ANSWER_LIMIT", 0.2)
    os.kill(site.nodes["n1"].pid, signal.SIGSTOP)
    with pytest.raises(LabError, match=r"n1: its PID 1 does not answer \(is it stopped\?\)"):
        site.nodes["n1"].daemon("idle", ["sleep", "1"]).start()
    site.destroy()
    assert not site.alive

"""Disks of nodes: full ones, ones that take no more writes, and more of them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs import faults
from labs.embedded import disks
from labs.embedded.node import EmbeddedNode
from labs.embedded.site import Site
from labs.errors import LabError
from labs.wait import until
from tests.labs.embedded.conftest import CLEAN

EXTRA = "/run/disks/extra"
WRITER = "exec 3>open; while sleep 0.02; do echo kept >&3; touch fresh || echo refused; done"


@pytest.fixture(scope="module", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("disks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABPROOF_STATE", str(folder / "state"))
        yield folder


@pytest.fixture(scope="module")
def site(state: Path) -> Iterator[Site]:
    site = Site.create("disks", logs=state / "logs", environment=CLEAN, owner=os.getpid())
    site.add({"n1": "192.168.0.101/24", "n2": "192.168.0.102/24"})
    yield site
    site.destroy()


@pytest.fixture
def node(site: Site) -> Iterator[EmbeddedNode]:
    """With one more disk."""
    node = site.nodes["n1"]
    disks.mount(node, EXTRA, megabytes=8)
    yield node
    disks.unmount(node, EXTRA)


def touched(node: EmbeddedNode, path: str) -> str:
    """What is said when a file is made there, and removed again."""
    return str(node.host.run("touch %s && rm %s", f"{path}/new", f"{path}/new").stderr)


def test_a_full_disk(site: Site) -> None:
    node = site.nodes["n1"]
    with faults.disk_full(node, "/run"):
        assert "No space left" in node.host.run("dd if=/dev/zero of=/run/x bs=4096 count=1").stderr
    left = node.host.run("rm -f /run/x; head -c 100000 /dev/zero > /run/x && ls -A /run").stdout.split()
    assert set(left) - {"disks"} == {"lock", "netns", "x"}  # disks: another test's


@pytest.mark.parametrize("path", ["/", "/dev/shm", "/nowhere"])
def test_the_hosts_disks_are_never_filled(site: Site, path: str) -> None:
    with pytest.raises(LabError, match=r"not filled|No such file"), faults.disk_full(site.nodes["n1"], path):
        pass


def test_one_more_disk_of_that_size(site: Site, node: EmbeddedNode) -> None:
    assert node.host.run("df -m --output=size,target %s", EXTRA).stdout.split()[-2:] == ["8", EXTRA]
    assert not site.nodes["n2"].host.file(EXTRA).exists
    with pytest.raises(LabError, match=f"n1: something is mounted at {EXTRA} already"):
        disks.mount(node, EXTRA, megabytes=8)
    node.host.run_expect([0], f"head -c 1000000 /dev/zero > {EXTRA}/data")
    with faults.disk_full(node, EXTRA):
        assert "No space left" in node.host.run(f"head -c 1000000 /dev/zero >> {EXTRA}/data").stderr
        node.host.run_expect([0], "head -c 1000000 /dev/zero > /run/beside")
    node.host.run_expect([0], f"rm /run/beside && head -c 1000000 /dev/zero >> {EXTRA}/data")


def test_a_disk_over_a_folder_of_the_hosts_is_the_nodes_alone(site: Site, tmp_path: Path) -> None:
    node = site.nodes["n1"]
    (tmp_path / "below").touch()
    disks.mount(node, str(tmp_path), megabytes=8)
    node.host.run_expect([0], "touch %s/above", str(tmp_path))
    assert [each.name for each in tmp_path.iterdir()] == ["below"]
    assert node.host.run("ls %s", str(tmp_path)).stdout == "above\n"
    disks.unmount(node, str(tmp_path))
    assert node.host.run("ls %s", str(tmp_path)).stdout == "below\n"


def test_no_folder_is_made_on_the_hosts_disks(site: Site, tmp_path: Path) -> None:
    with pytest.raises(LabError, match=f"there is no folder {tmp_path}/a/b, and {tmp_path} is the host's"):
        disks.mount(site.nodes["n1"], f"{tmp_path}/a/b", megabytes=8)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_no_more_writes(node: EmbeddedNode) -> None:
    """While a daemon has a file open for writing: that one it can go on with."""
    daemon = node.daemon("writer", ["sh", "-c", f"cd {EXTRA} && {WRITER}"])
    daemon.start()
    until(lambda: touched(node, EXTRA) == "" and node.host.file(f"{EXTRA}/open").size > 0, within=5, what="it writes")
    with faults.disk_read_only(node, EXTRA):
        assert "Read-only file system" in touched(node, EXTRA)
        assert "Read-only file system" in node.host.run(f"mv {EXTRA}/open {EXTRA}/moved").stderr
        size = node.host.file(f"{EXTRA}/open").size
        until(lambda: node.host.file(f"{EXTRA}/open").size > size, within=5, what="an open file is written to")
        assert touched(node, "/run") == ""
        # its working folder it looked up before: only what is found by its whole path is locked
        assert "refused" not in daemon.log()
    assert touched(node, EXTRA) == ""
    daemon.kill()


@pytest.mark.parametrize("place", ["/run", "host"])
def test_any_folder_can_be_locked_and_for_the_node_alone(site: Site, node: EmbeddedNode, place: str, tmp_path: Path) -> None:
    path = str(tmp_path) if place == "host" else place
    with faults.disk_read_only(node, path):
        assert "Read-only file system" in touched(node, path)
        # what is mounted below is a disk of its own
        assert touched(node, EXTRA) == ""
        (tmp_path / "ours").touch()
        assert touched(site.nodes["n2"], path) == ""
    assert touched(node, path) == ""
    assert not [row for row in node.host.run("cat /proc/self/mountinfo").stdout.splitlines() if str(tmp_path) in row]


def test_a_power_off_heals_it(site: Site) -> None:
    node = site.nodes["n2"]
    with faults.disk_read_only(node, "/run"), faults.powered_off(node):
        pass
    assert touched(node, "/run") == ""
    with pytest.raises(LabError, match="n2: `readlink -e /nowhere`"), faults.disk_read_only(node, "/nowhere"):
        pass

"""A lab comes up, is attached to, and goes."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labs.embedded.site import Site, sites
from labs.errors import LabError
from tests.labs.embedded.conftest import CLEAN, Reaches

ATTACH = """
import json, sys
from labs.embedded.site import Site
site = Site.attach(sys.argv[1])
print(json.dumps([site.facts["colour"], site.nodes["n2"].host.run("hostname").stdout.strip(), site.describe()["lab"]]))
"""


def test_each_node_is_a_host_of_its_own(site: Site) -> None:
    for name, node in site.nodes.items():
        assert node.host.run("hostname").stdout.strip() == name
        assert node.host.interface("eth0").addresses[0] == str(node.address.ip)
        assert node.host.run("ls /sys/class/net").stdout.split() == ["eth0", "lo"]
        assert node.host.run("cat /proc/1/comm").stdout.strip() == f"node {name}"
        assert node.host.run("ls /run").stdout.split() == ["lock", "netns"]
        assert os.path.samefile(node.root / "run", f"/proc/{node.pid}/root/run")  # noqa: PTH121


def test_every_node_reaches_every_other(site: Site, reaches: Reaches) -> None:
    nodes = list(site.nodes.values())
    assert all(reaches(a, b) == 1 for a in nodes for b in nodes if a is not b)


def test_the_cgroups_of_the_host_stay_visible(site: Site) -> None:
    here = sorted(entry.name for entry in Path("/sys/fs/cgroup").iterdir())
    assert sorted(site.nodes["n1"].host.run("ls /sys/fs/cgroup").stdout.split()) == here


def test_another_process_attaches_by_name(site: Site) -> None:
    site.save(colour="blue", other=1)
    site.save(other=2)
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, "-c", ATTACH, "lab"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout or "null") == ["blue", "n2", "lab"], done.stderr
    assert site.facts == {"colour": "blue", "other": 2}


def test_labs_with_the_same_addresses_do_not_meet(make: Callable[..., Site], reaches: Reaches) -> None:
    one, two = make("one"), make("two", nodes=2)
    assert sites() == ["one", "two"]
    assert reaches(two.nodes["n1"], two.nodes["n2"]) == 1
    two.nodes["n2"].power_off()
    assert reaches(one.nodes["n1"], one.nodes["n2"]) == 1
    two.destroy()
    assert sites() == ["one"]
    assert reaches(one.nodes["n1"], one.nodes["n2"]) == 1


def test_a_name_is_taken_once(make: Callable[..., Site]) -> None:
    make("lab", nodes=1)
    with pytest.raises(LabError, match="a lab lab is up already"):
        make("lab", nodes=1)
    assert Site.attach("lab").alive


@pytest.mark.parametrize(
    ("name", "node"), [("../up", "n1"), ("", "n1"), ("lab", "N1"), ("lab", "a-very-long-name"), ("lab", "br0")]
)
def test_a_bad_name_is_refused(name: str, node: str, tmp_path: Path) -> None:
    with pytest.raises(LabError, match="cannot be a"):
        Site.create(name, logs=tmp_path, environment=CLEAN, owner=os.getpid()).add({node: "10.0.0.1/24"})


def test_attaching_to_no_lab_says_which_there_are(make: Callable[..., Site]) -> None:
    make("here", nodes=1)
    with pytest.raises(LabError, match='no lab is called "there"; there are: here'):
        Site.attach("there")


def test_described_with_pids_of_the_host(site: Site) -> None:
    daemon = site.nodes["n1"].daemon("idle", ["sleep", "60"])
    daemon.start()
    daemon.pause()
    site.nodes["n3"].power_off()
    told = site.describe()
    assert told["daemons"] == [{"node": "n1", "name": "idle", "pid": daemon.pid, "state": "paused"}]
    assert Path(f"/proc/{daemon.pid}/cmdline").read_bytes() == b"sleep\x0060\x00"
    assert [node["pid"] for node in told["nodes"]] == [site.nodes["n1"].pid, site.nodes["n2"].pid, None]
    assert told["nodes"][0]["addresses"]["eth0"][0] == "192.168.0.101/24"


def test_a_socket_is_of_the_node_or_of_a_namespace_in_it(site: Site) -> None:
    node = site.nodes["n1"]
    node.host.run_expect([0], "ip netns add pod && ip -n pod link set lo up && ip -n pod addr add 10.9.9.9/32 dev lo")
    with (
        node.socket(socket.AF_INET, socket.SOCK_STREAM, netns="pod") as inside,
        node.socket(socket.AF_INET, socket.SOCK_STREAM) as own,
    ):
        inside.bind(("10.9.9.9", 80))
        own.bind((str(node.address.ip), 80))
        with pytest.raises(OSError, match="assign requested address"):
            node.socket(socket.AF_INET, socket.SOCK_STREAM).bind(("10.9.9.9", 80))
    with pytest.raises(LabError, match=r"n1: .*No such file.*nowhere"):
        node.socket(socket.AF_INET, socket.SOCK_STREAM, netns="nowhere")


def test_a_powered_off_node_says_so_and_comes_back_as_it_was(site: Site, reaches: Reaches) -> None:
    one, two = site.nodes["n1"], site.nodes["n2"]
    mac = two.host.file("/sys/class/net/eth0/address").content_string
    two.host.run_expect([0], "touch /run/volatile")
    two.power_off()
    with pytest.raises(LabError, match=r"^n2 is powered off$"):
        two.host.run("true")
    assert reaches(one, site.nodes["n3"]) == 1
    two.power_on()
    assert reaches(one, two) == 1
    assert two.host.file("/sys/class/net/eth0/address").content_string == mac
    assert not two.host.file("/run/volatile").exists
    with pytest.raises(LabError, match="n2 is on already"):
        two.power_on()


def test_a_command_that_does_not_end_is_killed_with_its_children(site: Site) -> None:
    node = site.nodes["n1"]
    with pytest.raises(LabError, match=r"n1: .*did not end within 0.3 s"):
        node.host.run("sleep 7654 & sleep 7654", within=0.3)
    assert node.host.run("cat /proc/[0-9]*/cmdline").stdout.count("7654") == 0


def test_commands_have_the_labs_environment_and_not_ours(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "mine")
    assert set(site.nodes["n1"].host.run("env").stdout.split()) == {f"PATH={CLEAN['PATH']}", "PWD=/"}


def test_logs_stay_when_the_lab_goes(site: Site) -> None:
    daemon = site.nodes["n1"].daemon("speaker", ["sh", "-c", "echo spoken; exec sleep 60"])
    daemon.start()
    site.nodes["n1"].host.run_expect([0], "until [ -s %s ]; do :; done", str(daemon.log_file))
    site.destroy()
    assert daemon.log() == "spoken\n"
    assert not site.folder.exists()
    assert not site.alive


def test_a_hundred_nodes(make: Callable[..., Site], reaches: Reaches) -> None:
    site = make("large", nodes=0)
    site.add({f"n{i}": f"192.168.0.{100 + i}/24" for i in range(1, 101)})
    assert reaches(site.nodes["n1"], site.nodes["n100"]) == 1

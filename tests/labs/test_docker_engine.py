"""The real dockerd in nodes: its FORWARD policy, its containers, its restarts, and nothing of it left behind."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from labs import binaries
from labs.binaries.catalogue import DOCKER, TOOLS
from labs.binaries.environment import environment
from labs.docker.containers import Container, Containers
from labs.docker.engine import Engine
from labs.docker.prepare import WRITTEN
from labs.embedded import cgroups
from labs.embedded.machine import privileged
from labs.embedded.node import EmbeddedNode
from labs.embedded.site import Site
from labs.embedded.sweeper import sweep
from labs.errors import LabError
from labs.faults import killed, paused, stopped
from labs.flannel import probe
from labs.flannel.pod import Endpoint
from labs.wait import watch

UP_LIMIT = 10.0
"""Seconds, on a busy machine; on a quiet one it is a quarter of a second."""

HOST_PORT, PORT = 5000, 6000


@contextmanager
def made(logs: Path, backend: str = "nft") -> Iterator[Site]:
    clean = environment(binaries.install((TOOLS, DOCKER), print).values(), iptables=backend)
    name = f"docker-{os.getpid()}-{time.monotonic_ns() % 10**6}"
    site = Site.create(name, logs=logs, environment=clean, owner=os.getpid())
    try:
        site.add({"n1": "192.168.0.101/24", "n2": "192.168.0.102/24"})
        yield site
    finally:
        site.destroy()


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABPROOF_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture(params=["nft", "legacy"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with made(tmp_path / "logs", request.param) as site:
        assert request.param in site.nodes["n1"].host.run("iptables --version").stdout.replace("nf_tables", "nft")
        yield site


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Site]:
    """With the nft back end alone, for what does not depend on it."""
    with made(tmp_path / "logs") as site:
        yield site


def policy(node: EmbeddedNode) -> str:
    return node.host.check_output("iptables -S FORWARD").splitlines()[0]


def forwarding(node: EmbeddedNode, value: str) -> None:
    node.host.check_output("echo %s > /proc/sys/net/ipv4/ip_forward", value)


def started(node: EmbeddedNode, **options: bool) -> Engine:
    engine = Engine(node, **options)
    engine.start()
    return engine


def endpoint(container: Container) -> Endpoint:
    return Endpoint(container.name, container.address, container.node, container.namespace)


def reaches(source: Container, target: Container) -> bool:
    [delivery] = probe.deliver([(endpoint(source), endpoint(target))], 92, False, within=1.0)
    return delivery.arrived


def published(sender: EmbeddedNode, container: Container) -> bool:
    """Whether a datagram to the port of the container's node arrives in the container, from where it was sent."""
    with (
        sender.socket(socket.AF_INET, socket.SOCK_DGRAM) as out,
        container.node.socket(socket.AF_INET, socket.SOCK_DGRAM, netns=container.namespace) as into,
    ):
        into.bind((str(container.address), PORT))
        into.setblocking(False)
        return watch(lambda: _asked(out, into, container.node.address.ip), lambda seen: seen == sender.address.ip, within=2).met


def _asked(out: socket.socket, into: socket.socket, to: IPv4Address) -> IPv4Address | None:
    out.sendto(b"hello", (str(to), HOST_PORT))
    try:
        return IPv4Address(into.recvfrom(64)[1][0])
    except BlockingIOError:
        return None


def test_it_drops_what_is_forwarded_where_forwarding_was_off(site: Site) -> None:
    """And only there; the policy stays when dockerd has stopped."""
    off, on = site.nodes.values()
    forwarding(off, "0")
    forwarding(on, "1")
    start = time.monotonic()
    engines = [started(off), started(on)]
    assert time.monotonic() - start <= UP_LIMIT
    assert all(engine.version.partition(".")[0].isdigit() for engine in engines)
    assert (policy(off), policy(on)) == ("-P FORWARD DROP", "-P FORWARD ACCEPT")
    for engine in engines:
        engine.stop()
        assert not engine.ready
    assert (policy(off), policy(on)) == ("-P FORWARD DROP", "-P FORWARD ACCEPT")


@pytest.mark.parametrize("options", [{"iptables": False}, {"ip_forward": False}])
def test_told_not_to_it_sets_no_policy(site: Site, options: dict[str, bool]) -> None:
    node = site.nodes["n1"]
    forwarding(node, "0")
    started(node, **options)
    assert policy(node) == "-P FORWARD ACCEPT"


def test_containers_are_reached_as_docker_has_it(site: Site) -> None:
    """In one network; not from another; by a published port from another node."""
    here, there = site.nodes.values()
    containers = Containers(started(here))
    bridge = containers.network_create("blue", "172.30.0.0/24")
    one, two = containers.run("one", publish=[(HOST_PORT, PORT, "udp")]), containers.run("two")
    blue = containers.run("in-blue", network="blue")
    assert str(blue.address).startswith("172.30.0.")
    assert here.host.file(f"/sys/class/net/{bridge}").exists
    assert reaches(one, two)
    assert not reaches(one, blue)
    assert not reaches(blue, one)
    assert published(there, one)
    assert containers.running() == [blue, one, two]
    containers.remove_all()
    assert containers.running() == []
    assert not here.host.file(f"/sys/class/net/{bridge}").exists


def test_a_restarted_dockerd_has_its_containers_stopped(site: Site) -> None:
    here, there = site.nodes.values()
    engine = started(here)
    containers = Containers(engine)
    containers.run("one", publish=[(HOST_PORT, PORT, "udp")])
    engine.restart()
    assert containers.running() == []
    assert published(there, containers.start("one"))
    with pytest.raises(LabError, match="runs already"):
        engine.start()


def test_after_kill_9_it_starts_again(site: Site) -> None:
    """Containers outlive dockerd itself; at its next start they are ended, and can be run again."""
    here, there = site.nodes.values()
    engine = started(here)
    containers = Containers(engine)
    one = containers.run("one", publish=[(HOST_PORT, PORT, "udp")])
    engine.kill()
    assert not engine.ready
    assert published(there, one)
    for _ in range(2):
        engine.start()
        assert containers.running() == []
        assert "sleep" not in here.host.check_output("ps -A -o args")
        assert published(there, containers.start("one"))
        engine.kill()


def test_faults_of_daemons_heal_when_it_is_ready(plain: Site) -> None:
    engine = started(plain.nodes["n1"])
    for fault in (killed, stopped, paused):
        with fault(engine):
            assert not engine.ready
        assert engine.ready


def test_a_node_without_power_has_none_of_it(plain: Site) -> None:
    node = plain.nodes["n1"]
    engine = started(node)
    Containers(engine).run("one")
    node.power_off()
    assert not engine.ready
    node.power_on()
    engine.start()
    assert Containers(engine).running() == []
    assert Containers(engine).run("one").name == "one"


def test_nothing_of_it_lands_on_the_host(tmp_path: Path) -> None:
    before = [_listed(Path(folder)) for folder in WRITTEN]
    with made(tmp_path / "logs") as site:
        containers = Containers(started(site.nodes["n1"]))
        containers.network_create("blue", "172.30.0.0/24")
        containers.run("one", network="blue")
    assert [_listed(Path(folder)) for folder in WRITTEN] == before
    assert _groups(site.folder) == []


def _listed(folder: Path) -> list[tuple[str, int]] | None:
    return sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir()) if folder.exists() else None


def _groups(folder: Path) -> list[Path]:
    mounts = cgroups.hierarchies(Path("/proc/self/mountinfo").read_text())
    return [group for mount in mounts if (group := Path(mount + cgroups.parent(folder))).exists()]


OWNER = """
import os, sys
from pathlib import Path
from tests.labs.test_docker_engine import Containers, made, started
with made(Path(sys.argv[1])) as site:
    Containers(started(site.nodes["n1"])).run("one")
    print(site.folder, flush=True)
    os.kill(os.getpid(), 9)
"""


def test_of_a_killed_harness_the_sweeper_removes_all(tmp_path: Path) -> None:
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])}
    done = subprocess.run([sys.executable, "-c", OWNER, str(tmp_path / "logs")], env=env, capture_output=True, text=True)
    folder = Path(done.stdout.strip().splitlines()[-1])
    # a user namespace may make none
    assert bool(_groups(folder)) == privileged()
    assert sweep() == [folder.name]
    assert not folder.exists()
    assert _groups(folder) == []


def test_what_keeps_it_from_starting_is_told_at_once(plain: Site) -> None:
    with pytest.raises(LabError, match=r"dockerd of n1: it does not start \(exit code \d+\): .*unknown flag: --no-such$"):
        Engine(plain.nodes["n1"], options=["--no-such"]).start()


def test_a_container_that_docker_refuses_is_told_and_not_left(plain: Site) -> None:
    containers = Containers(started(plain.nodes["n1"]))
    with pytest.raises(LabError, match="network nowhere not found"):
        containers.run("one", network="nowhere")
    assert containers.run("one").name == "one"

"""Every fault breaks what it says, and heals to what was there."""

import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from labs import faults
from labs.embedded.enter import Done
from labs.embedded.node import EmbeddedNode
from labs.embedded.site import Site
from labs.errors import LabError
from labs.fault import Fault
from labs.seam import Daemon
from labs.wait import until, watch
from tests.labs.embedded.conftest import CLEAN, Reaches

NODE_TABLES = """
ip -4 route show table all; ip -4 rule; ip neigh show nud permanent; bridge fdb | grep dst
ip -o -4 addr; ip -o link | cut -d' ' -f2-5
"""
FABRIC_TABLES = "bridge -d link; ip -o link show type veth | cut -d' ' -f2-5"


def tables(site: Site) -> dict[str, list[str]]:
    """Routes, rules, permanent neighbours, forwarding, addresses, links of all nodes; ports of the fabric."""
    told = {name: node.host.run(NODE_TABLES).stdout.splitlines() for name, node in site.nodes.items()}
    fabric = site.fabric.run("sh", "-c", FABRIC_TABLES).out.decode()
    # newer tools count the multicast groups that a port has just learnt
    return {**told, "fabric": re.sub(r"mcast_n_groups \d+ ", "", fabric).splitlines()}


@pytest.fixture(scope="module", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One lab for all tests here: each fault has to leave it as it was."""
    folder = tmp_path_factory.mktemp("faults")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABPROOF_STATE", str(folder / "state"))
        yield folder


@pytest.fixture(scope="module")
def site(state: Path) -> Iterator[Site]:
    site = Site.create("faults", logs=state / "logs", environment=CLEAN, owner=os.getpid())
    site.add({f"n{i}": f"192.168.0.{100 + i}/24" for i in (1, 2, 3)})
    yield site
    site.destroy()


@pytest.fixture(scope="module")
def n1(site: Site) -> EmbeddedNode:
    """With routes and a vxlan of its own."""
    node = site.nodes["n1"]
    node.host.run_expect(
        [0],
        "ip route add 10.1.2.0/24 via 192.168.0.102 && ip route add 10.1.2.0/24 via 192.168.0.103 metric 5"
        " && ip route add 10.1.3.0/24 proto boot mtu 1400 nexthop via 192.168.0.102 weight 2 nexthop via 192.168.0.103"
        " && ip route add blackhole 10.1.4.0/24 table 77 && ip route add 10.1.5.0/24 via 192.168.0.102 onlink dev eth0 table 77"
        " && ip neigh add 192.168.0.50 lladdr 02:00:00:00:00:50 dev eth0 nud permanent"
        " && ip link add vx0 type vxlan id 1 dstport 8472 local 192.168.0.101 nolearning && ip link set vx0 up"
        " && bridge fdb append 02:00:00:00:00:99 dev vx0 dst 192.168.0.102",
    )
    return node


ROUTING: dict[str, tuple[Callable[[EmbeddedNode], AbstractContextManager[None]], str, str]] = {
    "route deleted": (lambda n: faults.route_deleted(n, "10.1.2.0/24"), "ip route show 10.1.2.0/24", ""),
    "multipath deleted": (lambda n: faults.route_deleted(n, "10.1.3.0/24"), "ip route show 10.1.3.0/24", ""),
    "deleted elsewhere": (
        lambda n: faults.route_deleted(n, "10.1.5.0/24", table="77"),
        "ip route show table 77 10.1.5.0/24",
        "",
    ),
    "connected deleted": (lambda n: faults.route_deleted(n, "192.168.0.0/24"), "ip route show 192.168.0.0/24", ""),
    "blackholed": (
        lambda n: faults.route_replaced(n, "blackhole 10.1.2.0/24"),
        "ip route get 10.1.2.1 2>&1",
        "Invalid argument",
    ),
    "wrong gateway": (
        lambda n: faults.route_replaced(n, "10.1.2.0/24 via 192.168.0.109"),
        "ip route get 10.1.2.1",
        "via 192.168.0.109",
    ),
    "prepended": (
        lambda n: faults.route_added(n, "10.1.2.0/24 via 192.168.0.109 dev eth0", how="prepend"),
        "ip route get 10.1.2.1",
        "via 192.168.0.109",
    ),
    "longer prefix": (
        lambda n: faults.route_added(n, "unreachable 10.1.2.0/25"),
        "ip route get 10.1.2.1 2>&1",
        "No route to host",
    ),
    "new table": (
        lambda n: faults.route_added(n, "10.1.9.0/24 via 192.168.0.103 table 99"),
        "ip route show table 99",
        "10.1.9.0/24",
    ),
    "rule": (
        lambda n: faults.rule_added(n, "to 10.1.2.0/24 lookup 77 priority 50"),
        "ip rule",
        "50:\tfrom all to 10.1.2.0/24 lookup 77",
    ),
    "new neighbour": (
        lambda n: faults.neighbour_replaced(n, "192.168.0.60", "02:00:00:00:00:66"),
        "ip neigh show 192.168.0.60",
        "02:00:00:00:00:66 PERMANENT",
    ),
    "wrong neighbour": (
        lambda n: faults.neighbour_replaced(n, "192.168.0.50", "02:00:00:00:00:66"),
        "ip neigh show 192.168.0.50",
        "02:00:00:00:00:66 PERMANENT",
    ),
    "neighbour deleted": (
        lambda n: faults.neighbour_deleted(n, "192.168.0.50"),
        "ip neigh show nud permanent 192.168.0.50",
        "",
    ),
    "fdb deleted": (lambda n: faults.fdb_deleted(n, "02:00:00:00:00:99", "vx0"), "bridge fdb show dev vx0", ""),
    "interface down": (lambda n: faults.interface_down(n), "ip -br link show eth0", "DOWN"),
}


@pytest.mark.parametrize("kind", ROUTING)
def test_tables_are_changed_and_put_back(kind: str, site: Site, n1: EmbeddedNode) -> None:
    make, look, broken = ROUTING[kind]
    before = tables(site)
    assert "10.1.5.0/24 via 192.168.0.102 dev eth0 table 77 onlink " in before["n1"]
    with make(n1):
        seen = n1.host.run(look).stdout
        assert broken in seen if broken else "10.1" not in seen and "192.168.0." not in seen and "02:00" not in seen
    assert watch(lambda: tables(site), lambda now: now == before, within=2).last == before


def test_a_daemon_that_heals_by_itself_is_not_disturbed(site: Site, n1: EmbeddedNode) -> None:
    before = tables(site)
    with faults.route_deleted(n1, "10.1.2.0/24"):
        n1.host.run_expect(
            [0], "ip route add 10.1.2.0/24 via 192.168.0.102 && ip route add 10.1.2.0/24 via 192.168.0.103 metric 5"
        )
    assert tables(site) == before


def test_routes_that_a_daemon_has_to_bring_back_stay_away(site: Site) -> None:
    node = site.nodes["n3"]
    node.host.run_expect([0], "ip route add 10.1.2.0/24 via 192.168.0.102")
    with faults.interface_down(node, routes_back=False):
        assert node.host.run("ip route show").stdout == ""
    assert node.host.run("ip route show").stdout == "192.168.0.0/24 dev eth0 proto kernel scope link src 192.168.0.103 \n"


HALFWAY: dict[str, tuple[Callable[[EmbeddedNode], AbstractContextManager[None]], str, int]] = {
    "route deleted": (lambda n: faults.route_deleted(n, "10.1.2.0/24"), "ip -o -4 route show", 3),
    "fdb deleted": (lambda n: faults.fdb_deleted(n, "00:00:00:00:00:00", "vx0"), "bridge fdb del", 2),
}


@pytest.mark.parametrize("kind", HALFWAY)
def test_what_fails_halfway_is_undone(kind: str, site: Site, n1: EmbeddedNode, monkeypatch: pytest.MonkeyPatch) -> None:
    make, command, number = HALFWAY[kind]
    for address in ("192.168.0.102", "192.168.0.103"):
        n1.host.run_expect([0], f"bridge fdb append 00:00:00:00:00:00 dev vx0 dst {address}")
    before = {place: sorted(rows) for place, rows in tables(site).items()}
    run, seen = n1.run, []

    def failing(argv: Sequence[str], within: float = 30.0) -> Done:
        matching = command in argv[-1]
        seen.extend([argv] if matching else [])
        return Done(2, b"", b"no more") if matching and len(seen) == number else run(argv, within)

    monkeypatch.setattr(n1.host.backend, "_run", failing)
    with pytest.raises(LabError, match="no more"), make(n1):
        pass
    monkeypatch.undo()
    assert {place: sorted(rows) for place, rows in tables(site).items()} == before
    n1.host.run("while bridge fdb del 00:00:00:00:00:00 dev vx0; do :; done")


def test_a_node_that_is_cut_off_halfway_is_on_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    node = site.nodes["n2"]

    def failing(_name: str) -> None:
        raise LabError("no more")

    for fault in (faults.powered_off, faults.rebooted):
        with monkeypatch.context() as patch:
            calls = iter([failing])
            unplug = node.fabric.unplug
            patch.setattr(node.fabric, "unplug", lambda name, unplug=unplug, calls=calls: next(calls, unplug)(name))
            with pytest.raises(LabError, match="no more"), fault(node):
                pass
        assert node.on
        assert node.host.interface("eth0").addresses[0] == "192.168.0.102"


def test_a_fault_without_its_place_is_an_error_of_the_lab(n1: EmbeddedNode) -> None:
    for fault in (
        faults.route_deleted(n1, "10.77.0.0/24"),
        faults.route_replaced(n1, "blackhole 10.77.0.0/24"),
        faults.neighbour_deleted(n1, "192.168.0.77"),
        faults.fdb_deleted(n1, "02:00:00:00:00:01", "vx0"),
        faults.link_down(n1, "vx0"),
        faults.route_added(n1, "10.1.2.0/24 via 1.2.3.4"),
    ):
        with pytest.raises(LabError, match="n1: "), fault:
            pass


@pytest.mark.parametrize("fault", [faults.killed, faults.stopped, faults.paused])
def test_daemons(fault: Fault[[Daemon]], site: Site) -> None:
    daemon = site.nodes["n1"].daemon(fault.name, ["sleep", "60"])
    daemon.start()
    state = "paused" if fault is faults.paused else "stopped"
    with fault(daemon):
        until(lambda: daemon.state == state, within=2, what=state)
    until(lambda: daemon.state == "running", within=2, what="running")


def test_power(site: Site, reaches: Reaches) -> None:
    one, two = site.nodes["n1"], site.nodes["n2"]
    started: list[str] = []
    with faults.powered_off(two, restart=lambda: started.append("n2")):
        assert not two.on
        assert not started
    assert reaches(one, two) == 1
    assert started == ["n2"]
    born = two.pid
    with faults.rebooted(two):
        assert reaches(one, two) == 1
        assert two.pid != born


def test_a_pulled_cable_leaves_addresses_and_routes(site: Site, n1: EmbeddedNode, reaches: Reaches) -> None:
    before = tables(site)
    with faults.link_down(n1):
        assert reaches(n1, site.nodes["n2"], within=0.2) == 0
        assert n1.host.file("/sys/class/net/eth0/carrier").content_string == "0\n"
        assert n1.host.interface("eth0").addresses[0] == "192.168.0.101"
        assert "10.1.2.0/24 via 192.168.0.102" in n1.host.run("ip route").stdout
    until(lambda: tables(site) == before, within=2, what="as before")
    assert reaches(n1, site.nodes["n2"], within=2) == 1


def test_two_are_kept_apart_and_no_third_is_concerned(site: Site, reaches: Reaches) -> None:
    a, b, c = site.nodes.values()
    before = tables(site)
    with faults.isolated(a, b):
        assert (reaches(a, b, within=0.2), reaches(b, a, within=0.2)) == (0, 0)
        assert (reaches(a, c), reaches(c, b)) == (1, 1)
        with pytest.raises(LabError, match="n1 and n2 are isolated already"), faults.isolated(b, c):
            pass
    assert tables(site) == before
    assert (reaches(a, b, within=3), reaches(b, a, within=3)) == (1, 1)


def test_frames_are_lost(site: Site, reaches: Reaches) -> None:
    a, b, c = site.nodes.values()
    assert reaches(a, b, count=200) == reaches(c, b, count=200) == 200
    before = tables(site)
    with faults.lossy(a, 0.4):
        until(lambda: reaches(a, b) == 1, within=10, what="the neighbour is known")
        assert 80 <= reaches(a, b, count=200, within=0.3) <= 160
        assert reaches(c, b, count=200) == 200
        with pytest.raises(LabError, match="lossy or delayed already"), faults.delayed(a, 1):
            pass
    assert tables(site) == before
    assert reaches(a, b, count=200) == 200
    with faults.lossy(a, 1.0):
        assert reaches(a, b, count=50, within=0.2) == 0


@pytest.mark.parametrize("order", [1, -1])
def test_cables_faults_compose(order: int, site: Site, reaches: Reaches) -> None:
    a, b, c = site.nodes.values()
    before = tables(site)
    outer, inner, third = [faults.isolated(a, b), faults.lossy(a, 0.0), faults.link_down(c)][::order]
    with outer, inner:
        arrive, within = (0, 0.2) if order == 1 else (1, 3)
        assert (reaches(a, b, within=within), reaches(b, a, within=within)) == (arrive, arrive)
        with third:
            assert (reaches(a, b, within=0.2), reaches(a, c, within=0.2)) == (0, 0)
    assert tables(site) == before
    assert reaches(a, b, within=3) == reaches(b, a, within=3) == reaches(c, b, within=3) == 1


def test_frames_are_late_but_whole(site: Site) -> None:
    """A large TCP transfer too, whose checksums and segmentation the sender leaves to its device."""
    a, b, _ = site.nodes.values()
    with (
        faults.delayed(a, 0.05),
        b.socket(socket.AF_INET, socket.SOCK_STREAM) as listener,
        a.socket(socket.AF_INET, socket.SOCK_STREAM) as out,
    ):
        listener.bind(("", 5000))
        listener.listen()
        out.settimeout(5)
        start = time.monotonic()
        out.connect((str(b.address.ip), 5000))
        assert 0.1 <= time.monotonic() - start < 1.0
        into, _ = listener.accept()
        with into:
            sent = bytes(range(256)) * 400
            out.sendall(sent)
            out.shutdown(socket.SHUT_WR)
            into.settimeout(5)
            assert b"".join(iter(lambda: into.recv(1 << 16), b"")) == sent

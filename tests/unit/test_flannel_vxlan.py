"""Reading and judging the vxlan back end, on hand-written data."""

import json
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from labs.embedded.enter import Done
from labs.errors import LabError
from labs.flannel.observations import Lease, Routing
from labs.flannel.vxlan import Tunnel, TunnelEnd, read_tunnel
from labs.flannel.vxlan_lab import need_vxlan
from labs.observe.routing import Route
from labs.observe.vxlan import FdbEntry, Neighbour, VxlanLink, read_fdb, read_neighbours, read_vxlan_links
from labs.problem import Problem
from suites.flannel.entries import stray_problems
from suites.flannel.repair import undamaged, unrepaired
from suites.flannel.vxlan import device_problems, entry_problems, lease_problems, onlink_problems

TUNNEL = Tunnel()
HERE, PEER = IPv4Address("192.168.0.101"), IPv4Address("192.168.0.102")
MAC, PEERS = "02:00:00:00:00:01", "02:00:00:00:00:02"
OWN = Lease(IPv4Network("10.244.1.0/24"), HERE, "vxlan", 0, 1, MAC)
OTHER = Lease(IPv4Network("10.244.2.0/24"), PEER, "vxlan", 0, 1, PEERS.upper())
LEASES = (OWN, OTHER)
GATEWAY = IPv4Address("10.244.2.0")
LINK = VxlanLink("flannel.1", MAC, 1450, True, 1, 8472, HERE, "eth0", (IPv4Interface("10.244.1.0/32"),))
ENTRY = FdbEntry("flannel.1", PEERS, PEER, True)
KNOWN = Neighbour("flannel.1", GATEWAY, PEERS, True)
END = TunnelEnd(HERE, 1500, {"flannel.1": LINK}, (ENTRY,), (KNOWN,))


def kinds(end: TunnelEnd, leases: Sequence[Lease] = LEASES) -> list[str]:
    """Of what is wrong with one of two nodes."""
    return _kinds([problem for problem in entry_problems({"n1": end}, leases, TUNNEL) if "10.244.2." not in problem.where])


def _kinds(problems: Sequence[Problem]) -> list[str]:
    return [problem.kind for problem in problems]


def linked(**changes: object) -> TunnelEnd:
    return replace(END, links={"flannel.1": replace(LINK, **changes)})  # type: ignore[arg-type]


def test_an_end_that_is_right() -> None:
    assert kinds(END) == []
    assert kinds(replace(END, fdb=(replace(ENTRY, port=8472, vni=1, via="eth0"),))) == []


def test_an_mtu_that_is_configured_stands_for_the_links() -> None:
    tunnel = replace(TUNNEL, mtu=1400)
    assert device_problems({"n1": linked(mtu=1350)}, LEASES, tunnel) == []
    assert _kinds(device_problems({"n1": END}, LEASES, tunnel)) == ["wrong-mtu"]


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (linked(vni=7), "wrong-vni"),
        (linked(port=4789), "wrong-port"),
        (linked(local=PEER), "wrong-local"),
        (linked(local=None), "wrong-local"),
        (linked(device="eth1"), "wrong-link"),
        (linked(mtu=1500), "wrong-mtu"),
        (replace(END, outer_mtu=1400), "wrong-mtu"),
        (linked(addresses=()), "wrong-address"),
        (linked(addresses=(IPv4Interface("10.244.1.0/24"),)), "wrong-address"),
        (linked(up=False), "device-down"),
        (linked(mac="02:00:00:00:00:09"), "wrong-leased-mac"),
        (replace(END, fdb=()), "missing-fdb"),
        (replace(END, fdb=(replace(ENTRY, device="flannel.7"),)), "missing-fdb"),
        (replace(END, fdb=(replace(ENTRY, destination=HERE),)), "wrong-fdb"),
        (replace(END, fdb=(ENTRY, replace(ENTRY, destination=HERE))), "wrong-fdb"),
        (replace(END, fdb=(replace(ENTRY, permanent=False),)), "passing-fdb"),
        (replace(END, fdb=(replace(ENTRY, port=4790),)), "wrong-fdb"),
        (replace(END, fdb=(replace(ENTRY, vni=0),)), "wrong-fdb"),
        (replace(END, fdb=(replace(ENTRY, via="eth1"),)), "wrong-fdb"),
        (replace(END, fdb=(ENTRY, replace(ENTRY, port=4790, vni=77))), "wrong-fdb"),
    ],
)
def test_what_is_wrong_with_an_end(end: TunnelEnd, kind: str) -> None:
    assert kinds(end) == [kind]


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        ((), "missing-neighbour"),
        ((replace(KNOWN, mac=""),), "missing-neighbour"),
        ((replace(KNOWN, device="eth0"),), "missing-neighbour"),
        ((replace(KNOWN, mac=MAC),), "wrong-neighbour"),
        ((replace(KNOWN, permanent=False),), "passing-neighbour"),
    ],
)
def test_what_is_wrong_with_a_neighbour(found: tuple[Neighbour, ...], kind: str) -> None:
    found_problems = entry_problems({"n1": replace(END, neighbours=found)}, LEASES, TUNNEL)
    assert [(p.kind, p.where) for p in found_problems if p.where.startswith("n1")] == [(kind, "n1: 10.244.2.0")]


def test_a_device_that_is_not_there() -> None:
    (problem,) = device_problems({"n1": replace(END, links={"flannel.7": LINK})}, LEASES, TUNNEL)
    assert (problem.kind, problem.found) == ("missing-device", "flannel.7")


def test_leases_tell_the_devices_vni_and_mac() -> None:
    assert lease_problems({"n1": END}, [OWN], TUNNEL) == []
    assert _kinds(lease_problems({"n1": END}, [replace(OWN, vni=7)], TUNNEL)) == ["wrong-leased-vni"]
    assert _kinds(lease_problems({"n1": END}, [replace(OWN, vtep=None)], TUNNEL)) == ["wrong-leased-mac"]


def test_strays_are_lasting_entries_without_a_lease() -> None:
    assert stray_problems({"n1": END}, LEASES, TUNNEL) == []
    assert _kinds(stray_problems({"n1": END}, [OWN], TUNNEL)) == ["stray-fdb", "stray-neighbour"]
    passing = replace(END, fdb=(), neighbours=(replace(KNOWN, permanent=False), replace(KNOWN, device="eth0")))
    assert stray_problems({"n1": passing}, [OWN], TUNNEL) == []


def test_what_is_left_of_a_peers_earlier_device_is_no_stray() -> None:
    left = replace(ENTRY, mac="02:00:00:00:00:99")
    assert stray_problems({"n1": replace(END, fdb=(ENTRY, left))}, LEASES, TUNNEL) == []
    assert _kinds(stray_problems({"n1": replace(END, fdb=(replace(left, destination=HERE),))}, LEASES, TUNNEL)) == ["stray-fdb"]
    assert stray_problems({"n1": replace(END, fdb=(replace(left, destination=HERE, permanent=False),))}, LEASES, TUNNEL) == []


@pytest.mark.parametrize(
    "entry",
    [
        replace(ENTRY, mac="00:00:00:00:00:00"),
        replace(ENTRY, mac="01:00:5e:00:00:01"),
        replace(ENTRY, mac="02:00:00:00:00:99", port=4790),
        replace(ENTRY, mac="02:00:00:00:00:99", vni=77),
    ],
    ids=str,
)
def test_what_no_earlier_device_leaves_is_a_stray_though_it_leads_to_a_peer(entry: FdbEntry) -> None:
    (problem,) = stray_problems({"n1": replace(END, fdb=(ENTRY, entry))}, LEASES, TUNNEL)
    assert (problem.kind, problem.where) == ("stray-fdb", f"n1: {entry.mac}")


def test_routes_into_the_tunnel_are_onlink() -> None:
    right = Route(OTHER.subnet, GATEWAY, "flannel.1", flags=("onlink",))

    def found(*routes: Route) -> list[str]:
        return _kinds(onlink_problems({"n1": Routing(HERE, routes, ())}, LEASES))

    assert found(right) == []
    assert found(replace(right, flags=())) == ["not-onlink"]
    assert found() == found(replace(right, gateway=PEER)) == found(replace(right, table="77")) == ["missing-route"]


def test_what_is_configured() -> None:
    assert read_tunnel('{"Backend": {"Type": "vxlan"}}') == Tunnel(1, 8472)
    other = read_tunnel('{"Backend": {"Type": "vxlan", "VNI": 42, "Port": 4789}}')
    assert (other, other.device) == (Tunnel(42, 4789), "flannel.42")
    assert read_tunnel('{"Backend": {"Type": "vxlan", "Port": 0, "MTU": 1400}}') == Tunnel(1, 8472, 1400)


def test_direct_routing_is_refused_in_one_line() -> None:
    assert read_tunnel('{"Backend": {"Type": "vxlan", "DirectRouting": false}}') == Tunnel()
    with pytest.raises(LabError, match=r"^flannel-vxlan: DirectRouting is not judged yet; [^\n]*$"):
        read_tunnel('{"Backend": {"Type": "vxlan", "DirectRouting": true}}')


DATA = {"id": 1, "local": "192.168.0.101", "link": "eth0", "port": 8472, "learning": False}
SHOWN = {
    "ifname": "flannel.1",
    "flags": ["BROADCAST", "UP", "LOWER_UP"],
    "mtu": 1450,
    "address": MAC,
    "linkinfo": {"info_kind": "vxlan", "info_data": DATA},
    "addr_info": [{"family": "inet", "local": "10.244.1.0", "prefixlen": 32}, {"family": "inet6", "local": "fe80::1"}],
}


def test_reading_what_iproute2_says() -> None:
    assert read_vxlan_links(json.dumps([{}, SHOWN])) == {"flannel.1": LINK}
    assert read_vxlan_links("") == {}
    rows = [
        {"mac": PEERS.upper(), "ifname": "flannel.1", "dst": "192.168.0.102", "flags": ["self"], "state": "permanent"},
        {"mac": MAC, "ifname": "cni0", "flags": ["self"], "state": "permanent"},
    ]
    assert read_fdb(json.dumps(rows)) == (ENTRY,)
    aside = {**rows[0], "port": 4790, "vni": 77, "viaIf": "eth1"}
    assert [str(entry) for entry in read_fdb(json.dumps([aside]))] == [f"{PEERS} dst 192.168.0.102 port 4790 vni 77 via eth1"]
    neighbours = [
        {"dst": "10.244.2.0", "dev": "flannel.1", "lladdr": PEERS, "state": ["PERMANENT"]},
        {"dst": "192.168.0.9", "dev": "eth0", "state": ["FAILED"]},
    ]
    assert read_neighbours(json.dumps(neighbours)) == (KNOWN, Neighbour("eth0", IPv4Address("192.168.0.9"), "", False))


def test_a_kernel_without_vxlan_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr("labs.flannel.vxlan_lab.load", lambda module: loaded.append(module) or True)
    with pytest.raises(LabError, match=r"^flannel-vxlan lab: this kernel has no vxlan \(CONFIG_VXLAN\).*modprobe vxlan$"):
        need_vxlan(lambda _argv: Done(2, b"", b"Error: Unknown device type.\n"))
    assert loaded == ["vxlan"]


def test_a_kernel_that_loads_vxlan_is_one_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [Done(2, b"", b"Error: Unknown device type.\n"), Done(0, b"", b""), Done(0, b"", b"")]
    monkeypatch.setattr("labs.flannel.vxlan_lab.load", lambda _module: True)
    need_vxlan(lambda _argv: answers.pop(0))
    assert answers == []


def test_repair_means_nothing_without_damage() -> None:
    problem = Problem("missing-fdb", "n1: x", "an entry", "none")
    assert undamaged("missing-fdb", [problem]) == []
    assert _kinds(undamaged("wrong-fdb", [problem])) == _kinds(undamaged("wrong-fdb", [])) == ["not-damaged"]
    assert [(p.kind, p.where) for p in unrepaired([problem])] == [("unrepaired", "n1: x: missing-fdb")]

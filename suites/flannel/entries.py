"""The judges of what a tunnel's device knows: for each peer a forwarding entry and a neighbour, and nobody else."""

from collections.abc import Collection, Iterator, Mapping
from ipaddress import IPv4Address

from labs.flannel.observations import Lease
from labs.flannel.vxlan import Tunnel, TunnelEnd
from labs.observe.vxlan import FdbEntry
from labs.problem import Problem

EVERYTHING = "00:00:00:00:00:00"
"""The MAC address whose entries take what no other entry is for."""


def fdb_problems(ends: Mapping[str, TunnelEnd], leases: Collection[Lease], tunnel: Tunnel) -> list[Problem]:
    """Peers whose MAC address a node does not send to the peer, or not for good."""
    return [problem for node, end, lease in _peers(ends, leases) for problem in _fdb(node, end, lease, tunnel)]


def _fdb(node: str, end: TunnelEnd, lease: Lease, tunnel: Tunnel) -> Iterator[Problem]:
    place, expected = f"{node}: {mac_of(lease)} of {lease.public_ip}", f"dst {lease.public_ip}, permanent"
    rows = [entry for entry in end.fdb if entry.device == tunnel.device and entry.mac == mac_of(lease)]
    if not rows:
        yield Problem("missing-fdb", place, expected, "no entry")
    elif not all(_reaches(entry, lease.public_ip, end, tunnel) for entry in rows):
        yield Problem("wrong-fdb", place, expected, "; ".join(map(str, rows)))
    elif not all(entry.permanent for entry in rows):
        yield Problem("passing-fdb", place, expected, "; ".join(map(str, rows)))


def _reaches(entry: FdbEntry, peer: IPv4Address, end: TunnelEnd, tunnel: Tunnel) -> bool:
    """Whether an entry leads to a peer's end of this tunnel; what it does not say is the device's."""
    said = [(entry.port, tunnel.port), (entry.vni, tunnel.vni), (entry.via, end.device)]
    return entry.destination == peer and all(found in (None, right) for found, right in said)


def neighbour_problems(ends: Mapping[str, TunnelEnd], leases: Collection[Lease], tunnel: Tunnel) -> list[Problem]:
    """Peers whose end's MAC address a node does not know, knows wrongly, or may forget."""
    return [problem for node, end, lease in _peers(ends, leases) for problem in _neighbour(node, end, lease, tunnel)]


def _neighbour(node: str, end: TunnelEnd, lease: Lease, tunnel: Tunnel) -> Iterator[Problem]:
    gateway = lease.subnet.network_address
    place, expected = f"{node}: {gateway}", f"lladdr {mac_of(lease)}, permanent"
    entry = next((each for each in end.neighbours if (each.device, each.address) == (tunnel.device, gateway)), None)
    if entry is None or not entry.mac:
        yield Problem("missing-neighbour", place, expected, entry or "no entry")
    elif entry.mac != mac_of(lease):
        yield Problem("wrong-neighbour", place, expected, entry)
    elif not entry.permanent:
        yield Problem("passing-neighbour", place, expected, entry)


def stray_problems(ends: Mapping[str, TunnelEnd], leases: Collection[Lease], tunnel: Tunnel) -> list[Problem]:
    """Entries of the tunnel's device, made for good, that lead to nobody who holds a lease.

    What is left of a peer's earlier device (another MAC address, the peer's own destination) is none: flannel never takes
    it away after a reboot of the peer, and nothing is sent by it. A device's address is unicast; by an entry of the
    all-zero one everything unknown would be sent.
    """
    found = []
    for node, end in ends.items():
        peers = [lease for lease in leases if lease.public_ip != end.address]
        gateways = {lease.subnet.network_address for lease in peers}
        macs = {mac_of(lease) for lease in peers}
        there = [entry for entry in end.fdb if entry.device == tunnel.device and entry.permanent]
        entries = [entry for entry in there if entry.mac not in macs and not _outlived(entry, end, peers, tunnel)]
        found += [Problem("stray-fdb", f"{node}: {entry.mac}", "no entry without a lease", entry) for entry in entries]
        known = [each for each in end.neighbours if each.device == tunnel.device and each.address not in gateways]
        strays = [each for each in known if each.permanent]
        found += [Problem("stray-neighbour", f"{node}: {each.address}", "no entry without a lease", each) for each in strays]
    return found


def _outlived(entry: FdbEntry, end: TunnelEnd, peers: Collection[Lease], tunnel: Tunnel) -> bool:
    """Whether it is what an earlier device of a peer leaves behind."""
    unicast = not int(entry.mac[:2], 16) & 1 and entry.mac != EVERYTHING
    return unicast and any(_reaches(entry, lease.public_ip, end, tunnel) for lease in peers)


def _peers(ends: Mapping[str, TunnelEnd], leases: Collection[Lease]) -> Iterator[tuple[str, TunnelEnd, Lease]]:
    return ((node, end, lease) for node, end in ends.items() for lease in leases if lease.public_ip != end.address)


def mac_of(lease: Lease) -> str:
    """The MAC address of a peer's end, as its lease tells it."""
    return (lease.vtep or "").lower()

"""The judges of tunnel ends: each node's device as configured, and for each peer a forwarding entry, a neighbour, a route."""

from collections.abc import Collection, Iterator, Mapping

from labs.flannel.observations import Lease, Routing
from labs.flannel.vxlan import Tunnel, TunnelEnd
from labs.problem import Problem
from suites.flannel.leases import inner_mtu


def device_problems(ends: Mapping[str, TunnelEnd], leases: Collection[Lease], tunnel: Tunnel) -> list[Problem]:
    """What is wrong with the nodes' devices: each is there and up, as configured, with room for the outer headers."""
    return [problem for node, end in ends.items() for problem in _device(node, end, leases, tunnel)]


def _device(node: str, end: TunnelEnd, leases: Collection[Lease], tunnel: Tunnel) -> Iterator[Problem]:
    place, link = f"{node}: {tunnel.device}", end.links.get(tunnel.device)
    if link is None:
        yield Problem("missing-device", place, "a VXLAN device", ", ".join(end.links) or "none")
        return
    own = [f"{lease.subnet.network_address}/32" for lease in leases if lease.public_ip == end.address]
    rows = [
        ("wrong-vni", "VNI", tunnel.vni, link.vni),
        ("wrong-port", "UDP port", tunnel.port, link.port),
        ("wrong-local", "local address", end.address, link.local),
        ("wrong-link", "link", end.device, link.device),
        ("wrong-mtu", "MTU", inner_mtu(end.outer_mtu, "vxlan"), link.mtu),
        ("wrong-address", "address", own, [str(address) for address in link.addresses]),
        ("device-down", "state", True, link.up),
    ]
    for kind, what, expected, found in rows:
        if expected != found:
            yield Problem(kind, f"{place}: {what}", expected, found)


def lease_problems(ends: Mapping[str, TunnelEnd], leases: Collection[Lease], tunnel: Tunnel) -> list[Problem]:
    """Leases that tell peers another VNI or MAC address than that of the node's device."""
    macs = {end.address: end.links[tunnel.device].mac for end in ends.values() if tunnel.device in end.links}
    found = []
    for lease in leases:
        if lease.vni != tunnel.vni:
            found.append(Problem("wrong-leased-vni", str(lease.subnet), tunnel.vni, lease.vni))
        if (mac := macs.get(lease.public_ip)) != _mac(lease):
            found.append(Problem("wrong-leased-mac", str(lease.subnet), mac or "no device, no lease", lease.vtep))
    return found


def fdb_problems(ends: Mapping[str, TunnelEnd], leases: Collection[Lease], tunnel: Tunnel) -> list[Problem]:
    """Peers whose MAC address a node does not send to the peer, or not for good."""
    return [problem for node, end, lease in _peers(ends, leases) for problem in _fdb(node, end, lease, tunnel)]


def _fdb(node: str, end: TunnelEnd, lease: Lease, tunnel: Tunnel) -> Iterator[Problem]:
    place, expected = f"{node}: {_mac(lease)} of {lease.public_ip}", f"dst {lease.public_ip}, permanent"
    rows = [entry for entry in end.fdb if entry.device == tunnel.device and entry.mac == _mac(lease)]
    if not rows:
        yield Problem("missing-fdb", place, expected, "no entry")
    elif {entry.destination for entry in rows} != {lease.public_ip}:
        yield Problem("wrong-fdb", place, expected, "; ".join(map(str, rows)))
    elif not all(entry.permanent for entry in rows):
        yield Problem("passing-fdb", place, expected, "; ".join(map(str, rows)))


def neighbour_problems(ends: Mapping[str, TunnelEnd], leases: Collection[Lease], tunnel: Tunnel) -> list[Problem]:
    """Peers whose end's MAC address a node does not know, knows wrongly, or may forget."""
    return [problem for node, end, lease in _peers(ends, leases) for problem in _neighbour(node, end, lease, tunnel)]


def _neighbour(node: str, end: TunnelEnd, lease: Lease, tunnel: Tunnel) -> Iterator[Problem]:
    gateway = lease.subnet.network_address
    place, expected = f"{node}: {gateway}", f"lladdr {_mac(lease)}, permanent"
    entry = next((each for each in end.neighbours if (each.device, each.address) == (tunnel.device, gateway)), None)
    if entry is None or not entry.mac:
        yield Problem("missing-neighbour", place, expected, entry or "no entry")
    elif entry.mac != _mac(lease):
        yield Problem("wrong-neighbour", place, expected, entry)
    elif not entry.permanent:
        yield Problem("passing-neighbour", place, expected, entry)


def stray_problems(ends: Mapping[str, TunnelEnd], leases: Collection[Lease], tunnel: Tunnel) -> list[Problem]:
    """Entries of the tunnel's device, made for good, that lead to nobody who holds a lease.

    What is left of a peer's earlier device (another MAC address, the peer's own destination) is none: flannel never takes
    it away after a reboot of the peer, and nothing is sent by it.
    """
    found = []
    for node, end in ends.items():
        peers = [lease for lease in leases if lease.public_ip != end.address]
        holders, gateways = {lease.public_ip for lease in peers}, {lease.subnet.network_address for lease in peers}
        macs = {_mac(lease) for lease in peers}
        there = [entry for entry in end.fdb if entry.device == tunnel.device and entry.permanent]
        entries = [entry for entry in there if entry.mac not in macs and entry.destination not in holders]
        found += [Problem("stray-fdb", f"{node}: {entry.mac}", "no entry without a lease", entry) for entry in entries]
        known = [each for each in end.neighbours if each.device == tunnel.device and each.address not in gateways]
        strays = [each for each in known if each.permanent]
        found += [Problem("stray-neighbour", f"{node}: {each.address}", "no entry without a lease", each) for each in strays]
    return found


def onlink_problems(routing: Mapping[str, Routing], leases: Collection[Lease]) -> list[Problem]:
    """Peers' subnets that have no route into the tunnel, or one that is not onlink: its gateway is in no subnet of the node."""
    found = []
    for node, own in routing.items():
        ways = {(route.destination, route.gateway, route.device): route for route in own.routes if route.table == "main"}
        for lease in (lease for lease in leases if lease.public_ip != own.address):
            gateway, device = lease.way(own.device)
            route, place = ways.get((lease.subnet, gateway, device)), f"{node}: {lease.subnet}"
            if route is None:
                found.append(Problem("missing-route", place, f"via {gateway} dev {device} onlink", "no such route"))
            elif "onlink" not in route.flags:
                found.append(Problem("not-onlink", place, f"via {gateway} dev {device} onlink", str(route)))
    return found


def entry_problems(ends: Mapping[str, TunnelEnd], leases: Collection[Lease], tunnel: Tunnel) -> list[Problem]:
    """All of it but strays: devices, leases, forwarding entries, neighbours."""
    found = device_problems(ends, leases, tunnel) + lease_problems(ends, leases, tunnel)
    return found + fdb_problems(ends, leases, tunnel) + neighbour_problems(ends, leases, tunnel)


def _peers(ends: Mapping[str, TunnelEnd], leases: Collection[Lease]) -> Iterator[tuple[str, TunnelEnd, Lease]]:
    return ((node, end, lease) for node, end in ends.items() for lease in leases if lease.public_ip != end.address)


def _mac(lease: Lease) -> str:
    return (lease.vtep or "").lower()

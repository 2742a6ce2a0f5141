"""The judges of tunnel ends: each node's device as configured, as leased, and routed into; entries.py has the rest."""

from collections.abc import Collection, Iterator, Mapping

from labs.flannel.observations import Lease, Routing
from labs.flannel.vxlan import Tunnel, TunnelEnd
from labs.problem import Problem
from suites.flannel.entries import fdb_problems, mac_of, neighbour_problems
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
        ("wrong-mtu", "MTU", inner_mtu(tunnel.mtu or end.outer_mtu, "vxlan"), link.mtu),
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
        if (mac := macs.get(lease.public_ip)) != mac_of(lease):
            found.append(Problem("wrong-leased-mac", str(lease.subnet), mac or "no device, no lease", lease.vtep))
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

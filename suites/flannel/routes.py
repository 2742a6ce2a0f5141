"""The judge of routes: what each node's routing gets wrong against the leases."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from labs.flannel.observations import Lease, Routing
from labs.observe.routing import Route
from labs.problem import Problem
from suites.flannel.rules import Expected, shadowing_rules

WAYS = frozenset({"missing-route", "wrong-gateway", "wrong-device", "blackhole-route", "dead-route"})
SURPLUS = frozenset({"stale-route", "duplicate-route"})
SHADOWS = frozenset({"shadowed-route", "shadowing-rule", "missing-rule"})
"""The kinds of what the audit finds: no way or a wrong one to a leased subnet, ways too many, ways that are taken first."""


@dataclass(frozen=True)
class Place:
    """A subnet on a node, and how it ought to be routed there."""

    node: str
    subnet: IPv4Network
    gateway: IPv4Address | None
    device: str

    def __str__(self) -> str:
        return f"{self.node}: {self.subnet}"

    @property
    def expected(self) -> str:
        return f"via {self.gateway} dev {self.device}" if self.gateway else f"dev {self.device}, no gateway"

    def takes(self, route: Route) -> bool:
        return (route.kind, route.gateway, route.device) == ("unicast", self.gateway, self.device)


def audit(routing: Mapping[str, Routing], leases: Collection[Lease], network: IPv4Network) -> list[Problem]:
    """What the nodes' routing gets wrong: each leased subnet the way its lease asks, their own to the bridge, nothing else."""
    return [problem for node, own in routing.items() for problem in audit_node(node, own, leases, network)]


def audit_node(node: str, routing: Routing, leases: Collection[Lease], network: IPv4Network) -> list[Problem]:
    expected = expectation(routing, leases)
    by_destination: dict[IPv4Network, list[Route]] = {}
    for route in routing.routes:
        if route.table == "main" and _inside(route.destination, network):
            by_destination.setdefault(route.destination, []).append(route)
    found: list[Problem] = []
    for subnet, way in expected.items():
        found += _judge(Place(node, subnet, *way), by_destination.pop(subnet, []))
    for routes in by_destination.values():
        found += [_unexpected(node, route, expected) for route in routes]
    found += _local(node, routing, leases, network)
    return found + shadowing_rules(node, routing, expected)


def expectation(routing: Routing, leases: Collection[Lease]) -> Expected:
    """Gateway and device by subnet, as the leases ask it of this node."""
    own = (None, routing.bridge)
    mine = routing.address
    return {lease.subnet: own if lease.public_ip == mine else lease.way(routing.device) for lease in leases}


def _inside(destination: IPv4Network, network: IPv4Network) -> bool:
    return destination.prefixlen >= network.prefixlen and destination.network_address in network


def _judge(place: Place, routes: Sequence[Route]) -> Iterator[Problem]:
    """The routes to one leased subnet; the first of them is the one that the kernel takes."""
    ordered = sorted(routes, key=lambda route: route.metric)
    if not ordered:
        yield Problem("missing-route", str(place), place.expected, "no route")
        return
    first, others = ordered[0], ordered[1:]
    if place.takes(first):
        if {"dead", "linkdown"} & set(first.flags):
            yield Problem("dead-route", str(place), place.expected, str(first))
        yield from (Problem("duplicate-route", str(place), "one route", str(route)) for route in others)
    elif any(map(place.takes, others)):
        yield Problem("shadowed-route", str(place), place.expected, f"{first} in front of it")
    else:
        yield Problem(_wrong(place, first), str(place), place.expected, str(first))


def _wrong(place: Place, route: Route) -> str:
    if route.kind not in ("unicast", "multipath"):
        return "blackhole-route"
    return "wrong-gateway" if route.gateway != place.gateway or route.kind == "multipath" else "wrong-device"


def _unexpected(node: str, route: Route, expected: Expected) -> Problem:
    """A route of the network that no lease asks for: inside a leased subnet it takes traffic away from it."""
    for subnet in expected:
        if _inside(route.destination, subnet):
            return Problem("shadowed-route", f"{node}: {subnet}", "nothing more specific", str(route))
    return Problem("stale-route", f"{node}: {route.destination}", "no route without a lease", str(route))


def _local(node: str, routing: Routing, leases: Collection[Lease], network: IPv4Network) -> Iterator[Problem]:
    """The table `local` comes first: of the network it may have the node's own addresses, and nothing that covers more."""
    own = {place for lease in leases if lease.public_ip == routing.address for place in _addresses(lease, routing.bridge)}
    for route in routing.routes:
        if route.table != "local" or not route.destination.overlaps(network):
            continue
        single = route.destination.prefixlen == route.destination.max_prefixlen
        if not single or (route.device, route.destination.network_address) not in own:
            yield Problem("shadowed-route", f"{node}: table local", "the node's own addresses", str(route))


def _addresses(lease: Lease, bridge: str) -> Iterator[tuple[str, IPv4Address]]:
    """Device and address of what a node has for itself in its own subnet: the bridge's, and with vxlan the tunnel end's."""
    yield from ((bridge, lease.subnet[number]) for number in (0, 1, -1))
    if lease.backend == "vxlan":
        yield lease.way("")[1], lease.subnet.network_address

"""The judges of nodes that join, leave, die and come back: what the others make of it, and what it does to traffic."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from labs.flannel.observations import Lease, Routing
from labs.flannel.traffic import Track
from labs.problem import Problem
from suites.flannel.routes import WAYS, audit_node


def way_problems(routing: Mapping[str, Routing], leases: Collection[Lease], network: IPv4Network) -> list[Problem]:
    """The nodes' ways to each other's subnets that are not as leased; whatever else they route is not asked here."""
    found: list[Problem] = []
    for node, own in routing.items():
        peers = [lease for lease in leases if lease.public_ip != own.address]
        found += [problem for problem in audit_node(node, own, peers, network) if problem.kind in WAYS]
    return found


def holder_missing(node: str, address: IPv4Address, leases: Collection[Lease], kind: str = "missing-lease") -> list[Problem]:
    """Whether a node has no lease."""
    held = any(lease.public_ip == address for lease in leases)
    return [] if held else [Problem(kind, node, f"a lease of {address}", "none")]


def lingering(routing: Mapping[str, Routing], subnet: IPv4Network) -> list[Problem]:
    """The nodes that still route a subnet that is nobody's any more."""
    return [
        Problem("stale-route", f"{node}: {subnet}", "no route without a lease", str(route))
        for node, own in routing.items()
        for route in own.routes
        if route.table == "main" and route.destination == subnet
    ]


def taken_anew(lease: Lease, leases: Collection[Lease]) -> list[Lease]:
    """The leases of a lost lease's subnet that are not it: flannel takes the same one again, by another number of etcd's."""
    return [each for each in leases if each.subnet == lease.subnet and each.number != lease.number]


def aftermath(routing: Mapping[str, Routing], lost: Lease, leases: Collection[Lease], network: IPv4Network) -> list[Problem]:
    """What is wrong once a lease was lost: routes that nobody leases any more, or wrong ones where it was taken anew."""
    anew = taken_anew(lost, leases)
    return way_problems(routing, anew, network) if anew else lingering(routing, lost.subnet)


def unaware(node: str, running: bool, address: IPv4Address, leases: Collection[Lease]) -> list[Problem]:
    """Whether a node's flanneld runs on though its lease was taken: it has to end, or to lease anew."""
    if not running or not holder_missing(node, address, leases):
        return []
    return [Problem("unaware-owner", node, "flanneld ends, or has a lease again", "it runs without a lease")]


def moved(before: Collection[Lease], after: Collection[Lease]) -> Iterator[Problem]:
    """Nodes that hold another subnet than they held, or none."""
    now = {lease.public_ip: lease.subnet for lease in after}
    for lease in before:
        if now.get(lease.public_ip) != lease.subnet:
            yield Problem("other-subnet", str(lease.public_ip), lease.subnet, now.get(lease.public_ip, "no lease"))


def renewal_problems(lease: Lease, after: Collection[Lease], left: Mapping[int, int], least: float) -> list[Problem]:
    """Whether a lease does not live by a new one of etcd's that has `least` seconds left (`left`: by number)."""
    now = next((each for each in after if replace(each, number=lease.number) == lease), None)
    where = f"{lease.subnet} of {lease.public_ip}"
    if now is None:
        return [Problem("missing-lease", where, "it is renewed", "it is gone")]
    if now.number == lease.number:
        return [Problem("unrenewed-lease", where, "another lease of etcd's", f"{now.number:x} as before")]
    if left.get(now.number, -1) < least:
        return [Problem("short-lease", where, f"{least:.0f} s or more left", f"{left.get(now.number, -1)} s")]
    return []


def down(running: Mapping[str, bool]) -> list[Problem]:
    """The nodes whose flanneld has ended."""
    return [Problem("flanneld-down", node, "it runs", "it does not") for node, runs in running.items() if not runs]


def flow_problems(tracks: Sequence[Track]) -> Iterator[Problem]:
    """Directions of a flow in which something was lost, or nothing sent."""
    for track in tracks:
        if not track.sent:
            yield Problem("no-traffic", str(track), "datagrams", "none was sent")
        elif lost := track.lost:
            when = f"{lost[0]:.2f} s" if len(lost) == 1 else f"{lost[0]:.2f} s to {lost[-1]:.2f} s"
            yield Problem("lost-traffic", str(track), f"all {len(track.sent)} arrive", f"{len(lost)} lost, sent at {when}")

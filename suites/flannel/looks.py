"""Looks at a lab's members, judged: what a test of membership waits for, or what must never be seen."""

from collections.abc import Sequence

from labs.flannel.lab import FlannelLab
from labs.flannel.node import FlannelNode
from labs.flannel.observations import Lease, Routing
from labs.flannel.probe import Pair
from labs.observe.everywhere import everywhere
from labs.problem import Problem
from suites.flannel.membership import down, holder_missing, lingering, way_problems
from suites.flannel.waiting import news


def limit(flannel: FlannelLab) -> float:
    return news(len(flannel.nodes))


def timed(seconds: Sequence[float], within: float) -> str:
    return f"{', '.join(f'{each:.2f} s' for each in seconds)} (limit {within:.1f} s)"


def misrouted(flannel: FlannelLab, leases: Sequence[Lease], nodes: Sequence[FlannelNode] = ()) -> list[Problem]:
    """The nodes' (or some nodes') ways that are not as these leases ask, whatever the registry says now."""
    return way_problems(routing_of(nodes or flannel.nodes), leases, flannel.network)


def unserved(flannel: FlannelLab, nodes: Sequence[FlannelNode] = ()) -> list[Problem]:
    """What the node that joined lacks: a lease, its ways to others, the ways of others (or of `nodes` alone) to it."""
    leases, spare = flannel.leases(), flannel.spare
    routing = routing_of([*(nodes or flannel.nodes), spare])
    return holder_missing(spare.name, spare.address, leases) + way_problems(routing, leases, flannel.network)


def newcomers_pairs(flannel: FlannelLab) -> list[Pair]:
    """The pod of the node that joined with each other's, both ways."""
    new, pods = flannel.spare.pod, [node.pod for node in flannel.nodes]
    return [(new, pod) for pod in pods] + [(pod, new) for pod in pods]


def still_routed(flannel: FlannelLab, lease: Lease, nodes: Sequence[FlannelNode] = ()) -> list[Problem]:
    """The nodes (or some of them) that are not the owner and still route a lease's subnet."""
    others = [node for node in nodes or flannel.nodes if node.address != lease.public_ip]
    return lingering(routing_of(others), lease.subnet)


def routing_of(nodes: Sequence[FlannelNode]) -> dict[str, Routing]:
    return everywhere(nodes, lambda node: node.routing())


def ended(flannel: FlannelLab) -> list[Problem]:
    return down({node.name: node.flanneld.running for node in flannel.nodes})

"""Looks at a lab's members, judged: what a test of membership waits for, or what must never be seen."""

from collections.abc import Sequence

from labs.flannel.lab import FlannelLab
from labs.flannel.node import FlannelNode
from labs.flannel.observations import Lease, Routing
from labs.flannel.probe import Pair
from labs.flannel.vxlan import Tunnel, tunnel_end
from labs.flannel.vxlan_lab import FlannelVxlanLab
from labs.observe.everywhere import everywhere
from labs.problem import Problem
from suites.flannel.entries import stray_problems
from suites.flannel.membership import aftermath, down, holder_missing, taken_anew, way_problems
from suites.flannel.routes import WAYS, audit
from suites.flannel.vxlan import entry_problems, onlink_problems
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


def still_known(flannel: FlannelLab, lost: Lease, nodes: Sequence[FlannelNode] = ()) -> list[Problem]:
    """What the nodes (or some of them) that are not the owner still make of a lease that was lost: routes, and entries."""
    others, leases = [node for node in nodes or flannel.nodes if node.address != lost.public_ip], flannel.leases()
    return aftermath(routing_of(others), lost, leases, flannel.network) + strays(flannel, others, leases)


def strays(flannel: FlannelLab, nodes: Sequence[FlannelNode], leases: Sequence[Lease]) -> list[Problem]:
    """What the tunnel's device of some nodes knows of nobody, where there is a tunnel."""
    if not isinstance(flannel, FlannelVxlanLab):
        return []
    return stray_problems(everywhere(nodes, tunnel_end), leases, flannel.tunnel)


def lost_ways(flannel: FlannelLab) -> list[Problem]:
    """What is missing or wrong of the ways to leased subnets, the nodes' own with them."""
    found = audit(flannel.routing(), flannel.leases(), flannel.network)
    return [problem for problem in found if problem.kind in WAYS]


def tunnel_damage(flannel: FlannelVxlanLab, tunnel: Tunnel | None = None) -> list[Problem]:
    """What is wrong with the nodes' ends of a tunnel (the lab's own) and the routes into them."""
    leases = flannel.leases()
    return entry_problems(flannel.ends(), leases, tunnel or flannel.tunnel) + onlink_problems(flannel.routing(), leases)


def told_anew(lost: Lease, leases: Sequence[Lease]) -> str:
    """Whether a lost lease's subnet is nobody's, or whose."""
    return ", ".join(f"{each.public_ip} by {each.number:x}" for each in taken_anew(lost, leases)) or "nobody"


def routing_of(nodes: Sequence[FlannelNode]) -> dict[str, Routing]:
    return everywhere(nodes, lambda node: node.routing())


def ended(flannel: FlannelLab) -> list[Problem]:
    return down({node.name: node.flanneld.running for node in flannel.nodes})

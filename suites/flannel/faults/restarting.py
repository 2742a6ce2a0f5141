"""flannelds started anew, in a way that shows when they have done their work."""

from collections.abc import Callable, Sequence

from labs.flannel.lab import FlannelLab
from labs.flannel.node import FlannelNode
from labs.observe.everywhere import everywhere
from labs.observe.reading import told
from labs.problem import Problem
from labs.wait import ready
from suites.flannel.faults.flannelds import begun_anew
from suites.flannel.membership import holder_missing, way_problems

READY_LIMIT = 10.0


def renew(flannel: FlannelLab, change: Callable[[FlannelNode], None] = lambda _: None) -> None:
    """Start every flanneld anew, changed or not, and wait until it has set its routes.

    They are flushed before, since one that has only just started heals what the next fault does, once.
    """

    def between(node: FlannelNode) -> None:
        change(node)
        told(node.host, f"ip -4 route flush root {flannel.network} proto boot")

    everywhere(flannel.nodes, lambda node: begun_anew(node, between))
    ready(lambda: _all_ailments(flannel), within=READY_LIMIT, what=f"{flannel}: flannelds started anew")


def ailments(flannel: FlannelLab, node: FlannelNode) -> list[Problem]:
    """What is wrong with a node's lease and with its ways to its peers; that to its own pods is not flanneld's work."""
    leases = flannel.registry.beside(node.prefix).read().leases
    return holder_missing(node.name, node.address, leases) + way_problems({node.name: node.routing()}, leases, flannel.network)


def _all_ailments(flannel: FlannelLab) -> Sequence[Problem]:
    return [problem for found in everywhere(flannel.nodes, lambda node: ailments(flannel, node)).values() for problem in found]

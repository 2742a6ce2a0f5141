"""The judge of the way in the tunnel: what each node's link carried of a burst from pod to pod."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from labs.flannel.vxlan import Tunnel
from labs.observe.tap import Flow
from labs.problem import Problem

Ends = tuple[IPv4Address, IPv4Address]
Seen = Mapping[str, Mapping[Flow, int]]
"""Frames by flow, by the node whose link carried them."""


@dataclass(frozen=True)
class Travel:
    """Datagrams from one node's pod to another's: `arrived` of `count`, between the pods' and the nodes' addresses."""

    sender: str
    receiver: str
    pods: Ends
    nodes: Ends
    count: int
    arrived: int

    def __str__(self) -> str:
        return f"{self.sender} → {self.receiver}"

    def right(self, node: str, tunnel: Tunnel) -> Flow:
        """The one flow in which a node of the two is to carry them."""
        return Flow(node == self.sender, *self.nodes, tunnel.port, tunnel.vni, self.pods)


def tunnel_problems(travel: Travel, seen: Seen, tunnel: Tunnel) -> list[Problem]:
    """Whether a burst went from node to node in the tunnel, each datagram in one frame, and not otherwise."""
    found = []
    if travel.arrived < travel.count:
        found.append(Problem("undelivered", str(travel), f"{travel.count} datagrams", f"{travel.arrived} arrived"))
    for node, flows in seen.items():
        ours = {flow: number for flow, number in flows.items() if flow.ends == travel.pods}
        if node in (travel.sender, travel.receiver):
            found += _on_the_way(travel, node, ours, tunnel)
        else:
            found += [Problem("detour", f"{node}: eth0", "none of it", f"{number} × {flow}") for flow, number in ours.items()]
    return found


def _on_the_way(travel: Travel, node: str, flows: Mapping[Flow, int], tunnel: Tunnel) -> Iterator[Problem]:
    right, place = travel.right(node, tunnel), f"{node}: eth0"
    if flows.get(right, 0) < travel.count:
        yield Problem("not-tunnelled", place, f"{travel.count} × {right}", f"{flows.get(right, 0)} ×")
    for flow, number in flows.items():
        if flow != right:
            yield Problem(_wrong(flow, right), place, right, f"{number} × {flow}")


def _wrong(flow: Flow, right: Flow) -> str:
    rows = [
        ("bare", flow.inner is None),
        ("wrong-port", flow.port != right.port),
        ("wrong-vni", flow.vni != right.vni),
        ("wrong-ends", (flow.outgoing, flow.source, flow.target) != (right.outgoing, right.source, right.target)),
    ]
    return next((kind for kind, so in rows if so), "fragmented")

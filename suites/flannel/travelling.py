"""Bursts between pods, and what the nodes' links carried of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import permutations

from labs.flannel.node import DEVICE, FlannelNode
from labs.flannel.vxlan_lab import FlannelVxlanLab
from labs.observe.tap import Tap
from suites.flannel.tunnel import Seen, Travel

COUNT = 50
"""Datagrams of a burst: each is counted by itself, and all have room in the counting socket's buffer."""
NODES = 4
"""Nodes of which every ordered pair is tried."""


def travels(flannel: FlannelVxlanLab, size: int, nodes: int = NODES) -> Iterator[tuple[Travel, Seen]]:
    """A burst over every ordered pair of the first nodes, packets of `size` bytes, with what all links carried meanwhile."""
    with ExitStack() as stack:
        taps = {node.name: stack.enter_context(Tap(node.machine, DEVICE)) for node in flannel.nodes}
        for sender, receiver in permutations(flannel.nodes[:nodes], 2):
            flannel.deliver([(sender.pod, receiver.pod)])
            for tap in taps.values():
                tap.read()
            travel = _travel(flannel, sender, receiver, size)
            yield travel, {name: tap.read() for name, tap in taps.items()}


def _travel(flannel: FlannelVxlanLab, sender: FlannelNode, receiver: FlannelNode, size: int) -> Travel:
    source, target = sender.pod, receiver.pod
    arrived = flannel.burst(source, target, COUNT, size)
    pods, nodes = (source.address, target.address), (sender.address, receiver.address)
    return Travel(sender.name, receiver.name, pods, nodes, COUNT, arrived)


def carried(travel: Travel, seen: Seen) -> list[str]:
    """The counters of a burst as lines."""
    rows = [(node, flow, number) for node, flows in seen.items() for flow, number in flows.items()]
    return [f"{travel}, {node}: {number} × {flow}" for node, flow, number in rows if flow.ends == travel.pods]

"""Where seeded faults are put, and how a command is taken back."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from labs.errors import LabError
from labs.faults import paused
from labs.flannel.lab import FlannelLab
from labs.flannel.node import DEVICE, FlannelNode
from labs.flannel.observations import Lease
from labs.observe.reading import told
from suites.flannel.robustness import Condition

NOBODYS_MAC = "02:00:00:00:00:77"
"""A MAC address of no device."""


@contextmanager
def commanded(node: FlannelNode, do: str, undo: str) -> Iterator[None]:
    """A command of a node in force, and the one that takes it back."""
    told(node.host, do)
    try:
        yield
    finally:
        told(node.host, undo)


@contextmanager
def all_paused(nodes: Iterable[FlannelNode]) -> Iterator[None]:
    """No flanneld of these nodes heals anything, or is told of anything."""
    with ExitStack() as stack:
        for node in nodes:
            stack.enter_context(paused(node.flanneld))
        yield


def first_two(flannel: FlannelLab) -> tuple[FlannelNode, FlannelNode]:
    return flannel.nodes[0], flannel.nodes[1]


def lease_of(flannel: FlannelLab, node: FlannelNode) -> Lease:
    """The lease of a node; LabError when it has none."""
    for lease in flannel.leases():
        if lease.public_ip == node.address:
            return lease
    raise LabError(f"{node}: it has no lease")


def condition(node: FlannelNode) -> Condition:
    """How a node's flanneld is, and which subnet it told its node."""
    daemon, env = node.machine.daemons["flanneld"], node.subnet_env()
    return Condition(node.name, daemon.running, daemon.exit_code, env.address.network if env else None)


def way_to(flannel: FlannelLab, peer: FlannelNode) -> str:
    """The arguments of `ip route` for the right route to a peer's subnet."""
    return way(lease_of(flannel, peer))


def way(lease: Lease) -> str:
    """The arguments of `ip route` for the right route to a leased subnet, on the other nodes."""
    gateway, device = lease.way(DEVICE)
    return f"{lease.subnet} via {gateway} dev {device}" + (" onlink" if device != DEVICE else "")

"""Mends: work-arounds for what flannel gets wrong today, under which its flagged requirements are proven."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from labs.fault import fault
from labs.flannel.lab import FlannelLab
from labs.flannel.node import HEALTH, FlannelNode
from labs.flannel.registry import PREFIX
from labs.observe.everywhere import everywhere
from labs.observe.reading import told
from labs.repeating import repeated
from suites.flannel.faults.health import OWN_HEALTH, answering, whole
from suites.flannel.faults.places import condition, way
from suites.flannel.faults.restarting import renew

GUARD = Path(__file__).parent / "start-guard.sh"
TEND_EVERY, RESTART_EVERY = 0.2, 1.5
BEHIND = 1000
"""The metric of a route that is taken when there is none of a lower one; flannel's have 0."""


@fault("process")
def supervised(flannel: FlannelLab) -> Iterator[None]:
    """A flanneld that ends by itself is started again at once, as by systemd's Restart=always."""

    def tend(node: FlannelNode) -> None:
        if condition(node).gave_up:
            node.start_flanneld()

    with repeated(lambda: everywhere(flannel.nodes, tend), every=TEND_EVERY):
        yield


@fault("process")
def restarted_often(flannel: FlannelLab) -> Iterator[None]:
    """Every flanneld is killed and started anew every second or two, as by systemd's RuntimeMaxSec= with Restart=always."""

    def again(node: FlannelNode) -> None:
        if node.flanneld.running:
            node.restart()

    with repeated(lambda: everywhere([*flannel.nodes, flannel.spare], again), every=RESTART_EVERY):
        yield
    renew(flannel)


@fault("process")
def start_guarded(flannel: FlannelLab) -> Iterator[None]:
    """Every flanneld is told its public IP and started by a guard, which refuses where another machine has claimed it."""

    def guard(node: FlannelNode) -> None:
        node.guard = ("sh", str(GUARD), node.name)
        node.configure(public_ip=node.address)

    def unguard(node: FlannelNode) -> None:
        node.guard = ()
        node.configure()

    guard(flannel.spare)
    renew(flannel, guard)
    yield
    unguard(flannel.spare)
    renew(flannel, unguard)
    flannel.registry.beside(f"/start-guard{PREFIX}").delete_all()


@fault("process", "network")
def routes_doubled(flannel: FlannelLab) -> Iterator[None]:
    """Beside each route of flannel's stands a static one like it, of a higher metric: it serves where flannel's is lost."""
    leases = flannel.leases()

    def double(node: FlannelNode) -> None:
        ways = [way(lease) for lease in leases if lease.public_ip != node.address]
        told(node.host, " && ".join(f"ip -4 route append {each} metric {BEHIND} proto static" for each in ways))

    everywhere(flannel.nodes, double)
    yield
    renew(flannel, lambda node: told(node.host, f"ip -4 route flush root {flannel.network} proto static"))


@fault("process")
def honest_health(flannel: FlannelLab) -> Iterator[None]:
    """On flanneld's port for health checks another server, which looks at lease and routes, too; flanneld's own is moved."""
    nodes = [*flannel.nodes, flannel.spare]
    with ExitStack() as stack:
        stack.callback(_health_at, flannel, HEALTH)
        _health_at(flannel, OWN_HEALTH)
        for node in nodes:
            stack.enter_context(answering(node, HEALTH, partial(whole, flannel, node, OWN_HEALTH)))
        yield


def _health_at(flannel: FlannelLab, port: int) -> None:
    """Move every flanneld's own health check; the spare node's is started by the test."""

    def move(node: FlannelNode) -> None:
        node.health_port = port
        node.configure()

    move(flannel.spare)
    renew(flannel, move)

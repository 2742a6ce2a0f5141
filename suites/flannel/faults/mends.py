"""Mends: work-arounds for what flannel gets wrong today, under which its flagged requirements are proven."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from labs.fault import fault
from labs.flannel.lab import FlannelLab
from labs.flannel.node import HEALTH, FlannelNode
from labs.observe.everywhere import everywhere
from suites.flannel.faults.health import OWN_HEALTH, answering, whole
from suites.flannel.faults.places import condition
from suites.flannel.faults.repeating import repeated
from suites.flannel.faults.restarting import renew

GUARD = Path(__file__).parent / "start-guard.sh"
TEND_EVERY, RESTART_EVERY = 0.2, 1.5


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
    """flanneld is not started where another node holds a lease of the same public IP, as by systemd's ExecStartPre=."""
    flannel.spare.guard = ("sh", str(GUARD))
    flannel.spare.configure()
    yield
    flannel.spare.guard = ()
    flannel.spare.configure()


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

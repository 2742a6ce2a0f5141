"""Seeded faults of recovery, and the losses from which the suite asks flannel to recover."""

from collections.abc import Iterator

from labs.errors import LabError
from labs.fault import fault
from labs.faults import paused, route_added
from labs.flannel.lab import FlannelLab
from labs.flannel.node import DEVICE, FlannelNode
from labs.observe.everywhere import everywhere
from labs.observe.reading import batch, told
from suites.flannel.faults.places import first_two, lease_of, way


@fault("process")
def flanneld_paused(flannel: FlannelLab) -> Iterator[None]:
    """A flanneld that does nothing any more, though it is still there."""
    with paused(flannel.nodes[0].flanneld):
        yield


@fault("network")
def blackhole_behind(flannel: FlannelLab) -> Iterator[None]:
    """A blackhole behind a peer's route, of the same metric: once the route is gone, the kernel takes no other in its place."""
    here, peer = first_two(flannel)
    with route_added(here, f"blackhole {lease_of(flannel, peer).subnet}", how="append"):
        yield


# --- what the suite itself does, on all nodes at once


@fault("network")
def routes_deleted(flannel: FlannelLab) -> Iterator[None]:
    """Every node's routes to all others deleted, at the same time."""
    leases = flannel.leases()

    def delete(node: FlannelNode) -> list[str]:
        ways = [way(lease) for lease in leases if lease.public_ip != node.address]
        batch(node.host, [f"route del {way}" for way in ways])
        return ways

    deleted = everywhere(flannel.nodes, delete)
    yield
    everywhere(flannel.nodes, lambda node: _put_back(node, deleted[node.name]))


@fault("network")
def routes_flushed(flannel: FlannelLab) -> Iterator[None]:
    """Every route that is neither the kernel's own nor a routing daemon's (proto boot) flushed on all nodes.

    LabError when those of flannel are not among them, and would not be flushed.
    """

    def flush(node: FlannelNode) -> list[str]:
        routes = told(node.host, "ip route show proto boot").splitlines()
        if len(routes) < len(flannel.nodes) - 1:
            raise LabError(f"{node}: `ip route flush proto boot` would leave routes to peers")
        told(node.host, "ip route flush proto boot")
        return routes

    flushed = everywhere(flannel.nodes, flush)
    yield
    everywhere(flannel.nodes, lambda node: _put_back(node, flushed[node.name]))


@fault("network")
def devices_down(flannel: FlannelLab) -> Iterator[None]:
    """Every node's device set down, then up again: the kernel drops its routes, and brings back none but its own."""
    everywhere(flannel.nodes, lambda node: told(node.host, f"ip link set {DEVICE} down"))
    yield
    everywhere(flannel.nodes, lambda node: told(node.host, f"ip link set {DEVICE} up"))


def _put_back(node: FlannelNode, routes: list[str]) -> None:
    """Routes as `ip route show` tells them, whether or not they are there again already."""
    batch(node.host, [f"route replace {route}" for route in routes])

"""What others do wrong to the tunnel's devices and entries, and to a node's address."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

from labs.fault import fault
from labs.faults import fdb_deleted, neighbour_deleted, route_deleted
from labs.flannel.node import FlannelNode
from labs.flannel.vxlan_lab import FlannelVxlanLab
from labs.observe.everywhere import everywhere
from labs.observe.reading import told
from suites.flannel.faults.places import first_two, lease_of
from suites.flannel.faults.robustness import joined_otherwise


@fault("network")
def entry_lost(flannel: FlannelVxlanLab, case: str) -> Iterator[None]:
    """What a node knows of a peer deleted: its "forwarding entry", its "neighbour", or its "route"."""
    here, peer = first_two(flannel)
    lease, device = lease_of(flannel, peer), flannel.tunnel.device
    losses: dict[str, AbstractContextManager[None]] = {
        "forwarding entry": fdb_deleted(here, str(lease.vtep), device),
        "neighbour": neighbour_deleted(here, lease.subnet.network_address, device),
        "route": route_deleted(here, lease.subnet),
    }
    with losses[case]:
        yield


@fault("process", "network")
def device_deleted(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A node's VXLAN device deleted; on heal flanneld starts anew."""
    node = flannel.nodes[0]
    told(node.host, f"ip link del {flannel.tunnel.device}")
    yield
    node.restart()


@fault("process", "network")
def joined_as_first(flannel: FlannelVxlanLab) -> Iterator[None]:
    """The spare node joins under the first one's public IP; on heal all have new devices: peers may know the intruder's."""
    with joined_otherwise(flannel, public_ip=flannel.nodes[0].address):
        yield
    everywhere(flannel.nodes, lambda node: _with_new_device(node, flannel.tunnel.device))


def _with_new_device(node: FlannelNode, device: str) -> None:
    node.flanneld.kill()
    told(node.host, f"ip link del {device} || true")
    node.start_flanneld()

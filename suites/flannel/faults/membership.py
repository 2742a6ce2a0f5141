"""Seeded faults of membership, and what the suite itself does to nodes and leases. After them flanneld is begun anew."""

from collections.abc import Iterator
from ipaddress import IPv4Interface

from labs.fault import fault
from labs.faults import lossy, powered_off
from labs.flannel.lab import FlannelLab
from labs.flannel.node import SUBNET_FILE, FlannelNode
from labs.flannel.observations import Lease
from labs.observe.reading import told
from suites.flannel.faults.flannelds import begun_anew, cut_off, hung, remove_routes, upon_end, watching
from suites.flannel.faults.places import lease_of

UNUSED = ("10.244.253.1/24", "10.244.254.1/24")
"""Bridges' addresses in subnets that flannel would not choose by itself: it takes one of the first hundred."""


@fault("process")
def peer_hung(flannel: FlannelLab) -> Iterator[None]:
    """A flanneld that is told of nothing any more, though it is still there."""
    with hung(flannel.nodes[0]):
        yield


@fault("process")
def owner_hung(flannel: FlannelLab) -> Iterator[None]:
    """A flanneld that does not see what becomes of its own lease."""
    with hung(flannel.nodes[-1]):
        yield


@fault("process", "network")
def peer_cut_off(flannel: FlannelLab) -> Iterator[None]:
    """A node that hears nothing of etcd any more."""
    with cut_off(flannel.nodes[0]):
        yield
    begun_anew(flannel.nodes[0])


@fault("network")
def newcomer_cut_off(flannel: FlannelLab) -> Iterator[None]:
    """A node that will never reach etcd, and so never have a lease."""
    with cut_off(flannel.spare):
        yield


@fault("process", "network")
def routes_buried(flannel: FlannelLab) -> Iterator[None]:
    """Somebody who tidies a node's routes away when its flanneld has ended."""
    node = flannel.nodes[0]
    with upon_end(node.flanneld, remove_routes(flannel, node)):
        yield
    begun_anew(node)


@fault("process", "node")
def lease_buried(flannel: FlannelLab) -> Iterator[None]:
    """Somebody who gives a node's lease back when its flanneld has ended, and writes down another subnet for it."""
    node, lease = flannel.nodes[0], lease_of(flannel, flannel.nodes[0])
    other = next(address for address in UNUSED if IPv4Interface(address).network != lease.subnet)

    def tidy() -> None:
        flannel.registry.delete_lease(lease)
        told(node.host, f"sed -i 's|^FLANNEL_SUBNET=.*|FLANNEL_SUBNET={other}|' {SUBNET_FILE}")

    with upon_end(node.flanneld, tidy):
        yield
    begun_anew(node)


@fault("network")
def bad_cable(flannel: FlannelLab) -> Iterator[None]:
    """Every tenth frame lost on a peer's cable, so that a flow to it suffers whatever flanneld does."""
    with lossy(flannel.nodes[1], 0.1):
        yield


# --- what the suite itself does


@fault("process", "node")
def joined(flannel: FlannelLab) -> Iterator[None]:
    """A node more; a new machine again on heal."""
    flannel.join()
    yield
    flannel.leave()


@fault("node")
def dead(node: FlannelNode) -> Iterator[None]:
    """The power of a node is cut; on heal it is on again, with flanneld as far as it is when nobody disturbs it."""
    mark = node.flanneld.mark()
    with powered_off(node):
        yield
    watching(node, mark)


@fault("process")
def withdrawn(flannel: FlannelLab, node: FlannelNode, lease: Lease, how: str) -> Iterator[None]:
    """A node's lease taken from it: its key "deleted" or etcd's lease "revoked". Leased anew on heal."""
    if how == "revoked":
        flannel.registry.revoke(lease.number)
    else:
        flannel.registry.delete_lease(lease)
    yield
    begun_anew(node)


@fault("process")
def relet(flannel: FlannelLab, lease: Lease, seconds: int) -> Iterator[None]:
    """A lease's 24 h made some seconds; whoever lives renews it, and whoever does not is not helped by a heal."""
    flannel.registry.relet(lease, seconds)
    yield

"""Seeded faults of leases, and of what nodes are told of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address

from labs.fault import fault
from labs.flannel.lab import FlannelLab
from labs.flannel.node import FlannelNode
from labs.flannel.observations import Lease
from labs.wait import until
from suites.flannel.faults.places import all_paused, commanded, lease_of

NOBODY = IPv4Address("192.168.0.77")


@fault("process")
def lease_lost(flannel: FlannelLab) -> Iterator[None]:
    """A node's lease deleted; its flanneld ends by that, and takes the same subnet again when it is started."""
    node = flannel.nodes[-1]
    flannel.registry.delete_lease(lease_of(flannel, node))
    until(lambda: not node.flanneld.running, within=5, what=f"{node}: flanneld ends without its lease")
    yield
    node.start_flanneld()


@fault("process")
def overlapping_lease(flannel: FlannelLab) -> Iterator[None]:
    """A lease of half a node's subnet for somebody else, while no flanneld listens."""
    lease = lease_of(flannel, flannel.nodes[-1])
    half = Lease(list(lease.subnet.subnets())[1], NOBODY, number=lease.number)
    with all_paused(flannel.nodes):
        flannel.registry.put_lease(half)
        yield
        flannel.registry.delete_lease(half)


@fault("process")
def foreign_public_ip(flannel: FlannelLab) -> Iterator[None]:
    """A node's lease with an address that is nobody's, while no flanneld listens."""
    lease = lease_of(flannel, flannel.nodes[-1])
    value = flannel.registry.value(lease)
    with all_paused(flannel.nodes):
        flannel.registry.put_lease(lease, value.replace(str(lease.public_ip), str(NOBODY)))
        yield
        flannel.registry.put_lease(lease, value)


@contextmanager
def subnet_env_edited(node: FlannelNode, edit: str) -> Iterator[None]:
    """subnet.env changed by a sed script; flanneld repairs it at its start only."""
    file = "/run/flannel/subnet.env"
    with commanded(node, f"cp {file} /run/subnet.env.kept && sed -i '{edit}' {file}", f"mv /run/subnet.env.kept {file}"):
        yield


@fault("node")
def smaller_mtu_told(flannel: FlannelLab) -> Iterator[None]:
    """A subnet.env that tells a smaller MTU than pods have."""
    with subnet_env_edited(flannel.nodes[0], "s/^FLANNEL_MTU=.*/FLANNEL_MTU=1400/"):
        yield


@fault("node")
def other_subnet_told(flannel: FlannelLab) -> Iterator[None]:
    """A subnet.env that tells another subnet than the lease."""
    with subnet_env_edited(flannel.nodes[0], "s|^FLANNEL_SUBNET=.*|FLANNEL_SUBNET=10.244.254.1/24|"):
        yield


@fault("node")
def subnet_env_torn(flannel: FlannelLab) -> Iterator[None]:
    """A subnet.env of which only the first line is left."""
    with subnet_env_edited(flannel.nodes[0], "2,$d"):
        yield

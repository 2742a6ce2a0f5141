"""Seeded faults of what a node's VXLAN device knows: forwarding entries, neighbours, and the routes into it."""

from collections.abc import Iterator

from labs.fault import fault
from labs.faults import fdb_deleted, neighbour_deleted, neighbour_replaced, paused
from labs.flannel.node import DEVICE, FlannelNode
from labs.flannel.observations import Lease
from labs.flannel.vxlan_lab import FlannelVxlanLab
from suites.flannel.entries import EVERYTHING
from suites.flannel.faults.places import NOBODYS_MAC, commanded, first_two, lease_of, way


@fault("process", "network")
def fdb_lost(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A peer's forwarding entry deleted."""
    here, lease = _towards(flannel)
    with paused(here.flanneld), fdb_deleted(here, str(lease.vtep), flannel.tunnel.device):
        yield


@fault("process", "network")
def fdb_elsewhere(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A peer's forwarding entry that names a host that is not the peer."""
    here, lease = _towards(flannel)
    entry = f"bridge fdb replace {lease.vtep} dev {flannel.tunnel.device} dst"
    with paused(here.flanneld), commanded(here, f"{entry} {flannel.outside.address}", f"{entry} {lease.public_ip}"):
        yield


@fault("process", "network")
def fdb_aside(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A peer's forwarding entry with a UDP port and a VNI of its own, at which the peer has no device."""
    here, lease = _towards(flannel)
    entry = f"bridge fdb replace {lease.vtep} dev {flannel.tunnel.device} dst {lease.public_ip}"
    with paused(here.flanneld), commanded(here, f"{entry} port 4790 vni 77", entry):
        yield


@fault("network")
def everything_to_a_peer(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A forwarding entry by which a peer is sent what is for nobody known; flanneld leaves it even at its start."""
    here, lease = _towards(flannel)
    entry = f"{EVERYTHING} dev {flannel.tunnel.device} dst {lease.public_ip}"
    with commanded(here, f"bridge fdb append {entry}", f"bridge fdb del {entry}"):
        yield


@fault("network")
def fdb_of_nobody(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A forwarding entry of a MAC address that no lease tells; flanneld leaves it even at its start."""
    entry = f"{NOBODYS_MAC} dev {flannel.tunnel.device} dst {flannel.outside.address}"
    with commanded(flannel.nodes[0], f"bridge fdb append {entry}", f"bridge fdb del {entry}"):
        yield


@fault("process", "network")
def neighbour_lost(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A peer's neighbour entry deleted."""
    here, lease = _towards(flannel)
    with paused(here.flanneld), neighbour_deleted(here, lease.subnet.network_address, flannel.tunnel.device):
        yield


@fault("process", "network")
def neighbour_with_other_mac(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A peer's neighbour entry with a MAC address that is not the peer's."""
    here, lease = _towards(flannel)
    with paused(here.flanneld), neighbour_replaced(here, lease.subnet.network_address, NOBODYS_MAC, flannel.tunnel.device):
        yield


@fault("process", "network")
def neighbour_unfixed(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A peer's neighbour entry that the kernel may forget."""
    here, lease = _towards(flannel)
    entry = f"ip neighbour replace {lease.subnet.network_address} lladdr {lease.vtep} dev {flannel.tunnel.device} nud"
    with paused(here.flanneld), commanded(here, f"{entry} stale", f"{entry} permanent"):
        yield


@fault("network")
def neighbour_of_nobody(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A neighbour entry for an address that no lease begins with."""
    entry, device = "10.244.254.0", flannel.tunnel.device
    do = f"ip neighbour add {entry} lladdr {NOBODYS_MAC} dev {device} nud permanent"
    with commanded(flannel.nodes[0], do, f"ip neighbour del {entry} dev {device}"):
        yield


@fault("process", "network")
def route_not_onlink(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A peer's route whose gateway the kernel was made to believe on the link while it was set."""
    here, lease = _towards(flannel)
    gateway, device = lease.way(DEVICE)
    link = f"{gateway}/32 dev {device} scope link"
    do = f"ip route add {link} && ip route replace {lease.subnet} via {gateway} dev {device} && ip route del {link}"
    with paused(here.flanneld), commanded(here, do, f"ip route replace {way(lease)}"):
        yield


def _towards(flannel: FlannelVxlanLab) -> tuple[FlannelNode, Lease]:
    """The node that a fault is put on, and the lease of the peer that it concerns."""
    here, peer = first_two(flannel)
    return here, lease_of(flannel, peer)

"""What the suite damages of a node's end of the tunnel, and asks a restart of flanneld to repair; and what prevents that."""

from collections.abc import Iterator
from dataclasses import dataclass

from labs.fault import fault
from labs.flannel.addresses import ETCD
from labs.flannel.node import DEVICE, FlannelNode
from labs.flannel.observations import Lease
from labs.flannel.registry import PORT
from labs.flannel.vxlan_lab import FlannelVxlanLab
from labs.observe.reading import told
from suites.flannel.faults.places import NOBODYS_MAC, commanded, first_two, lease_of, way


@dataclass(frozen=True)
class Damage:
    """A command that damages a node's end, and the kind of problem by which that shows."""

    kind: str
    command: str


DAMAGES = {
    "forwarding entry deleted": Damage("missing-fdb", "bridge fdb del {mac} dev {device} dst {peer}"),
    "forwarding entry of another host": Damage("wrong-fdb", "bridge fdb replace {mac} dev {device} dst {stranger}"),
    "neighbour deleted": Damage("missing-neighbour", "ip neighbour del {gateway} dev {device}"),
    "neighbour with another MAC address": Damage(
        "wrong-neighbour", "ip neighbour replace {gateway} lladdr {nobody} dev {device} nud permanent"
    ),
    "route deleted": Damage("missing-route", "ip route del {subnet}"),
    "route by another host": Damage("missing-route", "ip route replace {subnet} via {stranger} dev eth0"),
    "device's address deleted": Damage("wrong-address", "ip address flush dev {device}"),
    "device down and up": Damage("missing-route", "ip link set {device} down && ip link set {device} up"),
    "device deleted": Damage("missing-device", "ip link del {device}"),
}
"""By name. flanneld heals none of them while it runs, and a device that is deleted ends it."""


@fault("process", "network")
def damaged(flannel: FlannelVxlanLab, damage: Damage) -> Iterator[None]:
    """The first node's end damaged, towards the second where it concerns a peer."""
    here, peer = first_two(flannel)
    lease, device = lease_of(flannel, peer), flannel.tunnel.device
    values = {"mac": lease.vtep, "gateway": lease.subnet.network_address, "subnet": lease.subnet, "peer": peer.address}
    told(here.host, damage.command.format(device=device, nobody=NOBODYS_MAC, stranger=flannel.outside.address, **values))
    yield
    if device not in flannel.ends()[here.name].links:
        here.restart()
        return
    own = lease_of(flannel, here)
    told(here.host, f"ip link set {device} up; ip address replace {own.subnet.network_address}/32 dev {device}")
    for each in flannel.leases():
        if each.public_ip != here.address:
            put_entries_back(here, each)


def put_entries_back(node: FlannelNode, lease: Lease) -> None:
    """A peer's entries as flannel makes them, whether or not they are there."""
    gateway, device = lease.way(DEVICE)
    told(
        node.host,
        f"bridge fdb replace {lease.vtep} dev {device} dst {lease.public_ip}"
        f" && ip neighbour replace {gateway} lladdr {lease.vtep} dev {device} nud permanent && ip route replace {way(lease)}",
    )


@fault("process", "network")
def registry_cut_off(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A node whose flanneld cannot reach its registry when it starts."""
    node = flannel.nodes[0]
    rule = f"OUTPUT -p tcp -d {ETCD} --dport {PORT} -j DROP"
    with commanded(node, f"iptables -I {rule}", f"iptables -D {rule}"):
        yield
    node.restart()

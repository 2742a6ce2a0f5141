"""Seeded faults of the way in the tunnel."""

from collections.abc import Iterator

from labs.fault import fault
from labs.flannel.node import DEVICE
from labs.flannel.vxlan_lab import FlannelVxlanLab
from suites.flannel.faults.places import all_paused, commanded, first_two, lease_of, way_to


@fault("process", "network")
def bypassed(flannel: FlannelVxlanLab) -> Iterator[None]:
    """Two nodes that route each other's pods plainly, as with host-gw."""
    here, peer = first_two(flannel)
    there, back = (
        f"ip route replace {lease_of(flannel, node).subnet} via {node.address} dev {DEVICE}" for node in (peer, here)
    )
    with (
        all_paused([here, peer]),
        commanded(here, there, f"ip route replace {way_to(flannel, peer)}"),
        commanded(peer, back, f"ip route replace {way_to(flannel, here)}"),
    ):
        yield


@fault("network")
def tunnel_dropped(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A node whose firewall drops the tunnel's UDP port."""
    rule = f"INPUT -p udp --dport {flannel.tunnel.port} -j DROP"
    with commanded(flannel.nodes[0], f"iptables -I {rule}", f"iptables -D {rule}"):
        yield

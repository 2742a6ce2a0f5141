"""The way of packets between pods with the vxlan back end, by counting what the nodes' links carry."""

from labs.flannel.vxlan_lab import FlannelVxlanLab
from proof.evidence import attach
from proof.holds import holds
from proof.requirement import proven_by, requirement
from suites.flannel.faults.forwarding import detour, narrow_link, other_vni, tunnelled
from suites.flannel.faults.tunnel import bypassed, tunnel_dropped
from suites.flannel.mtu import told_mtu
from suites.flannel.travelling import carried, travels
from suites.flannel.tunnel import tunnel_problems

SIZE = 1000
"""Bytes of a packet that is far from any MTU."""


@requirement("aa0f1dea-7c2b-4b51-a187-96e9f65d6367")
@proven_by(bypassed, kind="bare")
@proven_by(tunnelled, kind="wrong-port")
@proven_by(other_vni, kind="wrong-vni")
@proven_by(detour, kind="detour")
@proven_by(tunnel_dropped, kind="undelivered")
def test_packets_between_pods_travel_in_the_tunnel(flannel: FlannelVxlanLab) -> None:
    """VXLAN: every datagram goes as UDP at the tunnel's port with its VNI from node to node, and in no other way.

    Every ordered pair of the first four nodes, by counters of what each node's link carries.
    """
    judged(flannel, SIZE)


@requirement("0aeef8a8-4502-4ed0-8a1c-f8c8ae232dc5")
@proven_by(narrow_link, kind="fragmented")
def test_a_full_packet_travels_in_one_frame(flannel: FlannelVxlanLab) -> None:
    """VXLAN: a packet as large as the MTU that flanneld tells needs no fragments outside either."""
    judged(flannel, told_mtu(flannel))


def judged(flannel: FlannelVxlanLab, size: int) -> None:
    found, seen = [], []
    for travel, flows in travels(flannel, size):
        found += tunnel_problems(travel, flows, flannel.tunnel)
        seen += carried(travel, flows)
    attach("what each node's link carried", "\n".join(seen))
    holds(found)

"""The tunnel's VNI and port by configuration."""

from labs.flannel.vxlan_lab import FlannelVxlanLab
from proof.evidence import attach
from proof.holds import eventually, holds
from proof.requirement import instance, proven_by, requirement
from suites.flannel.faults.configuration import OTHER, configured, other_port_dropped, vni_taken
from suites.flannel.looks import tunnel_damage
from suites.flannel.travelling import carried, travels
from suites.flannel.tunnel import tunnel_problems
from suites.flannel.waiting import MARGIN, news

SIZE = 1000
"""Bytes of a packet that is far from any MTU."""


@requirement("c6564480-cb59-4dff-b306-04ed8c263758")
@proven_by(vni_taken, kind="missing-device")
@proven_by(other_port_dropped, kind="undelivered")
@instance("startup")
def test_another_vni_and_port_are_used(flannel: FlannelVxlanLab) -> None:
    """VXLAN: devices, leases, entries, routes and packets all have the VNI and port that the configuration asks for."""
    with configured(flannel, OTHER):
        limit = flannel.config_retry + news(len(flannel.nodes)) + MARGIN
        eventually(lambda: tunnel_damage(flannel, OTHER), within=limit, every=flannel.pace)
        found, seen = [], []
        for travel, flows in travels(flannel, SIZE):
            found += tunnel_problems(travel, flows, OTHER)
            seen += carried(travel, flows)
        attach("what each node's link carried", "\n".join(seen))
        holds(found)

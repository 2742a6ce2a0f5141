"""What a restart of flanneld makes good again with the vxlan back end: nothing of it is healed without one."""

import pytest

from labs.faults import paused
from labs.flannel.vxlan_lab import FlannelVxlanLab
from proof.evidence import attach
from proof.holds import eventually, holds
from proof.requirement import instance, proven_by, requirement
from suites.flannel.datapath import reach_problems
from suites.flannel.faults.damage import DAMAGES, damaged, registry_cut_off
from suites.flannel.looks import tunnel_damage
from suites.flannel.repair import undamaged, unrepaired
from suites.flannel.waiting import MARGIN, news


@requirement("c6d14179-ef33-49fd-ae60-16c0f7d9d2de")
@proven_by(registry_cut_off, kind="unrepaired")
@pytest.mark.parametrize("damage", DAMAGES)
@instance("repair")
def test_a_restart_repairs_the_nodes_end(flannel: FlannelVxlanLab, damage: str) -> None:
    """VXLAN: device, entries and routes are right again on all nodes soon after flanneld's start, and pods reach each other.

    A start asks the registry at once, and again after its period of retry; then all nodes have to know of a device made anew.
    It was seen to take 0.2 to 0.65 s.
    """
    here = flannel.nodes[0]
    # paused, lest one that has only just started repairs it before we have looked
    with paused(here.flanneld), damaged(flannel, DAMAGES[damage]):
        holds(undamaged(DAMAGES[damage].kind, tunnel_damage(flannel)))
        here.restart()
        limit = flannel.config_retry + news(len(flannel.nodes)) + MARGIN
        seconds = eventually(lambda: unrepaired(tunnel_damage(flannel)), within=limit, every=flannel.pace)
        attach("time to repair", f"{damage}: {seconds:.2f} s (limit {limit:.0f} s)")
        eventually(lambda: unrepaired(reach_problems(flannel.deliver(flannel.pairs()))), within=MARGIN)

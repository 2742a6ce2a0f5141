"""What flannel does while etcd is away, and when it is there again."""

from labs.flannel.lab import FlannelLab
from labs.problem import Problem
from proof.evidence import attach
from proof.holds import eventually, holds
from proof.requirement import instance, proven_by, requirement
from suites.flannel.faults.outage import etcd_back, etcd_down, etcd_forgets, flanneld_goes_with_etcd, routes_go_with_etcd
from suites.flannel.faults.recovery import blackhole_behind, flanneld_paused, routes_deleted
from suites.flannel.looks import ended, misrouted, timed, unserved
from suites.flannel.waiting import MARGIN, never, reconnection

OUTAGE = 30.0
"""Seconds."""


@requirement("af7519d6-f68a-4015-9784-62907f9a4455")
@proven_by(routes_go_with_etcd, kind="missing-route")
@proven_by(flanneld_goes_with_etcd, kind="flanneld-down")
@proven_by(etcd_forgets, kind="missing-lease")
@instance("outage")
def test_an_outage_of_etcd_is_outlived(flannel: FlannelLab) -> None:
    """Outage: for 30 s no route goes and no flanneld ends; who joined meanwhile is served when etcd is back."""
    leases = flannel.leases()

    def hurt() -> list[Problem]:
        return misrouted(flannel, leases) + ended(flannel)

    with etcd_down(flannel):
        flannel.join()
        holds(never(hurt, during=OUTAGE, every=5 * flannel.pace))
        etcd_back(flannel)
        within = reconnection(OUTAGE) + flannel.config_retry
        seconds = eventually(lambda: unserved(flannel), within=within, every=5 * flannel.pace)
        attach("etcd back → the newcomer is served", timed([seconds], within))
        holds(hurt())


@requirement("d8b9813b-8b1b-4384-81c8-926b4051a39e")
@proven_by(flanneld_paused, kind="missing-route")
@proven_by(blackhole_behind, kind="blackhole-route")
@instance("outage-recovery")
def test_deleted_routes_come_back_without_etcd(flannel: FlannelLab) -> None:
    """Outage: routes deleted on all nodes come back from what flanneld remembers."""
    leases, within = flannel.leases(), flannel.route_check + MARGIN
    with routes_deleted(flannel), etcd_down(flannel):
        seconds = eventually(lambda: misrouted(flannel, leases), within=within, every=flannel.pace)
    attach("time to recover", timed([seconds], within))

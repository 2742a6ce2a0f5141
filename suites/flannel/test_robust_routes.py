"""What flannel makes of routes that somebody replaced, and of a registry in which somebody wrote nonsense."""

import pytest

from labs.flannel.lab import FlannelLab
from labs.problem import Problem
from proof.holds import eventually
from proof.requirement import instance, mended_by, proven_by, requirement
from suites.flannel.faults.mends import restarted_often
from suites.flannel.faults.robustness import registered, route_lost_for_good, route_turned, way_lost_to_etcd
from suites.flannel.robustness import unhealed
from suites.flannel.routes import WAYS, audit
from suites.flannel.waiting import MARGIN, never

REPLACED = ("wrong gateway", "blackhole")
MALFORMED = {"key": ("subnets/foo", "{}"), "value": ("subnets/10.244.253.0-24", "foo")}


@requirement("2cddfd00-a53d-4c2b-94a8-16c548d3600c")
@proven_by(way_lost_to_etcd, kind="not-healed")
@mended_by(restarted_often)
@pytest.mark.parametrize("case", REPLACED)
@instance("robust")
def test_a_replaced_route_is_healed(flannel: FlannelLab, case: str) -> None:
    """Robustness: a route to a peer that was replaced by a wrong one is right again after flanneld's next look."""
    with route_turned(flannel, case):
        eventually(lambda: unhealed(judged(flannel)), within=flannel.route_check + MARGIN, every=flannel.pace)


@requirement("4a9de431-30c8-4134-b434-a11349d40a1a")
@proven_by(route_lost_for_good, kind="missing-route")
@mended_by(restarted_often)
@pytest.mark.parametrize("case", MALFORMED)
@instance("robust-key")
def test_a_malformed_lease_takes_nobodys_routes(flannel: FlannelLab, case: str) -> None:
    """Robustness: with something that is no lease among the leases, all routes are there, at the latest after the next look."""
    with registered(flannel, *MALFORMED[case]):
        if never(lambda: judged(flannel), during=MARGIN, every=flannel.pace):
            eventually(lambda: judged(flannel), within=flannel.route_check + MARGIN, every=flannel.pace)


def judged(flannel: FlannelLab) -> list[Problem]:
    """What is missing or wrong of the ways to leased subnets."""
    found = audit(flannel.routing(), flannel.leases(), flannel.network)
    return [problem for problem in found if problem.kind in WAYS]

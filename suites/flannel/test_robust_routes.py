"""What flannel makes of routes that somebody replaced, and of a registry in which somebody wrote nonsense."""

import pytest

from labs.flannel.lab import FlannelLab
from proof.holds import eventually, holds
from proof.requirement import instance, mended_by, proven_by, requirement
from suites.flannel.faults.mends import restarted_often, routes_doubled
from suites.flannel.faults.robustness import registered, route_lost_for_good, route_turned, way_lost_to_etcd
from suites.flannel.looks import misrouted
from suites.flannel.robustness import unhealed
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
    leases = flannel.leases()
    with route_turned(flannel, case):
        eventually(lambda: unhealed(misrouted(flannel, leases)), within=flannel.route_check + MARGIN, every=flannel.pace)


@requirement("4a9de431-30c8-4134-b434-a11349d40a1a")
@proven_by(route_lost_for_good, kind="missing-route")
@mended_by(routes_doubled)
@pytest.mark.parametrize("case", MALFORMED)
@instance("robust-key")
def test_a_malformed_lease_takes_nobodys_routes(flannel: FlannelLab, case: str) -> None:
    """Robustness: something that is no lease is written among the leases, and no route is lost, until after the next look."""
    leases = flannel.leases()
    with registered(flannel, *MALFORMED[case]):
        during = flannel.route_check + MARGIN
        holds(never(lambda: misrouted(flannel, leases), during=during, every=flannel.pace))

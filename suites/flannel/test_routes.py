"""What each node's routing tables and rules make of the leases."""

from labs.flannel.lab import FlannelLab
from labs.problem import Problem
from proof.holds import holds
from proof.requirement import proven_by, requirement
from suites.flannel.faults.routing import (
    blackholed,
    doubled_route,
    longer_prefix,
    other_table,
    own_subnet_lost,
    prepended_route,
    route_lost,
    unleased_route,
    wrong_device,
    wrong_gateway,
)
from suites.flannel.routes import SHADOWS, SURPLUS, WAYS, audit


@requirement("c9897899-4911-469a-af0d-138bd70178a6")
@proven_by(route_lost, kind="missing-route")
@proven_by(wrong_gateway, kind="wrong-gateway")
@proven_by(wrong_device, kind="wrong-device")
@proven_by(blackholed, kind="blackhole-route")
@proven_by(own_subnet_lost, kind="missing-route")
def test_every_leased_subnet_is_routed_to_its_node(flannel: FlannelLab) -> None:
    """Routes: each peer's subnet by the peer's address on the right device, the own one to the bridge."""
    holds(audited(flannel, WAYS))


@requirement("f911f5d8-30fb-47a7-b194-0d7f8d00aed3")
@proven_by(unleased_route, kind="stale-route")
@proven_by(doubled_route, kind="duplicate-route")
def test_nothing_else_of_the_network_is_routed(flannel: FlannelLab) -> None:
    """Routes: none that is stale, of no lease, or there twice."""
    holds(audited(flannel, SURPLUS))


@requirement("3db1c107-062d-4bbc-b08e-87ccf380e231")
@proven_by(longer_prefix, kind="shadowed-route")
@proven_by(prepended_route, kind="shadowed-route")
@proven_by(other_table, kind="shadowing-rule")
def test_nothing_shadows_the_routes(flannel: FlannelLab) -> None:
    """Routes: no longer prefix, no route in front, no other table and no policy rule takes their traffic away."""
    holds(audited(flannel, SHADOWS))


def audited(flannel: FlannelLab, kinds: frozenset[str]) -> list[Problem]:
    """What the audit finds of some kinds."""
    found = audit(flannel.routing(), flannel.leases(), flannel.network)
    return [problem for problem in found if problem.kind in kinds]

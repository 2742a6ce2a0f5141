"""Whether /healthz tells the truth: whoever asks it (a kubelet, a load balancer) goes by its status alone."""

import pytest

from labs.flannel.lab import FlannelLab
from labs.flannel.node import FlannelNode
from labs.problem import Problem
from proof.holds import eventually, holds
from proof.requirement import instance, mended_by, proven_by, requirement
from suites.flannel.faults.health import health_silent, health_turned
from suites.flannel.faults.mends import honest_health
from suites.flannel.faults.restarting import ailments
from suites.flannel.faults.robustness import joined_otherwise, route_turned_for_good
from suites.flannel.robustness import health_problems, untold
from suites.flannel.waiting import MARGIN, never

ELSEWHERE = "/nothing-there"
"""A registry without a configuration."""
TURNED = ("wrong gateway", "blackhole")


@requirement("d2e70def-0ecb-422c-a7a7-58507e6acdce")
@proven_by(health_turned, kind="false-health")
@proven_by(health_silent, kind="false-alarm")
@mended_by(honest_health)
@instance("robust-health")
def test_healthz_tells_of_a_missing_lease(flannel: FlannelLab) -> None:
    """Robustness: not 200 while flanneld has no lease, for want of a configuration, and 200 once it has one."""
    node, registry = flannel.spare, flannel.registry.beside(ELSEWHERE)
    with joined_otherwise(flannel, prefix=registry.prefix):
        holds(never(lambda: judged(flannel, node), during=2 * flannel.config_retry))
        registry.put("config", flannel.config)
        eventually(lambda: ailments(flannel, node) + judged(flannel, node), within=flannel.config_retry + MARGIN)


@requirement("dd7bcf6c-e78a-41db-bed8-5c1bda153866")
@proven_by(health_turned, kind="false-health")
@proven_by(health_silent, kind="false-alarm")
@mended_by(honest_health)
@pytest.mark.parametrize("case", TURNED)
@instance("robust-health")
def test_healthz_tells_of_wrong_routes(flannel: FlannelLab, case: str) -> None:
    """Robustness: 200 on a healthy node; an answer that is not 200 while a route to a peer is wrong, after the next look.

    The route is turned again as often as somebody puts it right: that it was healed is no answer.
    """
    node = flannel.nodes[0]
    eventually(lambda: judged(flannel, node), within=MARGIN)
    with route_turned_for_good(flannel, case):
        eventually(lambda: untold(node.name, node.healthz()), within=flannel.route_check + MARGIN, every=flannel.pace)


def judged(flannel: FlannelLab, node: FlannelNode) -> list[Problem]:
    """Where a node's health check and what is wrong with the node do not agree."""
    return health_problems(node.name, node.healthz(), ailments(flannel, node))

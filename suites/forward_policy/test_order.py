"""The order in which Docker and flannel are started: whatever it is, pods reach each other under the policy DROP."""

import pytest

from labs.forward_policy.arrangement import (
    ADMINISTRATOR,
    DOCKER,
    DOCKER_FIRST,
    DOCKER_RESTARTED,
    DOCKER_STOPPED,
    FLANNEL_FIRST,
    NO_DOCKER,
)
from labs.forward_policy.lab import ForwardPolicyLab
from proof.evidence import attach
from proof.holds import holds
from proof.requirement import instance, proven_by, requirement
from suites.forward_policy.faults.arranging import (
    administrator_accepts,
    docker_without_iptables,
    dropped_before,
    forward_rules_off,
    started,
)
from suites.forward_policy.policy import policy_problems, table
from suites.forward_policy.reach import SOON, reach

ORDERS = {
    "docker first": DOCKER_FIRST,
    "flannel first": FLANNEL_FIRST,
    "docker restarted": DOCKER_RESTARTED,
    "docker stopped": DOCKER_STOPPED,
}


@requirement("611f16e2-6751-4bcc-9799-53f32ee33c31")
@proven_by(forward_rules_off, kind="undelivered")
@proven_by(docker_without_iptables, kind="policy-not-drop")
@proven_by(dropped_before, kind="dropped-before")
@pytest.mark.parametrize("order", ORDERS)
@instance("order")
def test_pods_reach_each_other_whenever_docker_starts_or_stops(forward_policy: ForwardPolicyLab, order: str) -> None:
    """Order: dockerd before flanneld, after it, restarted, stopped; it sets the policy DROP, which stays, and pods reach."""
    with started(forward_policy, ORDERS[order]):
        attach("FORWARD policy", table(forward_policy.stages))
        holds(policy_problems(forward_policy.stages, by=DOCKER))
        holds(reach(forward_policy, within=SOON))


@requirement("d5edea8d-c6b3-40bf-bfd3-29ad2996821b")
@proven_by(forward_rules_off, kind="undelivered")
@proven_by(administrator_accepts, kind="policy-not-drop")
@instance("order")
def test_pods_reach_each_other_where_an_administrator_chose_drop(forward_policy: ForwardPolicyLab) -> None:
    """Order: a host without Docker, whose administrator has set the policy DROP, is the same case."""
    with started(forward_policy, NO_DOCKER):
        attach("FORWARD policy", table(forward_policy.stages))
        holds(policy_problems(forward_policy.stages, by=ADMINISTRATOR))
        holds(reach(forward_policy, within=SOON))

"""What becomes of packets between pods beside Docker, and what else could drop them."""

from labs.forward_policy.lab import ForwardPolicyLab
from proof.evidence import attach
from proof.holds import holds
from proof.requirement import proven_by, requirement
from suites.flannel.faults.forwarding import forward_dropped
from suites.forward_policy.barriers import could_drop, foreign_problems
from suites.forward_policy.faults.arranging import forward_rules_never_made
from suites.forward_policy.faults.barriers import (
    docker_user_dropped,
    native_among_iptables,
    native_policy,
    native_prerouting,
    native_rule,
    other_back_end_policy,
    other_back_end_raw,
    other_back_end_rule,
)
from suites.forward_policy.faults.rules import jump_gone
from suites.forward_policy.faults.traffic import policy_accepted
from suites.forward_policy.policy import dropping_problems
from suites.forward_policy.reach import lost, reach


@requirement("d45199af-9d1b-463e-9a5b-cd1041c5148a")
@proven_by(forward_rules_never_made, kind="undelivered")
@proven_by(jump_gone, kind="undelivered")
@proven_by(forward_dropped, kind="undelivered")
@proven_by(docker_user_dropped, kind="undelivered")
@proven_by(other_back_end_policy, kind="undelivered")
@proven_by(native_policy, kind="undelivered")
def test_pods_reach_each_other_under_the_policy_drop(forward_policy: ForwardPolicyLab) -> None:
    """Reach: a datagram arrives over every ordered pair of pods."""
    holds(reach(forward_policy))


@requirement("3d6e4beb-c105-4281-b805-cd0fa993b6bb")
@proven_by(policy_accepted, kind="policy-not-drop")
def test_the_forward_policy_is_drop(forward_policy: ForwardPolicyLab) -> None:
    """Reach: on every node the policy is DROP, without which the rest of this program says nothing."""
    found = forward_policy.iptables()
    holds(dropping_problems({node: str(own.chain("filter", "FORWARD").policy) for node, own in found.items()}))


@requirement("a0fe0beb-d326-4452-bb0e-3b948dbbd7c1")
@proven_by(other_back_end_policy, kind="foreign-drop")
@proven_by(other_back_end_rule, kind="foreign-drop")
@proven_by(native_policy, kind="foreign-drop")
@proven_by(native_rule, kind="foreign-drop")
@proven_by(native_among_iptables, kind="foreign-drop")
@proven_by(other_back_end_raw, kind="foreign-drop")
@proven_by(native_prerouting, kind="foreign-drop")
def test_no_other_firewall_drops_what_is_forwarded(forward_policy: ForwardPolicyLab) -> None:
    """Reach: no pod's packet is dropped by the other back end of iptables or native nftables, which flannel cannot undo."""
    backend = forward_policy.backend_of_iptables
    attach("what else could drop", could_drop(forward_policy.firewalls(), backend))
    holds(foreign_problems(lost(forward_policy), backend))

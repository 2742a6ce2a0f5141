"""flannel's iptables rules, as they stand."""

from labs.forward_policy.lab import ForwardPolicyLab
from proof.holds import holds
from proof.requirement import proven_by, requirement
from suites.forward_policy.faults.rules import (
    forward_chain_gone,
    forward_returned,
    forward_rule_gone,
    jump_gone,
    jump_twice,
    masquerade_first,
    masquerade_jump_gone,
    masquerade_returned,
    masquerade_rule_gone,
)
from suites.forward_policy.rules import forward_problems, masquerade_problems


@requirement("ed316ce3-2da6-4b96-be67-3782350160df")
@proven_by(jump_gone, kind="missing-rule")
@proven_by(jump_twice, kind="repeated-rule")
@proven_by(forward_rule_gone, kind="missing-rule")
@proven_by(forward_returned, kind="extra-rule")
@proven_by(forward_chain_gone, kind="missing-rule")
def test_the_forward_rules_are_those_documented(forward_policy: ForwardPolicyLab) -> None:
    """Rules: on every node FORWARD leads once to FLANNEL-FWD, which accepts what is from or to the Network, nothing else."""
    holds(forward_problems(forward_policy.iptables(), forward_policy.network))


@requirement("28a93a7e-4fe4-407a-87f0-ddc6215e0ed9")
@proven_by(masquerade_jump_gone, kind="missing-rule")
@proven_by(masquerade_rule_gone, kind="missing-rule")
@proven_by(masquerade_returned, kind="extra-rule")
@proven_by(masquerade_first, kind="rule-order")
def test_the_masquerading_rules_are_those_documented(forward_policy: ForwardPolicyLab) -> None:
    """Rules: on every node POSTROUTING leads once to FLANNEL-POSTRTG, which says of the node's own subnet what it should."""
    holds(masquerade_problems(forward_policy.iptables(), forward_policy.network, forward_policy.subnets()))

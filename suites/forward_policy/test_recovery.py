"""How flannel gets back rules that a node has lost."""

import pytest

from labs.forward_policy.lab import ForwardPolicyLab
from labs.problem import Problem
from proof.evidence import attach
from proof.holds import eventually
from proof.requirement import instance, proven_by, requirement
from suites.flannel.waiting import MARGIN
from suites.forward_policy.faults.recovery import LOSSES, flanneld_paused, rarely_resynced, rules_lost
from suites.forward_policy.rules import forward_problems, masquerade_problems


@requirement("2637c3e9-c669-4f24-968a-f59f6b53dc28")
@proven_by(flanneld_paused, kind="missing-rule")
@proven_by(rarely_resynced, kind="missing-rule")
@pytest.mark.parametrize("loss", LOSSES)
@instance("recovery")
def test_lost_rules_come_back(forward_policy: ForwardPolicyLab, loss: str) -> None:
    """Recovery: what all nodes lose at once of flannel's rules is back, and exact, after flanneld's next look at them."""
    with rules_lost(forward_policy, loss):
        seconds = eventually(lambda: judged(forward_policy), within=forward_policy.resync + MARGIN, every=forward_policy.pace)
    attach("time to recover", f"all nodes: {seconds:.2f} s of {forward_policy.resync:.0f} s")


def judged(forward_policy: ForwardPolicyLab) -> list[Problem]:
    """What is wrong with the rules of all nodes."""
    found, network = forward_policy.iptables(), forward_policy.network
    return forward_problems(found, network) + masquerade_problems(found, network, forward_policy.subnets())

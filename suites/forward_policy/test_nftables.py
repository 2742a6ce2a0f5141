"""flannel's own nftables mode (EnableNFTables) beside a Docker that speaks iptables. Advisory."""

from labs.forward_policy.lab import ForwardPolicyLab
from proof.holds import eventually, holds
from proof.requirement import instance, mended_by, proven_by, requirement
from suites.flannel.waiting import MARGIN
from suites.forward_policy.faults.nftables import (
    accepted_in_docker_user,
    dropped_in_front,
    nftables_mode,
    nothing_restores,
    table_emptied,
    table_watched,
)
from suites.forward_policy.nftables import kept_problems, table_rules
from suites.forward_policy.reach import SOON, reach


@requirement("d1cbafad-5164-49ff-a5e2-d2581593e2bf")
@proven_by(dropped_in_front, kind="undelivered")
@mended_by(accepted_in_docker_user)
@instance("recovery")
def test_pods_reach_each_other_in_nftables_mode(forward_policy: ForwardPolicyLab) -> None:
    """nftables: pods reach each other under Docker's DROP in this mode too."""
    with nftables_mode(forward_policy):
        holds(reach(forward_policy, within=SOON))


@requirement("daeab506-68b5-44d4-86f5-aef946ae4ffe")
@proven_by(nothing_restores, kind="missing-rule")
@mended_by(table_watched)
@instance("recovery")
def test_an_emptied_table_comes_back(forward_policy: ForwardPolicyLab) -> None:
    """nftables: what was flushed of flannel's table is back after the period in which it looks for its iptables rules."""
    with nftables_mode(forward_policy):
        before = table_rules(forward_policy.firewalls())
        with table_emptied(forward_policy):
            limit = forward_policy.resync + MARGIN
            eventually(lambda: kept_problems(before, table_rules(forward_policy.firewalls())), within=limit, every=0.2)

"""Leases that are contested: by nodes that start together, by somebody who deletes them."""

from labs.flannel.lab import FlannelLab
from labs.problem import Problem
from proof.holds import eventually
from proof.requirement import instance, mended_by, proven_by, requirement
from suites.flannel.faults.membership import joined
from suites.flannel.faults.mends import restarted_often, supervised
from suites.flannel.faults.places import condition, lease_of
from suites.flannel.faults.robustness import spare_cut_off
from suites.flannel.faults.together import few_subnets, held_back, subnet_taken
from suites.flannel.membership import holder_missing, unaware
from suites.flannel.robustness import draws, starts, without_subnet
from suites.flannel.waiting import news

DELETIONS = 3
NOTICED = 5.0
"""Seconds; a flanneld that has its lease for longer notices within 5 ms."""


@requirement("ee99d6ba-990d-4ea0-a1cf-3327961b3a31")
@proven_by(subnet_taken, kind="no-subnet")
@mended_by(supervised)
@instance("robust-start")
def test_nodes_that_start_together_all_get_a_subnet(flannel: FlannelLab) -> None:
    """Robustness: all nodes ask for one of just as many subnets at the same moment, and each gets one, start after start."""
    nodes = len(flannel.nodes)
    limit = draws(nodes) * flannel.config_retry + news(nodes)
    with few_subnets(flannel):
        for _ in range(starts(nodes)):
            with held_back(flannel):
                pass
            eventually(lambda: waiting(flannel), within=limit, every=flannel.pace)


@requirement("f615c882-5546-43eb-bb6a-ebd569102c3d")
@proven_by(spare_cut_off, kind="unaware-owner")
@mended_by(restarted_often)
@instance("robust-start")
def test_a_lease_deleted_right_after_its_birth_is_noticed(flannel: FlannelLab) -> None:
    """Robustness: a flanneld whose lease is deleted as soon as it is there takes one again, or ends."""
    spare = flannel.spare
    for _ in range(DELETIONS):
        with joined(flannel):
            eventually(lambda: holder_missing(spare.name, spare.address, flannel.leases()), within=NOTICED, every=0.002)
            flannel.registry.delete_lease(lease_of(flannel, spare))
            eventually(lambda: unnoticed(flannel), within=NOTICED)


def unnoticed(flannel: FlannelLab) -> list[Problem]:
    """Whether the spare node's flanneld has neither a lease again nor ended by itself; whoever was killed noticed nothing."""
    spare = flannel.spare
    return unaware(spare.name, not condition(spare).gave_up, spare.address, flannel.leases())


def waiting(flannel: FlannelLab) -> list[Problem]:
    """Nodes without a subnet, or without flanneld."""
    return without_subnet(flannel.addresses, [condition(node) for node in flannel.nodes], flannel.leases())

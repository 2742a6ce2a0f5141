"""Consumer groups while nothing fails: members come and go."""

from labs.kafka.lab import KafkaLab
from labs.wait import watch
from proof.holds import holds
from proof.requirement import instance, proven_by, requirement
from suites.kafka.faults.groups import (
    beginning_at_the_end,
    groups_without_members_deleted,
    no_offsets_taken,
    offsets_without_members_deleted,
    one_instance_for_all,
)
from suites.kafka.gathering import Gathering, gathered
from suites.kafka.groups import owned_twice, went_back

WHILE = 0.5
"""Seconds of reading before the next member comes or goes."""
ALONE = 1.0
"""Seconds that a group is left without members."""


@requirement("eee91b7e-e8e3-4db6-94cd-4232beaebf56")
@instance("groups")
@proven_by(no_offsets_taken, kind="not-rebalanced")
@proven_by(one_instance_for_all, kind="idle-member")
def test_each_partition_is_read_by_one_member(kafka: KafkaLab) -> None:
    """Groups: the members share all partitions, none is read twice, also when one has joined and when one has left."""
    with gathered(kafka, "sharing") as group:
        group.join("first")
        found = group.shared(group.limits.rebalance)
        group.join("second")
        found += group.shared(group.limits.rebalance) if not found else []
        group.leave("first")
        found += group.shared(group.limits.rebalance) if not found else []
        holds([*found, *owned_twice(group.journal)])


@requirement("2a5b7522-1ced-487f-a9ca-70e29c6700c3")
@instance("groups")
@proven_by(beginning_at_the_end, kind="left-out")
def test_a_group_is_given_every_record_while_members_come_and_go(kafka: KafkaLab) -> None:
    """Groups: under load each record is given to the group, and no committed offset goes back, whoever joins and leaves."""
    with gathered(kafka, "given") as group:
        for step in (lambda: group.join("first"), lambda: group.join("second"), lambda: group.leave("first")):
            step()
            group.shared(group.limits.rebalance)
            group.load.more(WHILE)
        holds(group.end())


@requirement("6824e19f-0c4f-4ace-b2aa-1b2dee6ebdfe")
@instance("groups")
@proven_by(groups_without_members_deleted, kind="committed-offset-went-back")
@proven_by(offsets_without_members_deleted, kind="committed-offset-went-back")
def test_a_group_goes_on_where_it_was(kafka: KafkaLab) -> None:
    """Groups: what is committed stays when all members have left, and whoever comes then begins there."""
    with gathered(kafka, "left") as group:
        group.join("first")
        group.caught_up(group.limits.rebalance)
        group.leave("first")
        alone(group)
        group.join("second")
        group.shared(group.limits.rebalance)
        group.load.more(WHILE)
        holds(group.end())


def alone(group: Gathering) -> None:
    """Leave the group without members for a while, or until it is seen to lose something."""
    group.empty(group.limits.rebalance)
    watch(lambda: went_back(group.journal), bool, within=ALONE)

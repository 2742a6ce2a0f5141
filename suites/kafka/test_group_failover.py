"""Consumer groups while something fails: the broker that coordinates one, a member that says nothing any more."""

from labs.faults import killed, link_down
from labs.kafka.lab import INSIDE, KafkaLab
from labs.kafka.operations import UNKNOWN
from labs.problem import Problem
from labs.wait import watch
from proof.holds import coming_back, holds
from proof.requirement import instance, proven_by, requirement
from suites.kafka.faults.groups import all_in_sync_for_offsets, coordinator_alone, sessions_of_a_minute
from suites.kafka.gathering import FEW, QUIET, Gathering, gathered
from suites.kafka.groups import stalled, succeeded

STEADY, STILL = 1.0, 0.5
"""Seconds of reading before the fault, and when the group has got over it."""


@requirement("4bcc32b3-bb30-40b0-a13e-8cb2e318f9b9")
@instance("groups")
@proven_by(all_in_sync_for_offsets, kind="commits-stalled")
@proven_by(coordinator_alone, kind="committed-offset-went-back")
def test_a_group_goes_on_when_its_coordinator_dies(kafka: KafkaLab) -> None:
    """Groups: the coordinator is killed: another takes over in time with all that was committed, and no record is left out."""
    with gathered(kafka, "orphaned") as group:
        holds(work(group))
        victim = group.journal.told[-1].broker
        begun = group.now
        found: list[Problem] = []
        with coming_back(found), killed(kafka.brokers[victim].daemon):
            found += succeeding(group, victim, begun)
            group.committing(group.limits.stall)
            group.load.more(STILL)
            found += stalled(group.journal, begun, group.now, group.limits.stall)
        holds(found)
        holds([*group.shared(group.limits.rejoin), *group.end()])


@requirement("11f81c17-aa99-490c-935d-a3d8b5e5700d")
@instance("groups")
@proven_by(sessions_of_a_minute, kind="unknown-member")
def test_the_partitions_of_a_dead_member_are_taken_over(kafka: KafkaLab) -> None:
    """Groups: a member's host is cut off: others read its partitions after the session's time, and it commits nothing old."""
    with gathered(kafka, "bereaved") as group:
        holds(work(group))
        with link_down(kafka.site.nodes[INSIDE]):
            found = group.shared(group.limits.takeover, ["outer"])
            group.load.more(STILL)
        holds(found)
        holds([*group.shared(group.limits.rejoin), *group.end()])


def work(group: Gathering) -> list[Problem]:
    """Two members share the partitions, and have committed the few records of the quiet one; what is not so in time."""
    group.join("outer")
    group.join("inner", group.kafka.inside)
    within = group.limits.rebalance
    if found := group.shared(within):
        return found
    waited = watch(lambda: committed(group), lambda offset: offset == FEW, within=within)
    if not waited.met:
        where, expected = f"{group.journal.topic}/{QUIET}", f"{FEW} committed within {within:.2f} s"
        return [Problem("commits-stalled", where, expected, waited.last)]
    group.load.more(STEADY)
    return []


def committed(group: Gathering) -> int:
    """Of the quiet partition."""
    return group.journal.told[-1].offsets.get(QUIET, UNKNOWN) if group.journal.told else UNKNOWN


def succeeding(group: Gathering, victim: int, begun: int) -> list[Problem]:
    """Until another coordinates the group; what is wrong at the limit."""
    limit = group.limits.coordinator
    return watch(lambda: succeeded(group.journal, victim, begun, limit), lambda found: not found, within=limit).last

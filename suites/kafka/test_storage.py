"""Disks that fail under load: nothing acknowledged is lost, and a broker that gets over it has what the others have."""

from labs.kafka.lab import KafkaLab
from labs.kafka.operations import History
from labs.problem import Problem
from proof.holds import holds
from proof.requirement import instance, proven_by, requirement
from suites.kafka.disks import disk_lost, second_disk, second_disk_full, torn_by_power_off
from suites.kafka.faults.failover import acknowledged_by_the_leader_alone, unclean_elections
from suites.kafka.faults.replication import follower_starved
from suites.kafka.roles import bystander
from suites.kafka.segment_files import acknowledged, audit, copied
from suites.kafka.trial import Blow, declared_limits, failover


@requirement("1c468703-fa5a-4fe4-bc40-c8118468bbd2")
@proven_by(unclean_elections, kind="offset-differs")
@instance("storage")
def test_a_full_disk_costs_no_record(kafka: KafkaLab) -> None:
    """Storage: one of a broker's disks fills up; others lead, writes go on, and without that disk it is in sync again."""
    victim = bystander(kafka)
    with second_disk(victim):
        holds(failover(kafka, Blow("disk full", victim, second_disk_full(kafka, victim)), equal))


@requirement("0804e7df-b10a-4991-89b1-57f275066094")
@proven_by(unclean_elections, kind="offset-differs")
@instance("storage")
def test_a_failed_disk_costs_no_record(kafka: KafkaLab) -> None:
    """Storage: a broker's disk takes no more writes; others lead, writes go on, and all are equal when it does again."""
    victim = bystander(kafka)
    holds(failover(kafka, Blow("disk read-only", victim, disk_lost(kafka, victim)), equal))


@requirement("3562d02a-a27a-4ca4-aa59-0d3729b6951f")
@proven_by(acknowledged_by_the_leader_alone, kind="lost-acknowledged")
@proven_by(follower_starved, kind="isr-not-full")
@instance("storage")
def test_a_write_torn_by_a_power_cut_costs_no_record(kafka: KafkaLab) -> None:
    """Storage: a node's power goes in the midst of writes; torn batches are cut off and fetched again, all are equal then."""
    victim = bystander(kafka)
    holds(failover(kafka, Blow("power off, writes torn", victim, torn_by_power_off(kafka, victim)), equal))


def equal(kafka: KafkaLab, history: History) -> list[Problem]:
    """What is wrong with the replicas in the end, against each other and what was acknowledged."""
    offsets = acknowledged(history)
    copied(kafka, offsets, within=declared_limits(kafka).rejoin)
    return audit(kafka, offsets)

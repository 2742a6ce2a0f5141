"""Failover: a broker or the controller fails under load, and every record is accounted for.

Clients are outside, by TLS: a producer (acks=all, idempotent) and a consumer. Each test asks for all of it: nothing that was
acknowledged is lost, nothing is there twice or out of order, no write fails; a new leader out of the ISR; an outage within its
limit; an ISR without the broker that failed, and full again after the heal; the preferred leader back.
"""

from labs.faults import killed, link_down, paused
from labs.kafka.lab import KafkaLab
from proof.holds import holds
from proof.requirement import instance, proven_by, requirement
from suites.kafka.faults.failover import (
    acknowledged_by_the_leader_alone,
    acks_of_the_leader_alone,
    data_of_another_broker,
    no_idempotence,
    no_leader_preferred,
    no_new_connections,
    no_retries,
    others_apart,
    patient_producer,
    unclean_elections,
)
from suites.kafka.roles import bystander, controller
from suites.kafka.trial import Blow, failover


@requirement("932b6ddd-0f81-4580-8541-69ee2beacccd")
@proven_by(acknowledged_by_the_leader_alone, kind="lost-acknowledged")
@proven_by(unclean_elections, kind="leader-not-from-isr")
@proven_by(no_retries, kind="writes-failed")
@proven_by(data_of_another_broker, kind="not-started")
@instance("failover")
def test_a_killed_leader_is_succeeded_without_loss(kafka: KafkaLab) -> None:
    """Failover: SIGKILL to the leader of a partition."""
    leader = bystander(kafka)
    holds(failover(kafka, Blow(f"leader {leader.id}: SIGKILL", leader, killed(leader.daemon))))


@requirement("de205f75-4faf-4acf-aebd-d1f2b57ea7b0")
@proven_by(no_idempotence, kind="reordered")
@proven_by(patient_producer, kind="outage-too-long")
@instance("failover-2")
def test_a_paused_leader_is_succeeded_without_loss(kafka: KafkaLab) -> None:
    """Failover: SIGSTOP to the leader of a partition, which goes on later as if nothing had been."""
    leader = bystander(kafka)
    holds(failover(kafka, Blow(f"leader {leader.id}: SIGSTOP", leader, paused(leader.daemon))))


@requirement("683fd4eb-f3dc-4006-b40d-f4b030b1b575")
@proven_by(acks_of_the_leader_alone, kind="lost-acknowledged")
@proven_by(no_leader_preferred, kind="preferred-leader-not-back")
@instance("failover-2")
def test_a_leader_cut_off_from_the_others_is_succeeded_without_loss(kafka: KafkaLab) -> None:
    """Failover: the private link of a partition's leader is cut, while clients stay connected to it from outside."""
    leader = bystander(kafka)
    holds(failover(kafka, Blow(f"leader {leader.id}: private link cut", leader, link_down(leader.node))))


@requirement("ebb20c02-9993-4fc6-96c3-f81d77312eb0")
@proven_by(no_idempotence, kind="duplicate")
@proven_by(no_new_connections, kind="isr-not-full")
@instance("failover")
def test_a_killed_follower_leaves_the_isr_and_comes_back(kafka: KafkaLab) -> None:
    """Failover: SIGKILL to a broker that leads no partition, which stalls writes until it is out of the ISR."""
    follower = bystander(kafka)
    holds(failover(kafka, Blow(f"follower {follower.id}: SIGKILL", follower, killed(follower.daemon), leads=False)))


@requirement("6ca0ce38-2adc-42fa-b6cb-5d22c882319b")
@proven_by(others_apart, kind="no-new-controller")
@instance("failover-2")
def test_a_killed_controller_is_succeeded_without_loss(kafka: KafkaLab) -> None:
    """Failover: SIGKILL to the controller: the leader of the KRaft quorum, or the broker that ZooKeeper has for it."""
    active = controller(kafka)
    holds(failover(kafka, Blow(f"controller {active.id}: SIGKILL", active, killed(active.daemon), controls=True)))

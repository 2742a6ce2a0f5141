"""min.insync.replicas=2 of three: with one broker gone writes go on, with two gone none is acknowledged."""

from labs.faults import paused
from labs.kafka.lab import KafkaLab
from proof.holds import holds
from proof.requirement import instance, proven_by, requirement
from suites.kafka.faults.failover import acks_of_the_leader_alone, all_in_sync_demanded
from suites.kafka.roles import bystander
from suites.kafka.trial import Blow, failover
from suites.kafka.two_gone import two_gone


@requirement("84df675c-bc6e-4fda-ad0c-057bc8c0d287")
@proven_by(all_in_sync_demanded, kind="outage-too-long")
@instance("failover")
def test_writes_go_on_while_one_of_three_is_gone(kafka: KafkaLab) -> None:
    """Min ISR: a broker that leads nothing is paused; once it is out of the ISR, writes go on without it."""
    follower = bystander(kafka)
    holds(failover(kafka, Blow(f"one of three, {follower.id}: SIGSTOP", follower, paused(follower.daemon), leads=False)))


@requirement("5a304c18-0320-414f-89ce-561100750791")
@proven_by(acks_of_the_leader_alone, kind="acknowledged-below-min-isr")
@instance("failover")
def test_nothing_is_acknowledged_while_two_of_three_are_gone(kafka: KafkaLab) -> None:
    """Min ISR: nothing is acknowledged: refused at once where the controllers live on, indeterminate where the quorum is gone.

    When they are back, writes resume by themselves, and nothing is lost.
    """
    holds(two_gone(kafka))

"""The KRaft quorum, as it tells of itself."""

from labs.kafka.lab import KafkaLab
from proof.holds import eventually
from proof.requirement import proven_by, requirement
from suites.kafka.faults.cluster import controllers_lost
from suites.kafka.faults.members import voter_paused
from suites.kafka.members import quorum_well

SOON = 5.0
"""Seconds in which members of a healthy quorum are level with its leader, on a busy machine."""


@requirement("f331045e-e6e2-4cdf-83d8-0fb07bb70c3f")
@proven_by(voter_paused, kind="voter-behind")
@proven_by(controllers_lost, kind="no-quorum-leader")
def test_the_quorum_has_a_leader_and_all_follow_it(kafka: KafkaLab) -> None:
    """Quorum: the declared voters have a leader, every voter and every broker is level with it."""
    eventually(lambda: quorum_well(kafka), within=SOON, every=0.2)

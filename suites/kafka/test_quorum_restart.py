"""Members of the KRaft quorum restarted one after the other."""

from labs.kafka.lab import KafkaLab
from proof.holds import holds
from proof.requirement import instance, proven_by, requirement
from suites.kafka.faults.failover import others_apart
from suites.kafka.members import quorum_well
from suites.kafka.roles import controller, without
from suites.kafka.rolling import course, restarted


@requirement("54703385-ae99-4fef-9e7e-662b663085af")
@proven_by(others_apart, kind="no-new-controller")
@instance("restart")
def test_the_quorum_restarted_one_by_one_fails_no_write(kafka: KafkaLab) -> None:
    """Restart: each in turn, the leader last, under load; meanwhile another leads a majority in time, and no write fails."""
    leader = controller(kafka)
    order = [*(each for each in kafka.controllers.values() if each.id != leader.id), leader]
    with course(kafka) as run:
        for member in order:
            restarted(run, member, lambda gone=member.id: without(kafka, gone), lambda: quorum_well(kafka))  # type: ignore[misc]
        holds(run.judged("the quorum restarted one by one"))

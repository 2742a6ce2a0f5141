"""Members of the KRaft quorum restarted one after the other."""

from contextlib import closing

from labs.kafka.broker import Member
from labs.kafka.lab import KafkaLab
from labs.problem import Problem
from proof.holds import holds
from proof.requirement import instance, proven_by, requirement
from suites.kafka.faults.failover import no_new_connections, no_retries
from suites.kafka.members import quorum_well
from suites.kafka.roles import active_controller, asking, controller
from suites.kafka.rolling import course, restarted


@requirement("54703385-ae99-4fef-9e7e-662b663085af")
@proven_by(no_new_connections, kind="isr")
@proven_by(no_retries, kind="writes-failed")
@instance("restart")
def test_the_quorum_restarted_one_by_one_fails_no_write(kafka: KafkaLab) -> None:
    """Restart: each member in turn, its leader last, under load; there is a leader all the while, and no write fails."""
    leader = controller(kafka)
    order = [*(each for each in kafka.controllers.values() if each.id != leader.id), leader]
    with course(kafka) as run:
        for member in order:
            restarted(run, member, lambda gone=member: led_without(kafka, gone), lambda: quorum_well(kafka))  # type: ignore[misc]
        holds(run.judged("the quorum restarted one by one"))


def led_without(kafka: KafkaLab, gone: Member) -> list[Problem]:
    """Whether another than the one that is gone leads, by the brokers that are left."""
    with closing(asking(kafka)) as admin:
        found = active_controller(kafka, admin, [each for each in kafka.brokers if each != gone.id])
    if found in (None, gone.id):
        return [Problem("no-new-controller", "the quorum", f"a leader other than {gone.id}", found or "none")]
    return []

"""What Kafka makes of a ZooKeeper that answers late."""

from labs.faults import link_down
from labs.kafka.lab import KafkaLab
from labs.wait import watch
from proof.holds import eventually
from proof.requirement import full, instance, mended_by, proven_by, requirement
from suites.kafka.faults.late import answered_late, restarted_by_its_log
from suites.kafka.faults.robustness import firewall_of_a_lost_link
from suites.kafka.replication import placement_problems
from suites.kafka.robustness import absent, lingering
from suites.kafka.roles import assignment, bystander
from suites.kafka.test_robustness import node
from suites.kafka.trial import declared_limits

LATE = 0.3
"""Seconds that the answer is late: the controller has told the broker who leads what by then, and its session has not ended."""


@requirement("9450a4af-94a4-4f51-8ae1-757a5d79d1f9")
@proven_by(firewall_of_a_lost_link, kind="isr-not-full")
@mended_by(restarted_by_its_log)
@full
@instance("storage")
def test_a_broker_that_is_told_late_of_its_registration_is_in_sync_again(kafka: KafkaLab) -> None:
    """Robustness: a broker comes back from a cut, and ZooKeeper tells it so later than others; it is in every ISR again."""
    victim, layout, limits = bystander(kafka), assignment(kafka.brokers), declared_limits(kafka)
    with kafka.cluster.topic("late", assignment=layout) as topic:
        with answered_late(victim):
            with link_down(node(kafka, victim)):
                eventually(lambda: lingering(topic, victim.id, kafka.cluster.views([topic])), within=limits.shrink)
            eventually(lambda: absent(victim.id, kafka.cluster.views([topic])), within=limits.rejoin, every=0.02)
            watch(lambda: None, lambda _: False, within=LATE)
        within = limits.rejoin + limits.preferred
        eventually(lambda: placement_problems(topic, layout, kafka.cluster.views([topic])), within=within)

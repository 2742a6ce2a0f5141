"""The same trouble again and again: what comes right ten times may not the eleventh."""

from labs.faults import link_down
from labs.kafka.broker import Broker
from labs.kafka.daemons import START_LIMIT
from labs.kafka.lab import KafkaLab
from labs.kafka.node import KafkaNode
from labs.wait import watch
from proof.holds import eventually
from proof.requirement import full, instance, proven_by, requirement
from suites.kafka.faults.robustness import firewall_of_a_lost_link, strangers
from suites.kafka.replication import placement_problems
from suites.kafka.robustness import lingering
from suites.kafka.roles import assignment, bystander
from suites.kafka.trial import declared_limits

TIMES = 5


@requirement("e3573180-d69a-41f8-9951-dbe3c18bc88a")
@proven_by(firewall_of_a_lost_link, kind="isr-not-full")
@full
@instance("storage")
def test_a_broker_is_in_sync_again_after_every_cut(kafka: KafkaLab) -> None:
    """Robustness: a broker loses its private link until it is given up, five times; each time it is in every ISR again."""
    victim, layout, limits = bystander(kafka), assignment(kafka.brokers), declared_limits(kafka)
    with kafka.cluster.topic("cut", assignment=layout) as topic:
        for _ in range(TIMES):
            with link_down(node(kafka, victim)):
                eventually(lambda: lingering(topic, victim.id, kafka.cluster.views([topic])), within=limits.shrink)
            within = limits.rejoin + limits.preferred
            eventually(lambda: placement_problems(topic, layout, kafka.cluster.views([topic])), within=within)


@requirement("431be125-f0d7-4e03-9237-b734f7e1cfd1")
@proven_by(strangers, kind="unregistered")
@full
@instance("storage")
def test_every_start_of_all_comes_up(kafka: KafkaLab) -> None:
    """Robustness: all daemons are killed and started together, five times; each time all brokers are there, in sync."""
    for _ in range(TIMES):
        for service in kafka.services:
            service.kill()
        started_together(kafka)
        eventually(kafka.problems, within=START_LIMIT)


def started_together(kafka: KafkaLab) -> None:
    """ZooKeepers, and when they serve, or in vain, all else at once; nobody waits for it."""
    first = [each.daemon for each in kafka.zookeepers.values()]
    for service in first:
        service.begin()
    watch(lambda: all(each.ready or not each.running for each in first), bool, within=START_LIMIT)
    for service in kafka.services:
        if service not in first:
            service.begin()


def node(kafka: KafkaLab, broker: Broker) -> KafkaNode:
    """The one that a broker runs on."""
    return next(each for each in kafka.nodes if each.name == broker.name)

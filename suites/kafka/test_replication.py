"""Replication, by what any client can find out."""

from labs.kafka.configs import broker_settings
from labs.kafka.lab import KafkaLab
from labs.kafka.log_dirs import log_dirs
from labs.problem import Problem
from proof.holds import eventually, holds
from proof.requirement import proven_by, requirement
from suites.kafka.faults.cluster import broker_cut_off, broker_fenced
from suites.kafka.faults.replication import followers_starved, two_replicas_by_default
from suites.kafka.making import layout, named, placed, too_few_brokers
from suites.kafka.replication import (
    commit_problems,
    dir_problems,
    living_problems,
    placement_problems,
    refusals,
    size_problems,
    spread_problems,
)
from suites.kafka.trial import declared_limits
from suites.kafka.writing import committed, write

DEFAULT_REPLICAS = "default.replication.factor"


@requirement("775c17e9-cbd1-4883-bd7c-3dda0e0d7342")
@proven_by(broker_cut_off, kind="isr-not-full")
@proven_by(broker_fenced, kind="leader-not-preferred")
def test_replicas_are_where_they_were_put_and_in_sync(kafka: KafkaLab) -> None:
    """Replication: each partition has its replicas on the brokers that it was given, all in sync, and the first leads."""
    assignment = layout(kafka)
    with placed(kafka, "placed", assignment) as topic:
        eventually(lambda: placement_problems(topic, assignment, kafka.cluster.views([topic])), within=known(kafka))


@requirement("53be2314-3c4f-46d5-b0c5-147d6b79e0af")
@proven_by(two_replicas_by_default, kind="wrong-replicas")
@proven_by(broker_cut_off, kind="leaders-not-spread")
def test_a_topic_is_spread_over_the_brokers(kafka: KafkaLab) -> None:
    """Replication: a topic of which no more is told has the declared replicas on brokers of their own, and all brokers lead."""
    partitions, replicas = 2 * len(kafka.brokers), default_replicas(kafka)
    ids, within = kafka.brokers, known(kafka)
    with named(kafka, "spread") as topic:
        eventually(lambda: living_problems(ids, replicas, too_few_brokers(kafka, topic, partitions)), within=within, every=0.5)
        eventually(lambda: spread_problems(topic, partitions, replicas, ids, kafka.cluster.views([topic])), within=within)


@requirement("d569bbaa-bf57-44cd-8f8a-d78220173105")
@proven_by(followers_starved, kind="not-committed")
def test_what_is_acknowledged_can_be_read_at_once(kafka: KafkaLab) -> None:
    """Replication: when a record is acknowledged, the end of its partition is behind it, and a consumer is given it."""
    assignment = layout(kafka)
    with kafka.cluster.topic("committed", assignment=assignment) as topic:
        holds(commit_problems(*committed(kafka, topic, len(assignment))))


@requirement("b1f63e60-6f9c-449e-af40-42fb0bc1e60f")
@proven_by(followers_starved, kind="replica-behind")
def test_every_replica_holds_as_much(kafka: KafkaLab) -> None:
    """Replication: by its broker's word, each replica is soon as large as the others, in a directory that is in order."""
    assignment = layout(kafka)
    with kafka.cluster.topic("held", assignment=assignment) as topic:
        holds(refusals(write(kafka, topic, len(assignment))))
        replicas = {(topic, number): brokers for number, brokers in assignment.items()}
        with kafka.cluster.admin() as admin:

            def look() -> list[Problem]:
                dirs = log_dirs(admin, kafka.brokers)
                return [*dir_problems(dirs), *size_problems(replicas, dirs)]

            eventually(look, within=declared_limits(kafka).rejoin, every=0.2)


def known(kafka: KafkaLab) -> float:
    """Seconds until every broker knows of a topic: one that has no turn for a while is out of the ISR, and comes back."""
    return declared_limits(kafka).rejoin


def default_replicas(kafka: KafkaLab) -> int:
    """As declared; where nobody has said, as a broker has it."""
    broker = min(kafka.brokers)
    told = kafka.declared[broker].get(DEFAULT_REPLICAS)
    if told is None:
        with kafka.cluster.admin() as admin:
            told = broker_settings(admin, [broker])[broker][DEFAULT_REPLICAS].value
    return int(told or 1)

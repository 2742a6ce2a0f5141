"""Replicas moved to other brokers, and leaders elected, while records flow."""

from collections.abc import Sequence
from dataclasses import replace

from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import ClusterAuthorizationFailedError, KafkaError, for_code
from kafka.protocol.admin.topics import ElectionType

from labs.errors import LabError
from labs.kafka.lab import KafkaLab
from labs.kafka.operations import History
from labs.kafka.workload import Workload
from labs.problem import Problem
from labs.timeline import note
from proof.evidence import attach, folder
from proof.holds import eventually, holds
from proof.requirement import proven_by, requirement
from suites.kafka.accounting import account
from suites.kafka.faults.reassignment import heir_starved, newcomer_starved
from suites.kafka.reassignment import DONE, NOT_NEEDED, elected_problems, placed_problems, taken_problems
from suites.kafka.traffic import failed_writes, stalled
from suites.kafka.trial import FLOW_LIMIT, SIZE, SOME

MOVED = 15.0
"""Seconds in which a topic of a few hundred records is on another broker, where that is busy."""
ELECTED, ANSWERED = 15.0, 3.0
"""Seconds until a leader is elected that was asked for; and for the cluster's answer to one request."""
HISTORY = "reassignment.history"


@requirement("e645f398-1abc-440b-9d32-71bfb8e175db")
@proven_by(newcomer_starved, kind="not-moved")
def test_a_replica_moves_while_records_flow(kafka: KafkaLab) -> None:
    """Reassignment: a partition moves to another broker under load; it is there in full, and no record is lost or failed."""
    first, second, third, *_ = sorted(kafka.cluster.doors)
    wanted = [second, third]
    with (
        kafka.cluster.topic("moving", assignment={0: [first, second]}) as topic,
        loaded(kafka, topic, replicas=2) as load,
        kafka.cluster.admin() as admin,
    ):
        load.flows(within=FLOW_LIMIT, records=SOME)
        reorder(admin, topic, wanted)
        eventually(lambda: placed_problems(kafka.cluster.views([topic]), topic, 0, wanted), within=MOVED, every=0.2)
        flows_on(load)
        holds(traffic(load.end()))


@requirement("fec9b819-c8ee-4831-8888-f6a342484016")
@proven_by(heir_starved, kind="not-elected")
def test_the_preferred_leader_is_elected_when_that_is_asked_for(kafka: KafkaLab) -> None:
    """Election: with another order of its replicas another leader is preferred; asked for, it leads, and records flow on."""
    first, second, third, *_ = sorted(kafka.cluster.doors)
    heirs, answers = [second, first], list[str]()
    with (
        kafka.cluster.topic("elected", assignment={0: [first, second, third]}) as topic,
        loaded(kafka, topic, replicas=3) as load,
        kafka.cluster.admin() as admin,
    ):
        load.flows(within=FLOW_LIMIT, records=SOME)
        reorder(admin, topic, [*heirs, third])

        def look() -> list[Problem]:
            if DONE not in answers:
                answers.append(asked(admin, topic))
            if answers[-1] == NOT_NEEDED:  # the cluster had done it by itself: once more, the other way round
                heirs.reverse()
                reorder(admin, topic, [*heirs, third])
            return elected_problems(kafka.cluster.views([topic]), topic, 0, heirs[0], answers)

        eventually(look, within=ELECTED, every=0.2)
        attach("answers to requests for an election", "\n".join(answers))
        flows_on(load)
        holds(traffic(load.end()))


def loaded(kafka: KafkaLab, topic: str, replicas: int) -> Workload:
    """Load on the one partition of a topic."""
    promised = replace(kafka.guarantee, replication_factor=replicas)
    file = folder() / HISTORY
    return Workload(kafka.clients, kafka.outside, topic, 1, file, guarantee=promised, size=SIZE, versions=kafka.software)


def flows_on(load: Workload) -> None:
    """More records are acknowledged, after what was done."""
    before = {number: load.acknowledged[number] for number in range(load.partitions)}
    eventually(lambda: stalled(load.topic, before, load.acknowledged, SOME), within=FLOW_LIMIT)


def traffic(history: History) -> list[Problem]:
    """What is wrong with what clients saw."""
    return [*failed_writes(history), *account(history)]


def reorder(admin: KafkaAdminClient, topic: str, brokers: Sequence[int]) -> None:
    """Ask for these replicas in this order, which the cluster has to take; whether they come is seen by what brokers show.

    LabError: the client may not ask for it.
    """
    note(f"{topic}-0: replicas {list(brokers)} are asked for")
    try:
        answer = admin.alter_partition_reassignments({TopicPartition(topic, 0): list(brokers)})[topic, 0]
        told = answer.__name__ if answer else None
    except ClusterAuthorizationFailedError as error:
        raise LabError(f"{topic}: who moves replicas needs the right to Alter the cluster: {error!r}") from error
    except KafkaError as error:  # of the cluster as a whole, as where nobody answers
        told = repr(error)
    holds(taken_problems(topic, 0, brokers, told))


def asked(admin: KafkaAdminClient, topic: str) -> str:
    """Ask for the election of the preferred leader; the cluster's answer for the partition, by the name of its error.

    A broker may miss the end of an election that ends as soon as it waits for that, and answer when the request's time is over.
    """
    # the topic with its partitions: a list of TopicPartition is taken, and asks for nothing
    try:
        answer = admin.elect_leaders(ElectionType.PREFERRED, {topic: [0]}, int(1000 * ANSWERED), raise_errors=False)
    except KafkaError as error:
        return type(error).__name__
    codes = [each.error_code for found in answer.replica_election_results for each in found.partition_result]
    return str(for_code(codes[0]).__name__) if codes else "no answer for the partition"

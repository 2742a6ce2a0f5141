"""What the replicas of topics have on their brokers' disks."""

from collections.abc import Collection, Mapping

from labs.kafka.addresses import BROKERS
from labs.kafka.lab import READY, KafkaLab
from labs.kafka.operations import History, Write
from labs.kafka.segments import ReplicaLog, replica_log
from labs.kafka.views import Place
from labs.problem import Problem
from labs.wait import watch
from suites.kafka.replicas import replica_problems


def audit(kafka: KafkaLab, acknowledged: Mapping[Place, Collection[int]], *, check: bool = True) -> list[Problem]:
    """What is wrong with the replicas of these partitions, each of which every broker has one of.

    `acknowledged`: offsets by partition; without `check`, no checksum is computed.
    """
    return [
        problem
        for place, offsets in acknowledged.items()
        for problem in replica_problems(f"{place[0]}-{place[1]}", replicas(kafka, place, check=check), offsets)
    ]


def copied(kafka: KafkaLab, acknowledged: Mapping[Place, Collection[int]], within: float) -> None:
    """Wait until each replica is as long as what was acknowledged; what is not so after so many seconds is judged."""

    def whole() -> bool:
        logs = {place: replicas(kafka, place, check=False).values() for place in acknowledged}
        return all(log.end > max(acknowledged[place]) for place, some in logs.items() for log in some)

    watch(whole, bool, within=within, every=0.1)


def replicas(kafka: KafkaLab, place: Place, *, check: bool = True) -> dict[int, ReplicaLog]:
    """By broker."""
    return {number: replica_log(broker.replica(*place), check=check) for number, broker in kafka.brokers.items()}


def acknowledged(history: History) -> dict[Place, list[int]]:
    """The offsets that were told of, by partition."""
    found: dict[Place, list[int]] = {}
    for each in history.operations:
        if isinstance(each, Write) and each.outcome == "ok":
            found.setdefault((history.header.topic, each.partition), []).append(each.offset)
    return found


def of_the_lab(kafka: KafkaLab) -> list[Place]:
    """The partitions of the topic that a lab has from its beginning."""
    return [(f"{kafka.cluster.prefix}{READY}", number) for number in range(len(BROKERS))]

"""What decides who may lead beside what brokers tell: of 2.4, whose brokers tell of a shrunk ISR seconds later, and of 4.1."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from kafka.errors import KafkaError

from labs.errors import LabError
from labs.kafka.addresses import ZOOKEEPER
from labs.kafka.configs import topic_settings
from labs.kafka.lab import KafkaLab
from labs.kafka.metadata import Partition
from labs.kafka.version import major_minor
from labs.kafka.views import Place, View
from labs.kafka.znodes import PartitionState, znodes

ELIGIBLE_SINCE = (4, 1)
STORE = 0
"""In place of a broker that says so."""


def stored(kafka: KafkaLab, places: Sequence[Place]) -> list[View]:
    """What is stored now; nothing under KRaft, where it is what brokers tell. LabError where no ZooKeeper answers."""
    states = _states(kafka, places) if kafka.zookeepers else {}
    now, replicas = time.monotonic(), tuple(kafka.brokers)
    return [
        View(now, STORE, *place, Partition(0, state.leader, state.epoch, replicas, state.isr, ()))
        for place, state in states.items()
        if state is not None
    ]


def enough(kafka: KafkaLab, topic: str) -> int:
    """min.insync.replicas in force, where who leaves an ISR below it stays eligible (KIP-966: from 4.1 on); else 0.

    LabError where no broker tells.
    """
    if major_minor(kafka.version) < ELIGIBLE_SINCE:
        return 0
    try:
        with kafka.cluster.admin() as admin:
            return int(topic_settings(admin, [topic])[topic]["min.insync.replicas"].value or 0)
    except KafkaError as error:
        raise LabError(f"{topic}: how many replicas have to be in sync is not told: {error}") from error


def _states(kafka: KafkaLab, places: Sequence[Place]) -> Mapping[Place, PartitionState | None]:
    for each in kafka.zookeepers.values():
        with suppress(OSError), znodes(kafka.inside.connect, each.address, ZOOKEEPER) as session:
            return {place: session.partition(*place) for place in places}
    raise LabError(f"{kafka}: no ZooKeeper answers")

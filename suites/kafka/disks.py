"""What disks do to a broker: one fills up, one fails, one has half a write when the power goes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from kafka.admin import NewTopic

from labs.embedded import disks
from labs.errors import LabError
from labs.fault import fault
from labs.faults import disk_full, disk_read_only, powered_off
from labs.kafka.broker import Broker
from labs.kafka.cluster import make
from labs.kafka.lab import KafkaLab
from labs.kafka.log_dirs import log_dirs
from labs.kafka.segments import replica_log
from labs.timeline import note
from labs.wait import until
from suites.kafka.trial import TOPIC

EXTRA, MEGABYTES = "/run/kafka-extra", 16
"""A second disk of a broker: where, and its size."""
FAILED = 15.0
"""Seconds until a broker that cannot write any more has noticed."""


@contextmanager
def second_disk(broker: Broker) -> Iterator[None]:
    """A broker with another, small disk, on which new partitions are put, for it has fewer; without it at the end."""
    disks.mount(broker.node, EXTRA, megabytes=MEGABYTES)
    try:
        broker.configure({"log.dirs": f"{broker.data},{EXTRA}"})
        yield
    finally:
        if not broker.process.as_declared:
            broker.configure({})
        disks.unmount(broker.node, EXTRA)


@fault("node", "process")
def second_disk_full(kafka: KafkaLab, broker: Broker) -> Iterator[None]:
    """The second disk fills up, and the broker gives it up; on heal it goes on without it."""
    _filled_alone(kafka, broker)
    with disk_full(broker.node, EXTRA):
        until(lambda: _given_up(kafka, broker), within=FAILED, what=f"{broker} without {EXTRA}")
        yield
    broker.configure({})


def _filled_alone(kafka: KafkaLab, broker: Broker) -> None:
    """LabError where the broker has put replicas of the topic elsewhere."""
    topic = tried(kafka)
    with kafka.within.admin() as admin:
        found = {each.path: each.replicas for each in log_dirs(admin, [broker.id])[broker.id]}
    elsewhere = [place for path, held in found.items() if path != EXTRA for place in held if place[0] == topic]
    if elsewhere or EXTRA not in found:
        raise LabError(
            f"{broker}: {', '.join(f'{name}-{number}' for name, number in elsewhere)} not put on {EXTRA}, the emptier disk"
        )


def _given_up(kafka: KafkaLab, broker: Broker) -> bool:
    with kafka.within.admin() as admin:
        found = {each.path: each.error for each in log_dirs(admin, [broker.id])[broker.id]}
    return bool(found.get(EXTRA))


@fault("node", "process")
def disk_lost(kafka: KafkaLab, broker: Broker) -> Iterator[None]:
    """The disk of all its replicas takes no more writes: a broker has none left then, and ends; started anew on heal.

    Files that are open can be written to, so that it is given a partition to open new ones for: else it might take 5 s.
    """
    another = f"{kafka.cluster.prefix}another-{token_hex(3)}"
    with disk_read_only(broker.node, str(broker.data)):
        with suppress(LabError), kafka.cluster.admin() as admin:  # whom it asks may be the one that ends
            make(admin, NewTopic(another, replica_assignments={0: [broker.id]}))
        yield
    if broker.daemon.running:
        broker.daemon.kill()
    broker.daemon.start()
    kafka.cluster.delete(another)


@fault("node")
def torn_by_power_off(kafka: KafkaLab, broker: Broker) -> Iterator[None]:
    """The node's power goes; of the last batch of each of the topic's replicas, half is on its disk when it is back."""
    topic = tried(kafka)
    node = next(node for node in kafka.nodes if node.name == broker.name)
    with powered_off(node):
        yield
        if sum(tear(path) for path in sorted(broker.data.glob(f"{topic}-?"))) == 0:
            raise LabError(f"{broker}: there is no batch of {topic} that could be torn")


def tried(kafka: KafkaLab) -> str:
    """The topic that a failover is tried with."""
    found = [topic for topic in kafka.topics() if topic.startswith(f"{kafka.cluster.prefix}{TOPIC}-")]
    if len(found) != 1:
        raise LabError(f"{kafka.name}: one topic to try a failover with is expected, not {', '.join(found) or 'none'}")
    return found[0]


def tear(path: Path) -> bool:
    """Cut a replica's last batch in two; whether there is one."""
    log = replica_log(path, check=False)
    if not log.batches:
        return False
    batch = log.batches[-1]
    os.truncate(path / batch.segment, batch.position + batch.size // 2)
    note(f"{path.name}: offsets {batch.base} to {batch.last} are torn")
    return True

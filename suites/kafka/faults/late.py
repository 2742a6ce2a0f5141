"""ZooKeeper's answers that come late to a broker, and what helps one that does not get over it."""

import re
from collections.abc import Iterator

from labs.fault import fault
from labs.kafka.addresses import ZOOKEEPER
from labs.kafka.broker import Broker
from labs.kafka.lab import KafkaLab
from labs.observe.reading import told
from labs.repeating import repeated

TABLE = "labproof_late"
LARGE = 120
"""Bytes: a packet that tells of what was made or asked is larger, one that keeps a session alive is smaller."""
STUCK = r"larger than current broker epoch"
EVERY = 1.0


@fault("network")
def answered_late(broker: Broker) -> Iterator[None]:
    """A broker's session with ZooKeeper lives, but for answers of some size, which are sent again and again until the heal."""
    host = broker.node.host
    chain = f"add chain inet {TABLE} in {{ type filter hook input priority 0; }}"
    rule = f"add rule inet {TABLE} in tcp sport {ZOOKEEPER} meta length > {LARGE} drop"
    told(host, "nft %s", f"add table inet {TABLE}; {chain}; {rule}")
    yield
    told(host, "nft %s", f"delete table inet {TABLE}")


@fault("process")
def restarted_by_its_log(kafka: KafkaLab) -> Iterator[None]:
    """A broker that says that it was sent a newer epoch than its own is started anew, by somebody who reads its log."""
    marks = {broker.id: broker.daemon.mark() for broker in kafka.brokers.values()}

    def tend() -> None:
        for broker in kafka.brokers.values():
            if re.search(STUCK, broker.daemon.log(marks[broker.id])):
                broker.daemon.restart()
                marks[broker.id] = broker.daemon.mark()

    with repeated(tend, every=EVERY):
        yield

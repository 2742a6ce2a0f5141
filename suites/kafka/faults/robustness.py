"""Seeded faults, and a mend, of what is done again and again."""

from collections.abc import Iterator
from contextlib import ExitStack

from labs.fault import fault
from labs.kafka.addresses import CONTROLLER, ZOOKEEPER
from labs.kafka.lab import KafkaLab
from suites.kafka.faults.filters import dropped

QUORUM = (2888, 3888)
"""Ports between ZooKeepers."""


@fault("network")
def strangers(kafka: KafkaLab) -> Iterator[None]:
    """Firewalls leave brokers the connections that they have to controllers and ZooKeepers, and let through no new one."""
    ports = ", ".join(map(str, (CONTROLLER, ZOOKEEPER, *QUORUM)))
    with ExitStack() as stack:
        for broker in kafka.brokers.values():
            stack.enter_context(dropped(broker, f"tcp dport {{ {ports} }} tcp flags & (syn | ack) == syn"))
        yield

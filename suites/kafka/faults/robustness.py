"""Seeded faults, and a mend, of what is done again and again."""

from collections.abc import Iterator
from contextlib import ExitStack

from labs.fault import fault
from labs.kafka.addresses import CONTROLLER, PLAIN, ZOOKEEPER
from labs.kafka.broker import Broker
from labs.kafka.lab import KafkaLab
from labs.observe.reading import told
from labs.repeating import repeated
from suites.kafka.faults.filters import dropped, to
from suites.kafka.roles import bystander

QUORUM = (2888, 3888)
"""Ports between ZooKeepers."""
LOOK = 0.2
"""Seconds between two looks at a link: a cut lasts for seconds."""


@fault("network")
def strangers(kafka: KafkaLab) -> Iterator[None]:
    """Firewalls leave brokers the connections that they have to controllers and ZooKeepers, and let through no new one."""
    ports = ", ".join(map(str, (CONTROLLER, ZOOKEEPER, *QUORUM)))
    with ExitStack() as stack:
        for broker in kafka.brokers.values():
            stack.enter_context(dropped(broker, f"tcp dport {{ {ports} }} tcp flags & (syn | ack) == syn"))
        yield


@fault("network")
def firewall_of_a_lost_link(kafka: KafkaLab) -> Iterator[None]:
    """The host of the broker that will be cut off has a firewall from when it loses its link on: it fetches from nobody then.

    What was connected before would live on: a cut is shorter than TCP is patient.
    """
    victim = bystander(kafka)
    others = [broker for broker in kafka.brokers.values() if broker is not victim]
    shut: list[str] = []
    with ExitStack() as stack:

        def tend() -> None:
            if not shut and _cut(victim):
                stack.enter_context(dropped(victim, f"tcp dport {PLAIN} {to(others)}"))
                shut.append(victim.name)

        with repeated(tend, every=LOOK):
            yield


def _cut(broker: Broker) -> bool:
    return "NO-CARRIER" in told(broker.node.host, "ip link show dev eth0")

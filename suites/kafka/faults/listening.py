"""Seeded faults of listeners: where connections are taken."""

from collections.abc import Iterator

from labs.fault import fault
from labs.kafka.addresses import PLAIN
from labs.kafka.lab import KafkaLab


@fault("process")
def plain_on_the_public_network(kafka: KafkaLab) -> Iterator[None]:
    """A broker that takes connections without TLS on the clients' network, too."""
    broker = kafka.brokers[2]
    listeners = broker.settings["listeners"].replace(f"PLAINTEXT://{broker.private}:{PLAIN}", f"PLAINTEXT://:{PLAIN}")
    broker.configure({"listeners": listeners})
    yield
    broker.configure({})

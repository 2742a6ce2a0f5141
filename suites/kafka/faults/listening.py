"""Seeded faults of listeners: where connections are taken, and who can make them."""

from collections.abc import Iterator
from contextlib import contextmanager

from labs.fault import fault
from labs.kafka.addresses import CLIENT, PLAIN, private
from labs.kafka.broker import Broker
from labs.kafka.lab import OUTSIDE, KafkaLab
from labs.kafka.reach import OPEN, port_state
from labs.observe.reading import told
from labs.wait import until
from suites.kafka.faults.settings import APPLIED, VICTIM, altered

OPEN_PORT = 9095
TABLE = "labproof_listening"


@fault("process")
def plain_on_every_network(kafka: KafkaLab) -> Iterator[None]:
    """A broker whose listener without TLS has lost its address, and so is at all of the node's."""
    broker = kafka.brokers[VICTIM]
    listeners = broker.settings["listeners"].replace(f"PLAINTEXT://{broker.private}:{PLAIN}", f"PLAINTEXT://:{PLAIN}")
    broker.configure({"listeners": listeners})
    yield
    broker.configure({})


@fault("process")
def listener_added(kafka: KafkaLab) -> Iterator[None]:
    """A broker that was told, while it runs, to take connections without TLS on the clients' network."""
    broker = kafka.brokers[VICTIM]
    listeners = f"{broker.settings['listeners']},OPEN://{broker.public}:{OPEN_PORT}"
    protocols = f"{broker.settings['listener.security.protocol.map']},OPEN:PLAINTEXT"

    def opened() -> bool:
        return port_state(kafka.outside, broker.public, OPEN_PORT) == OPEN

    with altered(kafka, VICTIM, {"listeners": listeners, "listener.security.protocol.map": protocols}):
        until(opened, within=APPLIED, what=f"broker {VICTIM}: port {OPEN_PORT} open")
        yield
    until(lambda: not opened(), within=APPLIED, what=f"broker {VICTIM}: port {OPEN_PORT} closed")


@fault("process")
def tls_on_the_private_network(kafka: KafkaLab) -> Iterator[None]:
    """A broker whose listener for clients is where brokers talk to each other; it tells clients the right place."""
    broker = kafka.brokers[VICTIM]
    broker.configure({"listeners": broker.settings["listeners"].replace(broker.public, broker.private)})
    yield
    broker.configure({})


@fault("process")
def tls_switched_off(kafka: KafkaLab) -> Iterator[None]:
    """A broker that does without TLS where clients knock."""
    broker = kafka.brokers[VICTIM]
    protocols = broker.settings["listener.security.protocol.map"].replace("SSL:SSL", "SSL:PLAINTEXT")
    broker.configure({"listener.security.protocol.map": protocols})
    yield
    broker.configure({})


@fault("network")
def plain_forwarded(kafka: KafkaLab) -> Iterator[None]:
    """A node that forwards its public port to the listener without TLS."""
    broker = kafka.brokers[VICTIM]
    rule = f"ip daddr {broker.public} tcp dport {PLAIN} dnat ip to {broker.private}:{PLAIN}"
    with ruled(broker, "nat", "prerouting", rule):
        yield


@fault("network")
def networks_joined(kafka: KafkaLab) -> Iterator[None]:
    """Clients have a way into the private network."""
    host, broker = kafka.site.nodes[OUTSIDE].host, kafka.brokers[VICTIM]
    told(host, f"ip route add {broker.private} via {broker.public}")
    yield
    told(host, f"ip route del {broker.private}")


@fault("network")
def plain_barred(kafka: KafkaLab) -> Iterator[None]:
    """A node whose firewall does not let others of the private network than brokers to the listener without TLS."""
    rule = f"ip saddr {private(CLIENT)} tcp dport {PLAIN} drop"
    with ruled(kafka.brokers[VICTIM], "filter", "input", rule):
        yield


@contextmanager
def ruled(broker: Broker, kind: str, hook: str, rule: str) -> Iterator[None]:
    """A rule of a firewall on the broker's node, in nftables' words."""
    host = broker.node.host
    chain = f"add chain inet {TABLE} here {{ type {kind} hook {hook} priority 0; }}"
    told(host, "nft %s", "; ".join([f"add table inet {TABLE}", chain, f"add rule inet {TABLE} here {rule}"]))
    try:
        yield
    finally:
        told(host, "nft %s", f"delete table inet {TABLE}")

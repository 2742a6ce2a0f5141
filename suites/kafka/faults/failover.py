"""Seeded faults that show when a broker or the controller fails, and hardly before.

Whom a test strikes follows from the state of the lab (`suites.kafka.roles`), so that a fault can be put beside it.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from labs.errors import LabError
from labs.fault import fault
from labs.kafka.addresses import CONTROLLER, PLAIN
from labs.kafka.broker import Broker
from labs.kafka.lab import KafkaLab
from labs.kafka.wire import INT, SHORT, Reader, exchange, request, string
from labs.observe.reading import told
from labs.wait import watch
from suites.kafka.faults.clients import client_settings
from suites.kafka.faults.cluster_wide import everywhere
from suites.kafka.faults.filters import dropped, to
from suites.kafka.faults.restarting import reconfigured
from suites.kafka.roles import bystander, controller

RECORDS = f"tcp sport {PLAIN} meta length > 480"
"""Packets with a record of these tests, in nftables' words; those of a fetch that brings none are smaller."""
ASK_SECONDS = 5.0
STRANGER = 99
"""The id of a broker that there is not."""
CREATE_TOPICS, VERSION = 19, 4
NOTHING_MADE = request(
    CREATE_TOPICS,
    VERSION,
    INT.pack(1) + string("nothing") + INT.pack(1) + SHORT.pack(1) + INT.pack(0) + INT.pack(0) + INT.pack(1000) + b"\x01",
)
"""Only to be checked: one topic, one partition, one replica."""


# --- in the clients' configuration


@fault("process")
def acks_of_the_leader_alone(kafka: KafkaLab) -> Iterator[None]:
    """Producers with acks=1."""
    with client_settings(kafka, producer={"acks": 1}):
        yield


@fault("process")
def no_idempotence(kafka: KafkaLab) -> Iterator[None]:
    """Producers that send again what was not answered, without the numbers by which a broker knows it."""
    with client_settings(kafka, producer={"enable_idempotence": False}):
        yield


@fault("process")
def no_retries(kafka: KafkaLab) -> Iterator[None]:
    """Producers that send nothing again."""
    with client_settings(kafka, producer={"retries": 0}):
        yield


@fault("process")
def patient_producer(kafka: KafkaLab) -> Iterator[None]:
    """Producers that wait half a minute for an answer."""
    with client_settings(kafka, producer={"request_timeout_ms": 30_000}):
        yield


# --- in replication


@fault("process", "network")
def acknowledged_by_the_leader_alone(kafka: KafkaLab) -> Iterator[None]:
    """Producers with acks=1, while no record reaches the followers of the broker that will fail.

    For a second or two they are in sync by all that anybody knows, and one is elected; then it is as if nothing had been.
    """
    victim = bystander(kafka)
    with acks_of_the_leader_alone(kafka), dropped(victim, f"{RECORDS} {_connected(kafka, victim)}"):
        yield


def _connected(kafka: KafkaLab, leader: Broker) -> str:
    """Packets on the connections by which other brokers replicate now; they are given up after replica.socket.timeout.ms."""
    rows = told(leader.node.host, f"ss -Htn state established sport = :{PLAIN}").splitlines()
    ends = [row.split()[3].rsplit(":", 1) for row in rows]
    others = {broker.private for broker in kafka.brokers.values()}
    hosts = [(host.strip("[]").removeprefix("::ffff:"), port) for host, port in ends]
    pairs = [f"{host} . {port}" for host, port in hosts if host in others]
    return f"ip daddr . tcp dport {{ {', '.join(pairs)} }}"


@fault("process", "network")
def unclean_elections(kafka: KafkaLab) -> Iterator[None]:
    """Any replica may lead, one in sync is enough for acks=all, and no record of the broker that will fail is replicated."""
    victim = bystander(kafka)
    loose = {"min.insync.replicas": "1", "unclean.leader.election.enable": "true"}
    with everywhere(kafka, loose), dropped(victim, f"{RECORDS} {to(kafka.brokers.values())}"):
        yield


@fault("process")
def all_in_sync_demanded(kafka: KafkaLab) -> Iterator[None]:
    """acks=all asks for every replica: a topic takes no record while one is gone."""
    with everywhere(kafka, {"min.insync.replicas": "3"}):
        yield


# --- in what follows a failure


@fault("process")
def data_of_another_broker(kafka: KafkaLab) -> Iterator[None]:
    """The disk of the broker that will fail is marked as another's: it looks at that as it starts, and ends."""
    victim = bystander(kafka)
    mark = victim.data / "meta.properties"
    found = mark.read_text()
    changed, count = re.subn(r"(?m)^(node|broker)\.id=.*", rf"\1.id={STRANGER}", found)
    if not count:
        raise LabError(f"{mark}: it names no broker: {found!r}")
    mark.write_text(changed)
    try:
        yield
    finally:
        mark.write_text(found)
        if not victim.daemon.running:
            victim.daemon.start()


@fault("network")
def no_new_connections(kafka: KafkaLab) -> Iterator[None]:
    """A firewall lets the broker that will fail keep its connections to the others, and open none anew."""
    victim = bystander(kafka)
    others = [broker for broker in kafka.brokers.values() if broker is not victim]
    with dropped(victim, f"tcp dport {PLAIN} tcp flags & (syn | ack) == syn {to(others)}"):
        yield


@fault("network")
def others_apart(kafka: KafkaLab) -> Iterator[None]:
    """Of three that may control the cluster, the two that will be left do not reach each other, as none has to meanwhile."""
    victim = controller(kafka)
    members = (kafka.controllers if kafka.kraft else kafka.brokers).values()
    left = [member for member in members if member.id != victim.id]
    _acquainted(kafka, [kafka.brokers[member.id] for member in left if kafka.kraft and member.id in kafka.brokers])
    port = CONTROLLER if kafka.kraft else PLAIN
    what = "" if kafka.kraft else " tcp flags & (syn | ack) == syn"  # brokers keep what they replicate by
    with ExitStack() as stack:
        for member in left:
            stack.enter_context(dropped(member, f"tcp dport {port}{what} {to([each for each in left if each is not member])}"))
        yield


def _acquainted(kafka: KafkaLab, brokers: Sequence[Broker]) -> None:
    """Each of these has asked the active controller for something.

    One that has a former controller's connection still passes requests on by that until it is told that it should not.
    """
    for broker in brokers:
        _ask(kafka, broker)


def _ask(kafka: KafkaLab, broker: Broker) -> None:
    waited = watch(lambda: _asked(kafka, broker), lambda error: error == 0, within=ASK_SECONDS)
    if not waited.met:
        raise LabError(f"{broker}: it cannot be asked for a topic: {waited.last}")


def _asked(kafka: KafkaLab, broker: Broker) -> int | str:
    """The error code for the topic, 0 is none; or why there is no answer."""
    try:
        with kafka.inside.dial(broker.private, PLAIN, ASK_SECONDS) as sock:
            reader = Reader(exchange(sock, NOTHING_MADE, ASK_SECONDS))
    except OSError as error:
        return str(error) or type(error).__name__
    reader.int32()  # throttle time
    reader.int32()  # topics
    reader.string()
    return reader.int16()


@fault("process")
def no_leader_preferred(kafka: KafkaLab) -> Iterator[None]:
    """The controller leaves leaders where they are (auto.leader.rebalance.enable=false)."""
    with reconfigured(kafka, lambda _: {"auto.leader.rebalance.enable": "false"}):
        yield

"""Which ports the nodes of brokers and controllers have open on which network."""

from labs.kafka.addresses import ZOOKEEPER
from labs.kafka.broker import Broker, Member
from labs.kafka.lab import KafkaLab
from labs.observe.reading import told
from labs.problem import Problem
from proof.holds import eventually, holds
from proof.requirement import proven_by, requirement
from suites.kafka.cluster import member_problems
from suites.kafka.faults.listening import listener_added, plain_barred, tls_on_the_private_network
from suites.kafka.listening import listeners, listening_problems, ports_at, read_listening

SOON = 5.0
"""Seconds in which each broker of a busy machine has its turn to answer."""
ENSEMBLE = (ZOOKEEPER, 2888, 3888)
"""ZooKeeper's ports, for clients, followers and elections, on the private network alone."""


@requirement("826712dd-fbc9-4da5-afb2-af51585a924b")
@proven_by(listener_added, kind="open-port")
@proven_by(tls_on_the_private_network, kind="closed-port")
def test_each_listener_is_on_its_own_network_only(kafka: KafkaLab) -> None:
    """Listeners: every address of each node has the declared ports open, and no others."""
    holds([problem for member in {**kafka.brokers, **kafka.controllers}.values() for problem in opened(kafka, member)])


@requirement("682eb615-574c-4dab-9328-d1217e2cc58c")
@proven_by(plain_barred, kind="no-answer")
def test_brokers_answer_without_tls_on_the_private_network(kafka: KafkaLab) -> None:
    """Listeners: each broker answers there without TLS, as it does to the others, and knows all of them."""
    eventually(lambda: member_problems(kafka.brokers, kafka.within.views()), within=SOON)


def opened(kafka: KafkaLab, member: Member) -> list[Problem]:
    """What listens at the addresses of a node. Controllers, and ZooKeepers, are on the private network alone."""
    declared, sockets = listeners(member.process.declared), read_listening(told(member.node.host, "ss -Hltn"))
    others = () if kafka.kraft else ENSEMBLE
    found = listening_problems({member.private: ports_at(member.private, declared)}, sockets, member.name, others=others)
    if isinstance(member, Broker):
        found += listening_problems({member.public: ports_at(member.public, declared)}, sockets, member.name)
    return found

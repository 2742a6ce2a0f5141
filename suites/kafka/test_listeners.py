"""Which ports the nodes of brokers, controllers and ZooKeepers have open on which network."""

from collections.abc import Sequence

from labs.kafka.broker import Broker, Member
from labs.kafka.lab import KafkaLab
from labs.kafka.zookeeper import ZooKeeper
from labs.observe.reading import told
from labs.problem import Problem
from proof.holds import eventually, holds
from proof.requirement import proven_by, requirement
from suites.kafka.cluster import member_problems
from suites.kafka.faults.listening import listener_added, plain_barred, tls_on_the_private_network
from suites.kafka.listening import (
    Listener,
    followers_listener,
    listeners,
    listening_problems,
    ports_at,
    read_listening,
    zookeeper_listeners,
)

SOON = 5.0
"""Seconds in which each broker of a busy machine has its turn to answer."""


@requirement("826712dd-fbc9-4da5-afb2-af51585a924b")
@proven_by(listener_added, kind="open-port")
@proven_by(tls_on_the_private_network, kind="closed-port")
def test_each_listener_is_on_its_own_network_only(kafka: KafkaLab) -> None:
    """Listeners: every address of each node has the declared ports open, and no others."""
    holds([problem for members in by_node(kafka).values() for problem in opened(members)])


@requirement("682eb615-574c-4dab-9328-d1217e2cc58c")
@proven_by(plain_barred, kind="no-answer")
def test_brokers_answer_without_tls_on_the_private_network(kafka: KafkaLab) -> None:
    """Listeners: each broker answers there without TLS, as it does to the others, and knows all of them."""
    eventually(lambda: member_problems(kafka.brokers, kafka.within.views()), within=SOON)


def by_node(kafka: KafkaLab) -> dict[str, list[Member | ZooKeeper]]:
    """Everybody who listens, by the node that they are on; a broker that is a controller, too, is one."""
    everybody: list[Member | ZooKeeper] = [*{**kafka.controllers, **kafka.brokers}.values(), *kafka.zookeepers.values()]
    found: dict[str, list[Member | ZooKeeper]] = {}
    for member in everybody:
        found.setdefault(member.name, []).append(member)
    return found


def opened(members: Sequence[Member | ZooKeeper]) -> list[Problem]:
    """What listens at the addresses of their node, by all that they were told."""
    node, declared, maybe = members[0].node, list[Listener](), dict[str, int]()
    addresses = {each.public for each in members if isinstance(each, Broker)}
    for each in members:
        if isinstance(each, ZooKeeper):
            declared += zookeeper_listeners(each.process.declared, each.id)
            addresses.add(each.address)
            leader = followers_listener(each.process.declared, each.id)
            maybe |= {leader.host: leader.port} if leader else {}
        else:
            declared += listeners(each.process.declared)
            addresses.add(each.private)
    wanted = {address: ports_at(address, declared) for address in sorted(addresses)}
    return listening_problems(wanted, read_listening(told(node.host, "ss -Hltn")), node.name, maybe=maybe)

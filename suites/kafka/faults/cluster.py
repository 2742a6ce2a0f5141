"""Seeded faults of a cluster's membership, its controller, and what brokers know of it."""

from collections.abc import Iterator
from contextlib import ExitStack

from labs.fault import fault
from labs.faults import killed, link_down, paused
from labs.kafka.addresses import TLS
from labs.kafka.lab import KafkaLab
from labs.kafka.quorum import quorum
from labs.wait import until
from suites.kafka.cluster import spoken
from suites.kafka.faults.another_id import renumbered

VICTIM = 3
"""A broker that is neither the first that clients ask nor the only one of its kind."""
NOTICED = 30.0
"""Seconds, beside the cluster's own time-outs, until a broker is missed."""


@fault("process")
def broker_killed(kafka: KafkaLab) -> Iterator[None]:
    """A broker that nobody starts again."""
    with killed(kafka.brokers[VICTIM].daemon):
        yield


@fault("process")
def broker_paused(kafka: KafkaLab) -> Iterator[None]:
    """A broker whose sockets take connections, while nobody answers."""
    with paused(kafka.brokers[VICTIM].daemon):
        yield


@fault("process")
def broker_fenced(kafka: KafkaLab) -> Iterator[None]:
    """A broker that has been paused for longer than its session lasts."""
    with paused(kafka.brokers[VICTIM].daemon):
        _missed(kafka)
        yield


@fault("network")
def broker_cut_off(kafka: KafkaLab) -> Iterator[None]:
    """A broker without its private link: clients reach it, and it tells them what was true before."""
    node = next(each for each in kafka.nodes if each.name == kafka.brokers[VICTIM].name)
    with link_down(node):
        _missed(kafka)
        yield


def _missed(kafka: KafkaLab) -> None:
    """Until the others do not count on it any more."""
    others = set(kafka.brokers) - {VICTIM}
    limit = kafka.timing.leaderless + NOTICED

    def gone() -> bool:
        views = spoken(kafka.cluster.views())
        return others <= set(views) and all(VICTIM not in views[other].brokers for other in others)

    until(gone, within=limit, what=f"the others without broker {VICTIM}", every=0.1)


@fault("process")
def broker_of_another_id(kafka: KafkaLab) -> Iterator[None]:
    """A broker that was set up anew with an id that nobody has declared."""
    with renumbered(kafka, VICTIM, 4):
        yield


@fault("process")
def advertised_on_the_wrong_network(kafka: KafkaLab) -> Iterator[None]:
    """A broker that tells clients to come to its private address."""
    broker = kafka.brokers[VICTIM]
    wrong = broker.settings["advertised.listeners"].replace(f"{broker.public}:{TLS}", f"{broker.private}:{TLS}")
    broker.configure({"advertised.listeners": wrong})
    yield
    broker.configure({})


@fault("process")
def controllers_lost(kafka: KafkaLab) -> Iterator[None]:
    """Of the quorum, its leader and another do not go on; with ZooKeeper, neither that nor the controller does."""
    if kafka.kraft:
        with kafka.within.admin() as admin:
            found = quorum(admin)
        assert found is not None
        followers = [id for id in found.voters if id != found.leader]
        daemons = [kafka.controllers[id].daemon for id in (found.leader, followers[-1])]
    else:
        leader = kafka.brokers[kafka.within.ask(1).controller]
        daemons = [*(each.daemon for each in kafka.zookeepers.values()), leader.daemon]
    with ExitStack() as stack:
        for daemon in daemons:
            stack.enter_context(paused(daemon))
        yield

"""Seeded faults of whoever keeps the metadata."""

from collections.abc import Iterator

from labs.fault import fault
from labs.faults import paused
from labs.kafka.addresses import ZOOKEEPER
from labs.kafka.lab import KafkaLab
from labs.kafka.zookeeper import ZooKeeper
from labs.wait import ready, until
from suites.kafka.ensemble import ensemble_problems
from suites.kafka.faults.restarting import reconfigured
from suites.kafka.members import ensemble, ensemble_leader, told
from suites.kafka.quorum import BEHIND

NOTICED = 10.0
"""Seconds until a change of a member shows, on a busy machine."""


@fault("process")
def voter_paused(kafka: KafkaLab) -> Iterator[None]:
    """A member of the quorum that has not fetched for some time; the others are a majority."""
    found = told(kafka)
    assert not isinstance(found, str)
    follower = next(each for each in sorted(found.voters, reverse=True) if each != found.leader)
    with paused(kafka.controllers[follower].daemon):
        until(lambda: _late(kafka, follower), within=BEHIND + NOTICED, what=f"voter {follower} behind", every=0.2)
        yield


def _late(kafka: KafkaLab, number: int) -> bool:
    """By as much as the judge allows, and more than a moment's."""
    found = told(kafka)
    if isinstance(found, str) or found.leader not in found.voters:
        return False
    return found.voters[found.leader].caught_up - found.voters[number].caught_up > 1000 * BEHIND


@fault("process")
def zookeeper_paused(kafka: KafkaLab) -> Iterator[None]:
    """One of the ensemble that takes connections and does not answer; the others are a majority."""
    with paused(_follower(kafka).daemon):
        yield


@fault("process")
def zookeeper_standalone(kafka: KafkaLab) -> Iterator[None]:
    """One that was told of no others, and serves whatever it had."""
    server = _follower(kafka)
    server.configure({name: None for name in server.settings if name.startswith("server.")})
    yield
    server.configure({})
    ready(lambda: ensemble_problems(ensemble(kafka)), within=NOTICED, what="the ensemble")


@fault("process")
def another_zookeeper_paused(kafka: KafkaLab) -> Iterator[None]:
    """An ensemble that bears no further loss: it goes on, and loses its majority with one more."""
    with paused(_follower(kafka, last=True).daemon):
        yield


@fault("process")
def one_zookeeper_known(kafka: KafkaLab) -> Iterator[None]:
    """Each broker was told of the ZooKeeper on its own node alone: whichever dies, one broker is cut off."""
    beside = {server.name: server for server in kafka.zookeepers.values()}
    with reconfigured(kafka, lambda broker: {"zookeeper.connect": f"{beside[broker.name].address}:{ZOOKEEPER}"}):
        yield


def _follower(kafka: KafkaLab, *, last: bool = False) -> ZooKeeper:
    leader = ensemble_leader(kafka)
    followers = [each for number, each in kafka.zookeepers.items() if number != leader]
    return followers[-1 if last else 0]

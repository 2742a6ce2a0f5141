"""What a suite asks of whoever keeps the metadata: the KRaft quorum, ZooKeeper's ensemble."""

from contextlib import closing

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from labs.errors import LabError
from labs.kafka.addresses import ZOOKEEPER
from labs.kafka.ensemble import servers
from labs.kafka.lab import KafkaLab
from labs.kafka.quorum import Quorum, quorum
from labs.kafka.znodes import znodes
from labs.problem import Problem
from labs.wait import watch
from suites.kafka.cluster import voters
from suites.kafka.ensemble import Servers, ensemble_problems, leader_of, znode_problems
from suites.kafka.quorum import quorum_problems

LED_SECONDS = 10.0
"""Until an ensemble has a leader: syncLimit ticks, in which a lost one is missed, and an election."""
ASK_MS = 1500
"""In which a broker has to answer a question that may be asked again."""


def _asking(kafka: KafkaLab) -> KafkaAdminClient:
    """A client to ask for the quorum by, one that does not wait long; closed by the caller."""
    return kafka.clients.admin(kafka.outside, request_timeout_ms=ASK_MS)


def told(kafka: KafkaLab) -> Quorum | str:
    """The quorum, or why there is no answer."""
    try:
        with closing(_asking(kafka)) as admin:
            return quorum(admin) or "no quorum: it keeps its metadata in ZooKeeper"
    except KafkaError as error:
        return f"no answer: {error}"


def quorum_well(kafka: KafkaLab) -> list[Problem]:
    """What is wrong with it; the voters are those that the brokers' settings name, as every lab of ours does.

    Of a cluster whose lab file does not name them all is taken for a voter that votes.
    """
    found = told(kafka)
    known = () if isinstance(found, str) else found.voters
    return quorum_problems(found, voters(kafka.declared) or known, kafka.cluster.doors)


def ensemble(kafka: KafkaLab) -> Servers:
    """The state of each ZooKeeper."""
    places = {each.id: (each.address, ZOOKEEPER) for each in kafka.zookeepers.values()}
    return servers(kafka.inside.connect, places)


def ensemble_leader(kafka: KafkaLab) -> int:
    """The number of the one that leads a majority, or is alone; LabError where there is none for a while."""
    waited = watch(lambda: leader_of(ensemble(kafka)), lambda leader: leader is not None, within=LED_SECONDS)
    if waited.last is None:
        raise LabError(f"{kafka}: its ensemble has no leader after {waited.seconds:.1f} s")
    return waited.last


def ensemble_well(kafka: KafkaLab) -> list[Problem]:
    """What is wrong with it, and with what it knows of the brokers."""
    return ensemble_problems(ensemble(kafka)) or znodes_well(kafka)


def znodes_well(kafka: KafkaLab) -> list[Problem]:
    """What the first that answers knows of the brokers."""
    why = "no ZooKeeper answers"
    for each in kafka.zookeepers.values():
        try:
            with znodes(kafka.inside.connect, each.address, ZOOKEEPER) as session:
                return znode_problems(kafka.cluster.doors, session.brokers(), session.controller())
        except OSError as error:
            why = str(error) or type(error).__name__
    return [Problem("server-silent", "the ensemble", "its znodes", why)]

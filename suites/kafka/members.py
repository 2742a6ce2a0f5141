"""What a suite asks of whoever keeps the metadata: the KRaft quorum, ZooKeeper's ensemble."""

from contextlib import closing

from kafka.errors import KafkaError

from labs.kafka.addresses import ZOOKEEPER
from labs.kafka.lab import KafkaLab
from labs.kafka.quorum import Quorum, quorum
from labs.kafka.znodes import znodes
from labs.problem import Problem
from suites.kafka.cluster import voters
from suites.kafka.ensemble import ensemble_problems, znode_problems
from suites.kafka.quorum import quorum_problems
from suites.kafka.roles import asking, ensemble


def told(kafka: KafkaLab) -> Quorum | str:
    """The quorum, or why there is no answer."""
    try:
        with closing(asking(kafka)) as admin:
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

"""ZooKeeper's ensemble, as its members tell of themselves, and what it knows of the brokers."""

from labs.kafka.lab import KafkaLab
from proof.holds import eventually
from proof.requirement import proven_by, requirement
from suites.kafka.ensemble import ensemble_problems
from suites.kafka.faults.cluster import broker_fenced
from suites.kafka.faults.members import zookeeper_paused, zookeeper_standalone
from suites.kafka.members import ensemble, znodes_well

SOON = 5.0
"""Seconds in which a healthy ensemble agrees, on a busy machine."""


@requirement("c38e97c5-9a89-49cc-af6a-946e44663b84")
@proven_by(zookeeper_paused, kind="server-silent")
@proven_by(zookeeper_standalone, kind="standalone")
def test_the_ensemble_has_one_leader_and_followers(kafka: KafkaLab) -> None:
    """Ensemble: one of those declared leads, all others follow and are level with it."""
    eventually(lambda: ensemble_problems(ensemble(kafka)), within=SOON, every=0.2)


@requirement("e1842bf3-273c-4f66-b819-ce241ac1f16b")
@proven_by(broker_fenced, kind="not-registered")
def test_every_broker_is_registered_in_zookeeper(kafka: KafkaLab) -> None:
    """Ensemble: it has a znode of each broker and of no other, and of a controller that is one of them."""
    eventually(lambda: znodes_well(kafka), within=SOON, every=0.2)

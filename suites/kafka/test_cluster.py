"""What every broker says of the cluster."""

from labs.kafka.lab import KafkaLab
from proof.holds import eventually
from proof.requirement import proven_by, requirement
from suites.kafka.cluster import member_problems
from suites.kafka.faults.cluster import broker_killed, broker_paused

SOON = 3.0
"""Seconds that news may take to every broker of a busy machine: they are pushed within a heartbeat or a fetch."""


@requirement("0e582d74-9653-461b-a3fd-e3e0abe7e46d")
@proven_by(broker_killed, kind="no-answer")
@proven_by(broker_paused, kind="no-answer")
def test_every_broker_knows_all_by_their_ids(kafka: KafkaLab) -> None:
    """Cluster: each broker answers, and knows those that are declared and no other."""
    eventually(lambda: member_problems(kafka.cluster.doors, kafka.cluster.views()), within=SOON)

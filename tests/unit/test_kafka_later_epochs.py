"""Whom a client takes for the leader, by brokers that know more or less; and a producer that asks for an id again."""

from typing import Any
from uuid import UUID

import pytest
from kafka.cluster import ClusterMetadata
from kafka.errors import IllegalStateError
from kafka.producer.transaction_manager import ProducerIdAndEpoch, TransactionManager, TransactionState
from kafka.protocol.metadata import MetadataResponse
from kafka.structs import TopicPartition

from labs.kafka.refreshing import keep_later_epochs
from labs.kafka.renumbering import ask_again

TOPIC = MetadataResponse.MetadataResponseTopic
PLACE = TopicPartition("t", 0)


def answer(
    leader: int, epoch: int, *, version: int = 9, id: int | None = None, error: int = 0, brokers: Any = (1, 2, 3)
) -> Any:
    """Of one of the brokers 1 to 3."""
    partition = TOPIC.MetadataResponsePartition(
        error_code=0, partition_index=0, leader_id=leader, leader_epoch=epoch, replica_nodes=[1, 2, 3], isr_nodes=[1, 2, 3]
    )
    rows = [
        MetadataResponse.MetadataResponseBroker(node_id=each, host=f"b{each}", port=9092, rack=None, version=version)
        for each in brokers
    ]
    known = [] if error else [partition]
    topic = TOPIC(error_code=error, name="t", is_internal=False, partitions=known, topic_id=UUID(int=id) if id else None)
    return MetadataResponse(version=version, brokers=rows, topics=[topic], controller_id=1)


def after(*answers: Any) -> ClusterMetadata:
    cluster = ClusterMetadata()
    keep_later_epochs(cluster)
    for each in answers:
        cluster.update_metadata(each)
    return cluster


def led(*answers: Any) -> tuple[int | None, set[TopicPartition]]:
    """By which broker, after these answers; and what broker 3 leads."""
    cluster = after(*answers)
    return cluster.leader_for_partition(PLACE), cluster.partitions_for_broker(3) or set()


def test_a_broker_that_knows_less_does_not_lead_a_client_back() -> None:
    assert led(answer(3, 0), answer(1, 1), answer(3, 0)) == (1, set())
    assert led(answer(3, 0), answer(1, 1), answer(3, 0), answer(3, 2)) == (3, {PLACE})
    assert led(answer(3, 0), answer(3, 0)) == (3, {PLACE})


def test_a_leader_that_is_kept_stays_known_where_the_answer_does_not_name_it() -> None:
    cluster = after(answer(3, 0), answer(1, 1), answer(3, 0, brokers=(2, 3)))
    assert cluster.leader_for_partition(PLACE) == 1
    assert (cluster.broker_metadata(1).host, {each.node_id for each in cluster.brokers()}) == ("b1", {1, 2, 3})
    assert {each.node_id for each in after(answer(3, 0), answer(3, 0, brokers=(2, 3))).brokers()} == {2, 3}


def test_without_epochs_the_last_answer_counts() -> None:
    assert led(answer(1, 1, version=8), answer(3, 0, version=8)) == (3, {PLACE})
    assert led(answer(1, 1), answer(3, -1)) == (3, {PLACE})


def test_a_topic_that_was_gone_meanwhile_begins_anew() -> None:
    assert led(answer(1, 5), answer(-1, -1, error=3), answer(3, 0)) == (3, {PLACE})
    assert led(answer(1, 5, version=12, id=1), answer(3, 0, version=12, id=2)) == (3, {PLACE})
    assert led(answer(1, 5, version=12, id=1), answer(3, 0, version=12, id=1)) == (1, set())


def ready(**settings: Any) -> TransactionManager:
    """One that has an id."""
    manager = TransactionManager(**settings)
    manager.set_producer_id_and_epoch(ProducerIdAndEpoch(7, 0))
    manager._current_state = TransactionState.READY
    return manager


def test_a_producer_that_gave_up_its_id_asks_for_another_once() -> None:
    manager = ready()
    manager.reset_producer_id()
    manager.init_producer_id()
    assert manager._pending_requests == []  # the defect
    manager = ready()
    ask_again(manager)
    for _ in range(2):
        manager.reset_producer_id()
        manager.init_producer_id()
    assert len(manager._pending_requests) == 1
    assert not manager.has_producer_id()


def test_a_transactional_producer_gives_up_nothing() -> None:
    manager = ready(transactional_id="t")
    ask_again(manager)
    with pytest.raises(IllegalStateError):
        manager.reset_producer_id()
    assert manager.has_producer_id()

"""What kafka-python answers about a quorum, as plain data."""

from typing import Any

import pytest
from kafka.errors import IncompatibleBrokerVersion, KafkaError

from labs.kafka.quorum import Member, Quorum, Registered, features, parse, quorum, registered


def answer(error: str | None = None) -> dict[str, Any]:
    def member(number: int, end: int) -> dict[str, Any]:
        return {"replica_id": number, "log_end_offset": end, "last_fetch_timestamp": 5, "last_caught_up_timestamp": 4}

    partition = {
        "partition_index": 0,
        "leader_id": 12,
        "leader_epoch": 3,
        "high_watermark": 99,
        "current_voters": [member(13, 90), member(11, 101), member(12, 100)],
        "observers": [{"replica_id": 1, "log_end_offset": 100}],
        "error": error,
    }
    return {"topics": [{"topic_name": "__cluster_metadata", "partitions": [partition]}]}


class Admin:
    """In place of kafka-python's administrator: answers, or raises."""

    def __init__(self, told: object) -> None:
        self.told = told

    def _tell(self) -> Any:
        if isinstance(self.told, Exception):
            raise self.told
        return self.told

    describe_metadata_quorum = describe_cluster = describe_features = _tell


def test_lag_is_counted_from_the_leaders_end() -> None:
    assert parse(answer()) == Quorum(
        12, 3, 99, {11: Member(101, -1, 4), 12: Member(100, 0, 4), 13: Member(90, 10, 4)}, {1: Member(100, 0, -1)}
    )


def test_an_error_of_the_quorum_is_raised() -> None:
    with pytest.raises(KafkaError, match="NotLeader"):
        quorum(Admin(answer("NotLeaderOrFollowerError")))


def test_a_cluster_with_zookeeper_has_no_quorum_and_no_features() -> None:
    assert quorum(Admin(IncompatibleBrokerVersion("no"))) is None
    assert features(Admin(IncompatibleBrokerVersion("no"))) == {}


def test_registered_brokers_are_fenced_or_not_or_it_is_not_known() -> None:
    brokers = [{"broker_id": 2, "host": "b", "port": 1, "is_fenced": True}, {"broker_id": 1, "host": "a", "port": 1}]
    assert registered(Admin({"brokers": brokers})) == (Registered(1, "a", 1, None), Registered(2, "b", 1, True))


def test_features_are_those_that_are_final() -> None:
    told = {"metadata.version": {"supported": (7, 30), "finalized": (30, 30)}, "kraft.version": {"supported": (0, 1)}}
    assert features(Admin(told)) == {"metadata.version": 30}

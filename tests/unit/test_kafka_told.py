"""What kafka-python answers about settings, log directories and groups, as plain data."""

import struct
from collections import namedtuple
from typing import Any

from labs.kafka import configs, groups, log_dirs
from labs.kafka.configs import Setting, broker_settings, topic_settings
from labs.kafka.groups import Group, GroupMember
from labs.kafka.log_dirs import LogDir, Replica
from labs.kafka.wire import string

Place = namedtuple("Place", "topic partition")
Offset = namedtuple("Offset", "offset metadata leader_epoch")


def setting(value: str | None, source: str, secret: bool = False) -> dict[str, Any]:
    return {"value": value, "read_only": True, "config_source": source, "is_sensitive": secret}


def test_settings_tell_where_they_come_from() -> None:
    found = configs.parse({"b": setting("2", "STATIC_BROKER_CONFIG"), "a": setting(None, "DEFAULT_CONFIG", True)})
    assert list(found.items()) == [
        ("a", Setting(None, "DEFAULT_CONFIG", True, True)),
        ("b", Setting("2", "STATIC_BROKER_CONFIG", True, False)),
    ]
    assert (found["a"].is_default, found["b"].is_default) == (True, False)


class Admin:
    """In place of kafka-python's administrator."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def describe_configs(self, resources: list[Any], config_filter: str) -> dict[str, Any]:
        self.asked += [(each.resource_type.name, each.name) for each in resources]
        kind = resources[0].resource_type.name.lower()
        return {kind: {each.name: {config_filter: setting("x", "DEFAULT_CONFIG")} for each in resources}}


def test_all_settings_are_asked_for_by_broker_and_topic() -> None:
    admin = Admin()
    assert {broker: list(told) for broker, told in broker_settings(admin, (1, 3)).items()} == {1: ["all"], 3: ["all"]}
    assert list(topic_settings(admin, ["t"])) == ["t"]
    assert admin.asked == [("BROKER", "1"), ("BROKER", "3"), ("TOPIC", "t")]


def directory(**changes: Any) -> dict[str, Any]:
    rows = [{"partition_index": place, "partition_size": 10, "offset_lag": place, "is_future_key": False} for place in (1, 0)]
    return {"error_code": 0, "log_dir": "/d", "topics": [{"name": "t", "partitions": rows}]} | changes


def test_a_log_directory_is_read() -> None:
    found = log_dirs.parse(directory(total_bytes=100, usable_bytes=-1))
    assert found == LogDir("/d", "", 100, None, {("t", 0): Replica(10, 0, False), ("t", 1): Replica(10, 1, False)})


def test_a_failed_log_directory_says_so() -> None:
    found = log_dirs.parse(directory(error_code=56, topics=[]))
    assert (found.error, found.total, dict(found.replicas)) == ("KafkaStorageError", None, {})


def member(name: str, *partitions: int) -> dict[str, Any]:
    assignment = (
        {"assigned_partitions": [{"topic": "t", "partitions": list(partitions)}], "user_data": ""} if partitions else None
    )
    return {"member_id": name, "client_id": "c", "client_host": "/10.0.0.1", "member_assignment": assignment}


def test_a_group_is_read() -> None:
    told = {"group_id": "g", "group_state": "Stable", "protocol_data": "range", "members": [member("b", 1, 0), member("a")]}
    found = groups.parse(told, {Place("t", 1): Offset(7, "", 0), Place("t", 0): Offset(5, "", None)})
    members = (GroupMember("a", "c", "10.0.0.1", ()), GroupMember("b", "c", "10.0.0.1", (("t", 0), ("t", 1))))
    assert found == Group("g", "Stable", "range", members, {("t", 0): 5, ("t", 1): 7})
    assert found.reads == {("t", 0): "b", ("t", 1): "b"}


def test_a_coordinator_is_found_or_not() -> None:
    none = struct.pack(">h", -1)
    assert groups.found(struct.pack(">ih", 0, 0) + none + struct.pack(">i", 2) + string("h") + struct.pack(">i", 9092)) == 2
    assert (
        groups.found(struct.pack(">ih", 0, 15) + string("none yet") + struct.pack(">i", -1) + string("") + b"\xff" * 4) is None
    )

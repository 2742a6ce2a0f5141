"""The clients' configuration of a Kafka lab, what became of a record, and what a record holds; without a broker."""

from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, errors

from labs.kafka.client_settings import PROMISES, TUNED
from labs.kafka.clients import Clients
from labs.kafka.guarantee import Guarantee
from labs.kafka.operations import Foreign, Read, value_of
from labs.kafka.outcomes import outcome
from labs.kafka.payload import payload, value_in
from labs.kafka.properties import filled
from labs.kafka.reader import runs

KINDS = {"producer": KafkaProducer, "consumer": KafkaConsumer, "admin": KafkaAdminClient}


def test_every_setting_is_one_that_the_client_knows() -> None:
    for settings in (PROMISES, TUNED):
        assert all(name in KINDS[kind].DEFAULT_CONFIG for kind, named in settings.items() for name in named)


def test_promises_stay_with_the_products_own_times() -> None:
    own = Clients(tuned=False)
    assert own.settings("producer") == PROMISES["producer"]
    assert Clients().settings("producer") == {**PROMISES["producer"], **TUNED["producer"]}


def test_what_is_declared_is_what_histories_are_judged_by() -> None:
    brokers = filled("server.properties", dict.fromkeys(("private", "public", "data", "id"), "-"))
    clients = {**PROMISES["producer"], **PROMISES["consumer"]}
    assert Guarantee() == Guarantee(
        acks=clients["acks"],
        idempotence=clients["enable_idempotence"],
        min_insync_replicas=int(brokers["min.insync.replicas"]),
        replication_factor=int(brokers["default.replication.factor"]),
        unclean_election=brokers["unclean.leader.election.enable"] == "true",
        isolation_level=clients["isolation_level"],
    )


def test_settings_that_are_changed_count_for_all_who_have_the_file(tmp_path: Path) -> None:
    clients, others = Clients(tmp_path / "clients.json"), Clients(tmp_path / "clients.json")
    clients.configure(producer={"acks": 1})
    assert not others.as_declared
    assert others.settings("producer")["acks"] == 1
    assert others.declared["producer"]["acks"] == "all"
    clients.configure(consumer={"isolation_level": "read_uncommitted"})
    assert others.settings("producer")["acks"] == "all"
    clients.configure()
    assert others.as_declared
    assert others.settings("consumer") == Clients().settings("consumer")


@pytest.mark.parametrize("weak", [{"acks": 1}, {"acks": 0}, {"retries": 0}])
def test_what_idempotence_needs_leaves_it_off_where_it_is_missing(tmp_path: Path, weak: dict[str, object]) -> None:
    clients = Clients(tmp_path / "clients.json")
    assert clients.settings("producer", **weak)["enable_idempotence"] is False
    clients.configure(producer=weak)
    assert clients.settings("producer")["enable_idempotence"] is False
    assert clients.settings("producer", enable_idempotence=True)["enable_idempotence"] is True


def test_what_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no client of kind produser"):
        Clients(tmp_path / "clients.json").configure(produser={"acks": 1})
    with pytest.raises(ValueError, match="no file"):
        Clients().configure(producer={"acks": 1})


def test_settings_are_shown_with_what_is_changed_and_what_is_the_clients_own(tmp_path: Path) -> None:
    clients = Clients(tmp_path / "clients.json", tuned=False)
    clients.configure(producer={"acks": 1})
    lines = clients.shown().splitlines()
    assert "producer.acks = 1 (changed, declared all)" in lines
    assert "producer.delivery_timeout_ms = 120000 (kafka-python's own)" in lines
    assert "consumer.isolation_level = read_committed" in lines


@pytest.mark.parametrize(
    ("error", "once", "again"),
    [
        (errors.MessageSizeTooLargeError(), "fail", "fail"),
        (errors.TopicAuthorizationFailedError(), "fail", "fail"),
        (errors.NotEnoughReplicasError(), "fail", "info"),
        (errors.OutOfOrderSequenceNumberError(), "fail", "info"),
        (errors.NotEnoughReplicasAfterAppendError(), "info", "info"),
        (errors.NotLeaderForPartitionError(), "info", "info"),
        (errors.UnknownTopicOrPartitionError(), "info", "info"),
        (errors.RequestTimedOutError(), "info", "info"),
        (errors.KafkaTimeoutError(), "info", "info"),
        (errors.KafkaConnectionError(), "info", "info"),
        (errors.KafkaStorageError(), "info", "info"),
        (RuntimeError(), "info", "info"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else each,
)
def test_what_became_of_a_record(error: Exception, once: str, again: str) -> None:
    assert outcome(error, retries=False) == once
    assert outcome(error, retries=True) == again


def test_a_record_tells_its_value() -> None:
    value = value_of(3, 17)
    assert payload(value, 10) == b"3-17 ....."
    assert len(payload(value)) == 100
    assert value_in(payload(value)) == value_in(payload(value, 1)) == value
    assert [value_in(other) for other in (None, b"", b"3-", b"3-17", b"x-1 ", b"1-1000000000 ", b"-1-1 ")] == [None] * 7


class Record:
    def __init__(self, offset: int, value: bytes) -> None:
        self.offset, self.value = offset, value


def test_records_with_consecutive_offsets_are_one_operation() -> None:
    records = [Record(4, payload(0)), Record(5, payload(1)), Record(7, payload(2)), Record(8, b"?"), Record(9, payload(3))]
    assert list(runs("r", 1, 50, records)) == [
        Read("r", 1, 50, 4, (0, 1)),
        Read("r", 1, 50, 7, (2,)),
        Foreign("r", 1, 50, 8, "b'?'"),
        Read("r", 1, 50, 9, (3,)),
    ]

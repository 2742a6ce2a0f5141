"""Seeded faults of transactions: in the clients' configuration, and in the topic that keeps their state."""

from collections.abc import Iterator

from labs.fault import fault
from labs.kafka.lab import KafkaLab
from suites.kafka.faults.clients import client_settings
from suites.kafka.faults.groups import SMALL
from suites.kafka.faults.topics import TRANSACTIONS, topic_altered


@fault("process")
def uncommitted_records_read(kafka: KafkaLab) -> Iterator[None]:
    """Consumers that are given everything (isolation.level=read_uncommitted)."""
    with client_settings(kafka, consumer={"isolation_level": "read_uncommitted"}):
        yield


@fault("process")
def transactional_ids_of_their_own(kafka: KafkaLab) -> Iterator[None]:
    """Producers with a transactional id that is made anew with each, so that none is known as another's successor."""
    with client_settings(kafka, producer={"transactional_id": "{id}-{random}"}):
        yield


@fault("process")
def no_transactions_taken(kafka: KafkaLab) -> Iterator[None]:
    """Records of that topic may be smaller only than any is, so that no coordinator can keep the state of a transaction."""
    with topic_altered(kafka, TRANSACTIONS, {"max.message.bytes": SMALL}):
        yield


@fault("process")
def all_in_sync_for_transactions(kafka: KafkaLab) -> Iterator[None]:
    """Every replica is asked for, so that no coordinator can keep a transaction's state while one broker is gone."""
    with topic_altered(kafka, TRANSACTIONS, {"min.insync.replicas": "3"}):
        yield

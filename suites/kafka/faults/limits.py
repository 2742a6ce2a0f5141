"""Seeded faults of what may be sent."""

from collections.abc import Iterator
from contextlib import ExitStack

from labs.fault import fault
from labs.kafka.lab import KafkaLab
from suites.kafka.faults.clients import client_settings
from suites.kafka.faults.settings import LARGE, VICTIM, seen

SMALL = 1 << 19


@fault("process")
def larger_records_at_all_brokers(kafka: KafkaLab) -> Iterator[None]:
    """Brokers that take more than they were told to; at one alone, the followers of 2.4 would not take what it took."""
    with ExitStack() as stack:
        for broker in kafka.brokers:
            stack.enter_context(seen(kafka, broker, {"message.max.bytes": str(LARGE)}))
        yield


@fault("process")
def smaller_records_at_one_broker(kafka: KafkaLab) -> Iterator[None]:
    """A broker that refuses what the others take."""
    with seen(kafka, VICTIM, {"message.max.bytes": str(SMALL)}):
        yield


@fault("process")
def clients_send_anything(kafka: KafkaLab) -> Iterator[None]:
    """Producers that leave it to brokers to refuse what is too large."""
    with client_settings(kafka, producer={"max_request_size": 1 << 30}):
        yield

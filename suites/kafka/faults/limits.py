"""Seeded faults of what may be sent."""

from collections.abc import Iterator

from labs.fault import fault
from labs.kafka.lab import KafkaLab
from suites.kafka.faults.clients import client_settings
from suites.kafka.faults.settings import VICTIM, seen

SMALL = 1 << 19


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

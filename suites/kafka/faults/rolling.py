"""Seeded faults that show when daemons are restarted one after the other."""

from collections.abc import Iterator

from labs.fault import fault
from labs.kafka.lab import KafkaLab
from suites.kafka.faults.clients import client_settings


@fault("process")
def one_try(kafka: KafkaLab) -> Iterator[None]:
    """Producers that do not send again what was refused because the leader has moved."""
    with client_settings(kafka, producer={"retries": 0}):
        yield

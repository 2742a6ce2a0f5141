"""Seeded faults in the clients' own configuration, which is a part of the system; what is promised stays as declared."""

from collections.abc import Iterator, Mapping

from labs.fault import fault
from labs.kafka.lab import KafkaLab


@fault("process")
def client_settings(kafka: KafkaLab, **changes: Mapping[str, object]) -> Iterator[None]:
    """Clients made meanwhile have these settings beside the declared ones, by kind: `producer={"acks": 1}`.

    Acks other than all leave idempotence off, as in the client itself. As declared on heal.
    """
    kafka.clients.configure(**changes)
    yield
    kafka.clients.configure()

"""Settings of a broker changed while it runs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from kafka.admin import AlterConfigOp, ConfigResource, ConfigResourceType

from labs.errors import LabError
from labs.kafka.lab import KafkaLab
from labs.timeline import note


@contextmanager
def altered(kafka: KafkaLab, broker: int, settings: Mapping[str, str]) -> Iterator[None]:
    """Dynamic settings of one broker, which had none of these names; nothing waits until it goes by them."""
    alter(kafka, broker, dict(settings))
    try:
        yield
    finally:
        alter(kafka, broker, dict.fromkeys(settings, (AlterConfigOp.DELETE, None)))


def alter(kafka: KafkaLab, broker: int, settings: Mapping[str, object]) -> None:
    """By an administrator on the private network. LabError: the broker refuses."""
    note(f"broker {broker}: dynamic settings {dict(settings)}")
    resource = ConfigResource(ConfigResourceType.BROKER, str(broker), dict(settings))
    with kafka.within.admin() as admin:
        answer = admin.alter_configs([resource], raise_on_unknown=False)["broker"][str(broker)]
    if answer != "OK":
        raise LabError(f"broker {broker} refuses {dict(settings)}: {answer}")

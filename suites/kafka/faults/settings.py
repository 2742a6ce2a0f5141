"""Settings of a broker changed while it runs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from kafka import KafkaAdminClient
from kafka.admin import AlterConfigOp, ConfigResource, ConfigResourceType

from labs.errors import LabError
from labs.fault import fault
from labs.kafka.configs import broker_settings
from labs.kafka.lab import KafkaLab
from labs.timeline import note
from labs.wait import until, watch

VICTIM = 2
APPLIED = 30.0
"""Seconds until a broker goes by a setting that was changed while it runs."""
EXPIRED = "Session expired"
"""Is in the answer of a broker whose session with ZooKeeper has ended, until it has another."""
LARGE = 4 << 20


@contextmanager
def altered(kafka: KafkaLab, broker: int, settings: Mapping[str, str]) -> Iterator[None]:
    """Dynamic settings of one broker, which had none of these names; nothing waits until it goes by them."""
    alter(kafka, broker, dict(settings))
    try:
        yield
    finally:
        alter(kafka, broker, dict.fromkeys(settings, (AlterConfigOp.DELETE, None)))


def alter(kafka: KafkaLab, broker: int, settings: Mapping[str, object]) -> None:
    """By an administrator on the private network; again while the broker has no session. LabError: it refuses."""
    note(f"broker {broker}: dynamic settings {dict(settings)}")
    resource = ConfigResource(ConfigResourceType.BROKER, str(broker), dict(settings))
    with kafka.within.admin() as admin:
        answer = watch(lambda: _asked(admin, resource), lambda told: EXPIRED not in told, within=APPLIED, every=0.2).last
    if answer != "OK":
        raise LabError(f"broker {broker} refuses {dict(settings)}: {answer}")


def _asked(admin: KafkaAdminClient, resource: ConfigResource) -> str:
    told: str = admin.alter_configs([resource], raise_on_unknown=False)["broker"][resource.name]
    return told


@contextmanager
def seen(kafka: KafkaLab, broker: int, settings: Mapping[str, str]) -> Iterator[None]:
    """`altered`, and the broker goes by it."""
    with altered(kafka, broker, settings), kafka.within.admin() as admin:

        def applied() -> bool:
            found = broker_settings(admin, [broker])[broker]
            return all(found[name].value == value for name, value in settings.items())

        until(applied, within=APPLIED, what=f"broker {broker} with {dict(settings)}")
        yield


@fault("process")
def changed_while_it_runs(kafka: KafkaLab) -> Iterator[None]:
    """A broker that was told something else while it ran; its file says what it should."""
    with seen(kafka, VICTIM, {"num.io.threads": "3"}):
        yield


@fault("process")
def larger_records_at_one_broker(kafka: KafkaLab) -> Iterator[None]:
    """A broker that takes larger records than the others, so that a new leader refuses what an old one took."""
    with seen(kafka, VICTIM, {"message.max.bytes": str(LARGE)}):
        yield


@fault("process")
def changed_in_its_file(kafka: KafkaLab) -> Iterator[None]:
    """A broker that was started with another file, in which topics make themselves."""
    broker = kafka.brokers[VICTIM]
    broker.configure({"auto.create.topics.enable": "true"})
    yield
    broker.configure({})

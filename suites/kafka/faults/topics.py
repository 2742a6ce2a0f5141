"""Settings of a topic changed while it is there, also of those that Kafka keeps its own state in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from kafka.admin import AlterConfigOp, ConfigResource, ConfigResourceType

from labs.errors import LabError
from labs.kafka.configs import topic_settings
from labs.kafka.groups import GROUP, TRANSACTION, coordinator
from labs.kafka.lab import KafkaLab
from labs.timeline import note
from labs.wait import ready, until

OFFSETS, TRANSACTIONS = "__consumer_offsets", "__transaction_state"
OWN = {OFFSETS: GROUP, TRANSACTIONS: TRANSACTION}
MADE = 30.0
"""Seconds until Kafka has made a topic of its own, which it does when somebody first asks for a coordinator."""
APPLIED = 10.0
"""Seconds until every broker goes by a topic's setting."""
OWN_SETTING = "DYNAMIC_TOPIC_CONFIG"
"""Where a setting comes from that was given to the topic itself."""


@contextmanager
def topic_altered(kafka: KafkaLab, topic: str, settings: Mapping[str, str]) -> Iterator[None]:
    """Settings of one topic; in force at each broker. As it was on heal."""
    _made(kafka, topic)
    with kafka.within.admin() as admin:
        found = topic_settings(admin, [topic])[topic]
    before = {
        name: found[name].value if name in found and found[name].source == OWN_SETTING else (AlterConfigOp.DELETE, None)
        for name in settings
    }
    alter_topic(kafka, topic, settings)
    try:
        until(lambda: _in_force(kafka, topic, settings), within=APPLIED, what=f"{topic} with {dict(settings)}")
        yield
    finally:
        alter_topic(kafka, topic, before)


def alter_topic(kafka: KafkaLab, topic: str, settings: Mapping[str, object]) -> None:
    """By an administrator on the private network. LabError: the cluster refuses."""
    note(f"topic {topic}: {dict(settings)}")
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, dict(settings))
    with kafka.within.admin() as admin:
        answer = admin.alter_configs([resource], raise_on_unknown=False)["topic"][topic]
    if answer != "OK":
        raise LabError(f"{topic}: the cluster refuses {dict(settings)}: {answer}")


def _in_force(kafka: KafkaLab, topic: str, settings: Mapping[str, str]) -> bool:
    """By the word of whichever broker is asked: they learn of it at once, from the same log or by the same watch."""
    with kafka.within.admin() as admin:
        found = topic_settings(admin, [topic])[topic]
    return all(found[name].value == value for name, value in settings.items())


def _made(kafka: KafkaLab, topic: str) -> None:
    """Kafka's own topics are there from when somebody first asks for a coordinator."""
    if topic in OWN:
        broker = min(kafka.brokers)
        with kafka.inside.dial(*kafka.within.doors[broker], 2.0) as stream:
            until(lambda: coordinator(stream, "anybody", OWN[topic]) is not None, within=MADE, what=topic)
    ready(lambda: kafka.within.unready(topic), within=MADE, what=topic)

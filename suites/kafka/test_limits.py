"""What a cluster has to refuse, and by which error."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import chain

from labs.kafka.configs import broker_settings
from labs.kafka.lab import KafkaLab
from labs.kafka.metadata import Metadata, parse, question
from labs.kafka.side_by_side import side_by_side
from labs.kafka.wire import exchange
from labs.wait import watch
from proof.holds import holds
from proof.requirement import proven_by, requirement
from suites.kafka.attempts import (
    ANSWER_MS,
    OVERHEAD,
    large_records,
    sent,
    settings_that_cannot_be,
    topics_that_cannot_be,
)
from suites.kafka.faults.cluster import controllers_lost
from suites.kafka.faults.limits import clients_send_anything, larger_records_at_all_brokers, smaller_records_at_one_broker
from suites.kafka.faults.settings import changed_in_its_file
from suites.kafka.refusals import CLIENT, Attempt, attempted, refusal_problems, unknown_topic_problems

TOPIC_LIMIT = 100_000
CLIENT_LIMIT = 1 << 20
"""Bytes of a request of kafka-python, if it is told nothing else."""
REPLICAS = 3
ASK_SECONDS = 5.0
MADE_SECONDS = 3.0
"""A broker of KRaft that makes a topic answers first that there is none, and asks the controller for it meanwhile."""


@requirement("9519a7d0-3129-4c63-8977-25015b79c4aa")
@proven_by(larger_records_at_all_brokers, kind="not-refused")
@proven_by(smaller_records_at_one_broker, kind="refused")
def test_a_record_is_taken_up_to_the_limit_and_no_further(kafka: KafkaLab) -> None:
    """Limits: each leader takes a record that fits, and refuses one beyond its limit, or its topic's: MESSAGE_TOO_LARGE."""
    ids = list(kafka.cluster.doors)
    turned = {place: [*ids[place:], *ids[:place]][:REPLICAS] for place in range(len(ids))}
    limits = record_limits(kafka)
    own = {"max.message.bytes": str(TOPIC_LIMIT)}
    with (
        kafka.cluster.topic("large", assignment=turned) as large,
        kafka.cluster.topic("small", assignment={0: turned[0]}, config=own) as small,
    ):
        by_brokers = large_records(kafka, large, {place: limits[id] for place, id in enumerate(ids)})
        holds(refusal_problems(chain(by_brokers, large_records(kafka, small, {0: TOPIC_LIMIT}))))


@requirement("04d3beeb-1b4f-4f51-97d5-eb92be82333e")
@proven_by(clients_send_anything, kind="refused-otherwise")
def test_a_client_does_not_send_what_is_beyond_its_own_limit(kafka: KafkaLab) -> None:
    """Limits: a producer refuses a record that is larger than its requests may be, before it asks a broker."""
    limit = int(kafka.clients.declared["producer"].get("max_request_size", CLIENT_LIMIT))
    with kafka.cluster.topic("client") as topic:
        answer = sent(kafka, topic, 0, limit + OVERHEAD)
        holds(refusal_problems([attempted(f"a record of {limit + OVERHEAD} bytes", 10, answer, by=CLIENT)]))


@requirement("8abcb2a0-1227-42f6-87be-af98bf862ff1")
@proven_by(changed_in_its_file, kind="topic-made")
def test_an_unknown_topic_is_told_of_and_not_made(kafka: KafkaLab) -> None:
    """Limits: who asks for a topic that there is not is told so by each broker, and there is none after that."""
    topic = f"{kafka.cluster.prefix}unknown"
    asked = side_by_side(kafka.cluster.doors, lambda broker: wanted(kafka, broker, topic))
    waited = watch(lambda: unknown_topic_problems(topic, asked, kafka.cluster.views([topic])), bool, within=MADE_SECONDS)
    holds(waited.last)


@requirement("d3aa5276-954d-4f7f-a770-39a3e519cced")
@proven_by(controllers_lost, kind="no-answer")
def test_what_cannot_be_is_refused(kafka: KafkaLab) -> None:
    """Limits: topics and settings that cannot be are refused, each by the error that is documented for it."""
    topic = f"{kafka.cluster.prefix}possible"
    with closing(kafka.clients.admin(kafka.outside, request_timeout_ms=ANSWER_MS)) as admin:
        try:
            topics = topics_that_cannot_be(admin, topic, len(kafka.cluster.doors))
            holds(refusal_problems(to_silence(chain(topics, settings_that_cannot_be(admin, topic)))))
        finally:
            kafka.cluster.delete(topic)


def record_limits(kafka: KafkaLab) -> Mapping[int, int]:
    """The bytes that a batch may have at each broker: declared, or where nobody has declared it as the broker says."""
    name = "message.max.bytes"
    with kafka.cluster.admin() as admin:
        found = broker_settings(admin, kafka.cluster.doors)
    return {id: int(kafka.declared[id].get(name) or found[id][name].value or 0) for id in found}


def wanted(kafka: KafkaLab, broker: int, topic: str) -> Metadata | str:
    """A broker's answer to who wants a topic. Where it might make topics by right, it is told not to."""
    create = kafka.declared[broker].get("auto.create.topics.enable") == "false"
    try:
        with closing(kafka.outside.dial(*kafka.cluster.doors[broker], ASK_SECONDS)) as sock:
            return parse(exchange(sock, question([topic], create=create), ASK_SECONDS))
    except OSError as error:
        return str(error) or type(error).__name__


def to_silence(attempts: Iterable[Attempt]) -> Iterator[Attempt]:
    """Up to the first that has no answer: those after it would only take as long again."""
    for each in attempts:
        yield each
        if each.answer.code is None:
            return

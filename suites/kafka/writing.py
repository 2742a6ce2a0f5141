"""A few records, one after the other, each asked for right after it was acknowledged."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import product

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from labs.errors import LabError
from labs.kafka.lab import KafkaLab
from labs.kafka.views import Place
from labs.wait import watch
from suites.kafka.replication import Sent

SIZE = 600
"""Bytes of a record."""
FILLER = b"."
RECORDS = 10
"""Of each partition."""
ACKNOWLEDGED = 15.0
"""Seconds: by then each record is acknowledged in a cluster that is well, or has lost a replica."""
READ = 5.0
"""Seconds in which a consumer is given what was acknowledged."""


def write(kafka: KafkaLab, topic: str, partitions: int, name: str = "record", **changes: object) -> list[Sent]:
    """RECORDS to each partition in turn, each waited for; after the first that is not acknowledged there are no more.

    `changes` are settings of the producer. LabError: no client can be made.
    """
    sent: list[Sent] = []
    with closing(_made(kafka, **changes)) as producer:
        for number, partition in product(range(RECORDS), range(partitions)):
            sent.append(send(producer, (topic, partition), f"{name} {number}"))
            if sent[-1].offset is None:
                break
    return sent


def committed(kafka: KafkaLab, topic: str, partitions: int) -> tuple[list[Sent], dict[tuple[Place, int], str]]:
    """As `write`, with the end of each record's partition when it was acknowledged; what could be read, by place and offset."""
    sent: list[Sent] = []
    with closing(_made(kafka)) as producer, closing(kafka.clients.consumer(kafka.outside)) as consumer:
        places = [TopicPartition(topic, partition) for partition in range(partitions)]
        consumer.assign(places)
        consumer.seek_to_beginning()
        for number, partition in product(range(RECORDS), range(partitions)):
            each = send(producer, (topic, partition), f"record {number}")
            sent.append(_ended(consumer, each))
            if each.offset is None:
                break
        return sent, _read(consumer, {(each.place, each.offset) for each in sent if each.offset is not None})


def send(producer: KafkaProducer, place: Place, name: str) -> Sent:
    """One record of SIZE bytes that begins with a name; waited for."""
    try:
        told = producer.send(place[0], name.encode().ljust(SIZE, FILLER), partition=place[1]).get(ACKNOWLEDGED)
    except KafkaError as error:
        return Sent(place, name, None, f"{type(error).__name__}: {error}")
    return Sent(place, name, told.offset)


def offsets(sent: Sequence[Sent]) -> Mapping[Place, list[int]]:
    """Those that were acknowledged, by partition."""
    found: dict[Place, list[int]] = {}
    for each in sent:
        if each.offset is not None:
            found.setdefault(each.place, []).append(each.offset)
    return found


def _made(kafka: KafkaLab, **changes: object) -> KafkaProducer:
    try:
        return kafka.clients.producer(kafka.outside, **changes)
    except KafkaError as error:
        raise LabError(f"no producer can be made: {error}") from error


def _ended(consumer: KafkaConsumer, each: Sent) -> Sent:
    place = TopicPartition(*each.place)
    try:
        end = consumer.end_offsets([place])[place] if each.offset is not None else None
    except KafkaError:
        end = None
    return replace(each, end=end)


def _read(consumer: KafkaConsumer, wanted: set[tuple[Place, int]]) -> dict[tuple[Place, int], str]:
    found: dict[tuple[Place, int], str] = {}

    def more() -> bool:
        for place, records in consumer.poll(timeout_ms=200).items():
            found.update(
                {((place.topic, place.partition), record.offset): record.value.rstrip(FILLER).decode() for record in records}
            )
        return wanted <= found.keys()

    watch(more, bool, within=READ)
    return found

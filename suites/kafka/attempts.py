"""Things tried that a cluster has to refuse, each with the code of its answer."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import BrokerResponseError, KafkaError

from labs.kafka.lab import KafkaLab
from suites.kafka.refusals import CLIENT, TAKEN, Answer, Attempt, attempted

ANSWER_MS = 10_000
SEND_SECONDS = 30.0
"""A mebibyte that goes to three brokers takes seconds on a busy machine."""
ANY_SIZE = 1 << 30
"""Bytes: what a client sends that leaves it to brokers to refuse."""
OVERHEAD = 1024
"""Bytes, and more than enough: a batch of one record takes about 100 beside the record's value."""


def answered(do: Callable[[], object]) -> Answer:
    """Of something that raises what it is refused with, or returns it as a text."""
    try:
        told = str(do())
    except BrokerResponseError as error:
        return Answer(error.errno, said=error.message)
    except KafkaError as error:
        return Answer(None, said=str(error) or type(error).__name__)
    refused = re.search(r"\[Error (-?\d+)\] ([^'\"]*)", told)
    return Answer(int(refused[1]), said=refused[2]) if refused else Answer(TAKEN)


def sent(kafka: KafkaLab, topic: str, partition: int, size: int, **settings: object) -> Answer:
    """One record of so many bytes that nothing compresses, by a producer of its own: a refused batch ends an idempotent one."""
    with closing(kafka.clients.producer(kafka.outside, **settings)) as producer:
        try:
            sending = producer.send(topic, os.urandom(size), partition=partition)
        except BrokerResponseError as error:
            return Answer(error.errno, by=CLIENT, said=str(error))
        return answered(lambda: sending.get(timeout=SEND_SECONDS))


def large_records(kafka: KafkaLab, topic: str, limits: Mapping[int, int]) -> Iterator[Attempt]:
    """`limits`: the bytes that the leader of each partition takes in a batch."""
    for partition, limit in limits.items():
        for what, size, code in (("fits", limit - OVERHEAD, TAKEN), ("is too large", limit + OVERHEAD, 10)):
            answer = sent(kafka, topic, partition, size, max_request_size=ANY_SIZE)
            yield attempted(f"{topic}-{partition}: a record of {size} bytes that {what}", code, answer)


def topics_that_cannot_be(admin: KafkaAdminClient, name: str, brokers: int) -> Iterator[Attempt]:
    """One that can, by that name, is made first; and what cannot be done to that."""

    def made(topic: str = name, **spec: Any) -> Answer:  # noqa: ANN401 - what a topic may be told
        told = {"num_partitions": 1, "replication_factor": brokers, **spec}
        return answered(lambda: admin.create_topics({topic: told}, timeout_ms=ANSWER_MS))

    other = f"{name}-other"
    yield attempted("a topic", TAKEN, made())
    yield attempted("the same topic again", 36, made())
    yield attempted("a topic with a space in its name", 17, made(f"{other} "))
    yield attempted("a topic with a name of 250 letters", 17, made(f"{other:x<250}"))
    yield attempted("a topic with one replica more than brokers", 38, made(other, replication_factor=brokers + 1))
    yield attempted("a topic without a replica", 38, made(other, replication_factor=0))
    yield attempted("a topic without a partition", 37, made(other, num_partitions=0))
    yield attempted("a topic with min.insync.replicas=none", 40, made(other, configs={"min.insync.replicas": "none"}))
    yield attempted("a topic with cleanup.policy=shred", 40, made(other, configs={"cleanup.policy": "shred"}))
    yield attempted("a topic with a setting that there is not", 40, made(other, configs={"no.such.setting": "1"}))
    yield attempted("fewer partitions", 37, answered(lambda: admin.create_partitions({name: 0}, timeout_ms=ANSWER_MS)))
    more = answered(lambda: admin.create_partitions({other: 2}, timeout_ms=ANSWER_MS))
    yield attempted("more partitions of a topic that there is not", 3, more)
    gone = answered(lambda: admin.delete_topics([other], timeout_ms=ANSWER_MS))
    yield attempted("a topic deleted that there is not", 3, gone)


def settings_that_cannot_be(admin: KafkaAdminClient, topic: str) -> Iterator[Attempt]:
    """Before 2.5 a value that cannot be is an invalid request."""

    def altered(name: str, value: str) -> Answer:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, {name: value})
        return answered(lambda: admin.alter_configs([resource], raise_on_unknown=False))

    yield attempted("min.insync.replicas=0", 40, altered("min.insync.replicas", "0"), 42)
    yield attempted("retention.ms=long", 40, altered("retention.ms", "long"), 42)
    yield attempted("a setting that there is not", 40, altered("no.such.setting", "1"), 42)

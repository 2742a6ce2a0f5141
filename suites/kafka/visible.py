"""How far a partition can be read, by one who asks for what is not committed, too."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from labs.kafka.lab import KafkaLab
from labs.kafka.views import Place
from suites.kafka.replicas import Look

UNKNOWN = -1
POLL_MS, ASK_MS = 50, 500


class Viewer:
    """A consumer of one partition, from its beginning on."""

    def __init__(self, consumer: KafkaConsumer, place: Place) -> None:
        self._consumer, self._place = consumer, TopicPartition(*place)
        self._read = UNKNOWN
        consumer.assign([self._place])
        consumer.seek(self._place, 0)

    def look(self, since: float) -> Look:
        """Take what is given, and ask for the partition's end, at a moment that is told in seconds from `since`."""
        begun = time.monotonic() - since
        try:
            for records in self._consumer.poll(timeout_ms=POLL_MS).values():
                self._read = max(self._read, *(record.offset for record in records), UNKNOWN)
            end = self._consumer.end_offsets([self._place], timeout_ms=ASK_MS)[self._place]
        except KafkaError:
            end = UNKNOWN
        return Look(begun, time.monotonic() - since, end, self._read)


@contextmanager
def viewer(kafka: KafkaLab, place: Place) -> Iterator[Viewer]:
    """For as long as the body runs."""
    with closing(kafka.clients.consumer(kafka.outside, isolation_level="read_uncommitted")) as consumer:
        yield Viewer(consumer, place)

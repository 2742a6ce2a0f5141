"""Producers that write in transactions, a reader beside them, and the history of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from kafka.errors import KafkaError

from labs.errors import LabError
from labs.kafka.lab import KafkaLab
from labs.kafka.operations import History
from labs.kafka.transactor import Step, Transactor
from labs.kafka.workload import Workload
from proof.evidence import attach, folder
from suites.kafka.accounting import balance

PARTITIONS = 2
"""A transaction has records in each."""
SIZE = 500
"""Bytes of a record."""
READER = "reader-0"
"""What the workload calls its reader."""


class Transacting:
    """A topic that transactions write to, while a reader is given what is committed."""

    def __init__(self, kafka: KafkaLab, load: Workload, within: float) -> None:
        self.kafka, self.load = kafka, load
        self.within = within
        self.transactors: list[Transactor] = []
        self._ids: dict[Transactor, str] = {}

    @property
    def now(self) -> int:
        """Microseconds of the history."""
        return self.load.recorder.now()

    @property
    def read(self) -> int:
        """Records that the reader was given so far."""
        return self.load.readers[0].read

    @property
    def steps(self) -> list[Step]:
        """Of all producers, in order."""
        return sorted((step for each in self.transactors for step in each.steps), key=lambda step: step.begun)

    def transactor(self, name: str, id: str) -> Transactor:
        """A producer with the run's transactional id that ends so, initialised; LabError: it reaches no broker."""
        try:
            producer = self.kafka.clients.producer(self.kafka.outside, transactional_id=f"{self.kafka.cluster.prefix}{id}")
        except KafkaError as error:
            raise LabError(f"producer {name} reaches no broker: {error}") from error
        number, topic, partitions = len(self.transactors), self.load.topic, self.load.partitions
        made = Transactor(producer, self.load.recorder, number, name, topic, partitions, within=self.within, size=SIZE)
        self.transactors.append(made)
        self._ids[made] = id
        made.initialise()
        return made

    def successor(self, of: Transactor, name: str) -> Transactor:
        """A newer producer with the same transactional id."""
        made = self.transactor(name, self._ids[of])
        of.superseded = True
        return made

    def end(self) -> History:
        """Close all producers, read everything that is committed."""
        for each in self.transactors:
            each.close()
        history = self.load.end()
        attach("transactions", "\n".join(map(str, self.steps)))
        attach("account", str(balance(history)))
        attach("clients", self.kafka.clients.shown())
        return history

    def abandon(self) -> None:
        for each in self.transactors:
            each.abandon()


@contextmanager
def transacting(
    kafka: KafkaLab, name: str, within: float, assignment: Mapping[int, Sequence[int]] | None = None
) -> Iterator[Transacting]:
    """A topic of that name with a reader, no producers yet; gone at the end. `within`: seconds for a producer's step."""
    partitions = len(assignment or range(PARTITIONS))
    with (
        kafka.cluster.topic(name, partitions, assignment=assignment) as topic,
        Workload(
            kafka.clients,
            kafka.outside,
            topic,
            partitions,
            folder() / f"{name}.history",
            guarantee=kafka.guarantee,
            writers=0,
            readers=1,
            size=SIZE,
            versions=kafka.software,
        ) as load,
    ):
        play = Transacting(kafka, load, within)
        try:
            yield play
        finally:
            play.abandon()

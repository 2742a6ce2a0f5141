"""A consumer group at work: its members come and go while records come in, and all that they do is kept."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from labs.errors import LabError
from labs.kafka.group_watch import group_watched
from labs.kafka.groups import STABLE_SINCE, Group, group
from labs.kafka.journal import Journal
from labs.kafka.lab import KafkaLab
from labs.kafka.member import Member
from labs.kafka.operations import History
from labs.kafka.version import major_minor
from labs.kafka.way import Way
from labs.kafka.workload import Workload
from labs.kafka.writer import Writer
from labs.problem import Problem
from labs.timeline import note
from labs.wait import watch
from proof.evidence import attach, folder
from suites.kafka.accounting import account, balance, left_out
from suites.kafka.group_limits import GroupLimits, group_limits
from suites.kafka.groups import behind, differing, owned_twice, sharing, went_back
from suites.kafka.members import ASK_MS

LOADED = 3
"""Partitions that are written to all the time; one more has a few records of the beginning, which are committed once."""
QUIET, FEW = LOADED, 10
PARTITIONS = LOADED + 1
RATE = 50.0
"""Records a second."""
SIZE = 500
"""Bytes of a record."""
FLOW_LIMIT = 20.0
"""Seconds until a new topic takes its first records, in a lab that is well."""
EVERY = 0.1
"""Seconds between two questions for the group."""


class Gathering:
    """The group, its topic under load, its members by name."""

    def __init__(self, kafka: KafkaLab, load: Workload, journal: Journal) -> None:
        self.kafka, self.load, self.journal = kafka, load, journal
        self.members: dict[str, Member] = {}
        self.all: list[Member] = []
        self._admin: KafkaAdminClient | None = None

    @property
    def limits(self) -> GroupLimits:
        """By the settings that are declared, whatever a fault has made of them."""
        return declared_group_limits(self.kafka)

    @property
    def now(self) -> int:
        """Microseconds of the history."""
        return self.load.recorder.now()

    # --- its members

    def join(self, name: str, way: Way | None = None) -> Member:
        """LabError: it reaches no broker."""
        try:
            consumer = self.kafka.clients.consumer(way or self.kafka.outside, group_id=self.journal.group, client_id=name)
        except KafkaError as error:
            raise LabError(f"member {name} reaches no broker: {error}") from error
        member = self.members[name] = Member(consumer, self.load.recorder, self.journal, name)
        self.all.append(member)
        return member

    def leave(self, name: str) -> None:
        self.members.pop(name).leave()

    def part(self) -> None:
        """All leave."""
        for name in list(self.members):
            self.leave(name)

    # --- what is waited for

    def shared(self, within: float, members: Sequence[str] | None = None) -> list[Problem]:
        """Until these members, or else all, share the partitions; what is not so at the limit."""
        who = list(self.members) if members is None else members
        return self._watch(lambda found: sharing(found, self.journal.topic, PARTITIONS, who), within)

    def empty(self, within: float) -> bool:
        """Until the coordinator knows that nobody is left."""
        return not self._watch(self._left, within)

    def _left(self, found: Group) -> list[Problem]:
        return [Problem("unknown-member", self.journal.group, "no member", len(found.members))] if found.members else []

    def _watch(self, judge: Callable[[Group], list[Problem]], within: float) -> list[Problem]:
        def look() -> list[Problem]:
            try:
                return judge(group(self._asking(), self.journal.group))
            except KafkaError as error:
                self._hang_up()
                return [Problem("not-rebalanced", self.journal.group, "its coordinator tells of it", f"{error!r}")]

        return watch(look, lambda found: not found, within=within, every=EVERY).last

    def committing(self, within: float) -> bool:
        """Until a commit is acknowledged that was asked for from now on."""
        begun = self.now
        return watch(
            lambda: any(each.begun >= begun for each in self.journal.acknowledged), bool, within=within, every=EVERY
        ).met

    def caught_up(self, within: float) -> None:
        """Until all is committed that is in the topic now; what is not so at the limit is judged later."""
        ends = self._ends()
        watch(lambda: self._committed(ends), bool, within=within, every=EVERY)

    def _ends(self) -> dict[int, int]:
        """Of partitions, by the brokers' word; none where they give none."""
        places = [TopicPartition(self.journal.topic, number) for number in range(PARTITIONS)]
        with suppress(KafkaError), closing(self.kafka.clients.consumer(self.kafka.outside)) as consumer:
            return {place.partition: end for place, end in consumer.end_offsets(places).items()}
        return {}

    def _committed(self, ends: dict[int, int]) -> bool:
        told = self.journal.told[-1].offsets if self.journal.told else {}
        return all(told.get(partition, 0) >= end for partition, end in ends.items())

    # --- its end

    def end(self) -> list[Problem]:
        """Members are given what is still to come, and leave; everything that is wrong with what they read and committed."""
        for writer in self.load.writers:
            writer.stop()
        watch(lambda: sum(writer.pending for writer in self.load.writers), lambda left: not left, within=FLOW_LIMIT)
        self.caught_up(self.limits.rebalance)
        self.part()
        names = [member.name for member in self.all]
        history = self.load.end()
        self._show(history)
        reading = [*left_out(history, names), *behind(history, names), *account(history)]
        return [*went_back(self.journal), *differing(self.journal), *owned_twice(self.journal), *reading]

    def _show(self, history: History) -> None:
        attach("account", str(balance(history)))
        errors = {member.name: dict(member.errors) for member in self.all if member.errors}
        attach("clients", f"{self.kafka.clients.shown()}\nmembers' errors: {errors or 'none'}")

    def close(self) -> None:
        """Let go of everything; what was done and seen is kept."""
        attach("group", str(self.journal))
        attach("limits", str(self.limits))
        for member in self.members.values():
            try:
                member.leave(within=1.0)
            except (LabError, KafkaError) as error:  # beside what has gone wrong already
                note(f"member {member.name}: {error}")
        self.members.clear()
        self._hang_up()

    def _asking(self) -> KafkaAdminClient:
        """It remembers who coordinates the group, and so serves until that fails."""
        if self._admin is None:
            self._admin = self.kafka.clients.admin(self.kafka.outside, request_timeout_ms=ASK_MS)
        return self._admin

    def _hang_up(self) -> None:
        if self._admin is not None:
            with suppress(KafkaError):
                self._admin.close()
            self._admin = None


@contextmanager
def gathered(kafka: KafkaLab, name: str) -> Iterator[Gathering]:
    """A group of that name with a topic of its own under load, no members yet; all gone at the end."""
    with (
        kafka.cluster.topic(name, PARTITIONS) as topic,
        kafka.cluster.group(name) as whole,
        Workload(
            kafka.clients,
            kafka.outside,
            topic,
            LOADED,
            folder() / f"{name}.history",
            guarantee=kafka.guarantee,
            rate=RATE,
            readers=0,
            size=SIZE,
            versions=kafka.software,
        ) as load,
    ):
        journal = Journal(whole, topic)
        gathering = Gathering(kafka, load, journal)
        with group_watched(kafka.cluster, load.recorder, journal, stable=major_minor(kafka.version) >= STABLE_SINCE):
            try:
                load.flows(within=FLOW_LIMIT)
                _written_once(gathering)
                yield gathering
            finally:
                gathering.close()


def _written_once(gathering: Gathering) -> None:
    """The few records of the quiet partition."""
    load = gathering.load
    producer = gathering.kafka.clients.producer(gathering.kafka.outside)
    writer = Writer(producer, load.recorder, len(load.writers), load.topic, PARTITIONS, size=SIZE)
    for _ in range(FEW):
        writer.write(QUIET)
    writer.end(within=FLOW_LIMIT)


def declared_group_limits(kafka: KafkaLab) -> GroupLimits:
    return group_limits(kafka.timing, {**KafkaConsumer.DEFAULT_CONFIG, **kafka.clients.declared["consumer"]})

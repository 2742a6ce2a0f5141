"""Two of three brokers gone under load, and back: what is done, and what is observed meanwhile."""

import time
from collections.abc import Iterator, Sequence

from labs.embedded.service import Service
from labs.fault import fault
from labs.kafka.broker import Broker
from labs.kafka.lab import KafkaLab
from labs.kafka.operations import History, Write
from labs.kafka.views import first, isr_without
from labs.kafka.watching import Watch, watched
from labs.kafka.workload import Workload
from labs.kafka.writer import Writer
from labs.problem import Problem
from labs.timeline import note
from labs.wait import watch
from proof.evidence import attach, folder
from proof.holds import coming_back
from suites.kafka.accounting import account
from suites.kafka.failover import Failover, recovered
from suites.kafka.limits import MARGIN
from suites.kafka.min_isr import Attempt, acknowledged_alone, attempted, resumed
from suites.kafka.roles import bystander
from suites.kafka.showing import show
from suites.kafka.traffic import failed_writes
from suites.kafka.trial import FLOW_LIMIT, HISTORY, SIZE, SOME, STEADY, STILL, declared_limits, ended

QUIET = 2.0
"""Seconds during which nothing may be acknowledged, from when the ISR is as small as it gets."""
RATE = 200.0
"""Records a second: all of some ten seconds wait for the end."""
ONCE = 1
"""The history's number of the producer that sends one record, once."""


@fault("process")
def killed_together(*daemons: Service) -> Iterator[None]:
    """SIGKILL to all of them; started again together on heal."""
    for daemon in daemons:
        daemon.kill()
    yield
    for daemon in daemons:
        daemon.begin()
    for daemon in daemons:
        daemon.wait()


def two_gone(kafka: KafkaLab) -> list[Problem]:
    """Kill both followers of a partition that is written to, and start them again; all that is wrong with what was seen."""
    leader = bystander(kafka)
    others = [broker for broker in kafka.brokers.values() if broker is not leader]
    with (
        kafka.cluster.topic("min-isr", assignment={0: [leader.id, *(each.id for each in others)]}) as topic,
        watched(kafka.outside.dial, kafka.cluster.doors, topic) as seen,
        Workload(
            kafka.clients, kafka.outside, topic, 1, folder() / HISTORY, size=SIZE, rate=RATE, versions=kafka.software
        ) as load,
    ):
        trial = TwoGone(kafka, leader, others, seen, load)
        trial.run()
        history = ended(load, [*trial.dead, *trial.unrecovered])
        told = f"brokers {' and '.join(str(each.id) for each in others)} are killed, leader {leader.id} lives"
        show(kafka, told, trial.over, history, trial.limits)
        return trial.problems(history)


class TwoGone:
    """The steps, each of which ends when all is as it should be, or at its limit."""

    def __init__(self, kafka: KafkaLab, leader: Broker, others: Sequence[Broker], seen: Watch, load: Workload) -> None:
        self.kafka, self.leader, self.others, self.seen, self.load = kafka, leader, others, seen, load
        self.limits = declared_limits(kafka)
        self.controllers = not set(kafka.controllers) & set(kafka.brokers)
        """Whether who decides on ISRs lives on: ZooKeeper, or controllers on nodes of their own."""
        self.broken = self.gone = self.mending = self.healed = 0.0
        self.unrecovered: Sequence[Problem] = ()
        self.dead: list[Problem] = []

    @property
    def over(self) -> Failover:
        places = [(self.load.topic, 0)]
        brokers, healed = tuple(self.kafka.brokers), self.healed or None
        return Failover(places, brokers, None, self.seen.views, self.broken, self.mending, healed)

    def run(self) -> None:
        patient = {"request_timeout_ms": int(1000 * MARGIN)} if self.controllers else {}  # for as long as is judged
        producer = self.kafka.clients.producer(self.kafka.outside, retries=0, **patient)
        once = Writer(producer, self.load.recorder, ONCE, self.load.topic, 1, size=SIZE)
        once.producer.partitions_for(self.load.topic)
        self.load.flows(within=FLOW_LIMIT, records=SOME)
        self.load.more(STEADY)
        self.broken = time.monotonic()
        with coming_back(self.dead):
            self._strike(once)
            self._recover()

    def _strike(self, once: Writer) -> None:
        with killed_together(*(each.daemon for each in self.others)):
            self.gone = time.monotonic()
            if self.controllers:
                self._shrunk()
            once.write()
            self.load.more(QUIET)
            once.end(within=2 * MARGIN)
            self.mending = time.monotonic()
        self.healed = time.monotonic()

    def _recover(self) -> None:
        within = self.limits.rejoin + self.limits.preferred
        waited = watch(lambda: recovered(self.over, self.limits), lambda found: not found, within=within)
        self.unrecovered = waited.last  # what is seen later, on a busy machine, is no part of it
        note(f"ISR and leader {'as before' if waited.met else 'not as before'}")
        self.load.more(STILL)

    def _shrunk(self) -> None:
        """Until the leader is alone in the ISR."""

        def alone() -> bool:
            views = self.over.seen_by(self.leader.id)
            times = [first(views, (self.load.topic, 0), isr_without(each.id), self.gone) for each in self.others]
            return None not in times

        waited = watch(alone, bool, within=self.limits.shrink)
        note(f"the leader is {'' if waited.met else 'not '}alone in the ISR after {waited.seconds:.2f} s")

    def problems(self, history: History) -> list[Problem]:
        attempt = sent_once(history)
        attach("one record, sent once, while two of three are gone", str(attempt))
        return [
            *acknowledged_alone(history, self.gone, self.mending),
            *attempted(attempt, controllers=self.controllers, limit=MARGIN),
            *(self.dead or self._resumed(history)),
            *failed_writes(history, but=ONCE),
            *account(history),
        ]

    def _resumed(self, history: History) -> list[Problem]:
        return [*resumed(history, self.healed, self.limits.rejoin + MARGIN), *self.unrecovered]


def sent_once(history: History) -> Attempt:
    """What became of that record."""
    write = next(each for each in history.operations if isinstance(each, Write) and each.producer == ONCE)
    return Attempt(write.outcome, write.error, (write.ended - write.begun) / 1e6)

"""One failover, tried under load: what is done, and what is observed meanwhile."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from kafka import KafkaProducer

from labs.errors import LabError
from labs.kafka.broker import Member
from labs.kafka.lab import KafkaLab
from labs.kafka.operations import History
from labs.kafka.views import Place, View, lost
from labs.kafka.watching import Watch, watched
from labs.kafka.way import CONNECT_SECONDS
from labs.kafka.workload import Workload
from labs.problem import Problem
from labs.timeline import note
from labs.wait import until, watch
from proof.evidence import folder
from proof.holds import coming_back
from suites.kafka.accounting import account
from suites.kafka.failover import Failover, overcome, recovered, unclean
from suites.kafka.limits import Limits, limits
from suites.kafka.roles import active_controller, assignment, without
from suites.kafka.showing import HISTORY, show
from suites.kafka.stored import enough, stored
from suites.kafka.traffic import failed_writes, outage_problems, outages

STEADY, STILL = 1.0, 0.5
"""Seconds of load before the fault; and when the cluster has got over it, and over its heal."""
SOME = 10
"""Records of each partition by which it is known that writes go on."""
FLOW_LIMIT = 20.0
"""Seconds until a new topic takes its first records, in a lab that is well."""
SIZE = 500
"""Bytes of a record."""
LET_GO = 10.0
"""Seconds for the outcome of what was sent, where the cluster is not as it should be: it may take none any more."""
STAYS_OUT, SAYS = "2.4", "larger than current broker epoch"
"""Kafka whose broker may refuse, when it has registered anew, what it is told once, says so in its log, and follows nobody:
seen once in four cuts of a link. It has to be in sync when it is started again, then; that it should be by itself is asked for
by kafka-robustness."""
TOPIC = "failover"
Judge = Callable[[KafkaLab, History], list[Problem]]


@dataclass(frozen=True)
class Blow:
    """What is to fail, and how; `leads`: whether it leads a partition of the topic, if it is a broker; `controls`: whether it
    is the active controller."""

    told: str
    victim: Member
    fault: AbstractContextManager[None]
    leads: bool = True
    controls: bool = False


def _nothing(_kafka: KafkaLab, _history: History) -> list[Problem]:
    return []


def failover(kafka: KafkaLab, blow: Blow, also: Judge = _nothing) -> list[Problem]:
    """Strike while records are written and read from outside; all that is wrong with what was seen.

    `also` judges when all is over, every daemon is back, and the topic, whose name begins with TOPIC after the run's prefix,
    is still there.
    """
    layout = assignment(kafka.brokers, but=None if blow.leads else blow.victim.id)
    with (
        kafka.cluster.topic(TOPIC, assignment=layout) as topic,
        watched(kafka.outside.dial, kafka.cluster.doors, topic) as seen,
        Workload(
            kafka.clients, kafka.outside, topic, len(layout), folder() / HISTORY, size=SIZE, versions=kafka.software
        ) as load,
    ):
        trial = Trial(kafka, blow, seen, load)
        trial.run()
        try:
            history = ended(load, trial.problems())
        finally:
            show(kafka, blow.told, trial.over, load.history, trial.limits)
        return [*trial.problems(), *_traffic(trial, history), *([] if trial.dead else also(kafka, history))]


def ended(load: Workload, problems: Sequence[Problem]) -> History:
    """The history up to its end. Where the cluster has problems, a client that hangs is one more, and is let go soon."""
    try:
        load.end(within=LET_GO if problems else None)
        note("all is read")
    except LabError as error:
        if not problems:
            raise
        note(f"the load did not end, and is let go: {error}")
    return load.history


def declared_limits(kafka: KafkaLab) -> Limits:
    """By the settings that are declared, whatever a fault has made of them."""
    return limits(kafka.timing, {**KafkaProducer.DEFAULT_CONFIG, **kafka.clients.declared["producer"]}, CONNECT_SECONDS)


def _traffic(trial: "Trial", history: History) -> list[Problem]:
    late = outage_problems(history.header.topic, outages(history, trial.broken), trial.limits.outage)
    return [*late, *failed_writes(history), *account(history)]


class Trial:
    """The steps, each of which ends when all is as it should be, or at its limit: what was not in time is judged later."""

    def __init__(self, kafka: KafkaLab, blow: Blow, seen: Watch, load: Workload) -> None:
        self.kafka, self.blow, self.seen, self.load = kafka, blow, seen, load
        self.limits = declared_limits(kafka)
        self.places: list[Place] = [(load.topic, number) for number in range(load.partitions)]
        self.victim = blow.victim.id if blow.victim.id in kafka.brokers else None
        self.pid, self.mark = blow.victim.daemon.pid, blow.victim.daemon.mark()
        self.broken = self.mending = self.healed = 0.0
        self.stored: Sequence[View] = ()
        self.enough = 0
        self.controllers: Sequence[Problem] = ()
        self.dead: list[Problem] = []
        self.unrecovered: Sequence[Problem] = ()

    @property
    def over(self) -> Failover:
        """As far as it has come."""
        brokers, healed = tuple(self.kafka.brokers), self.healed or None
        seen = self.seen.views
        return Failover(self.places, brokers, self.victim, seen, self.broken, self.mending, healed, self.stored, self.enough)

    def problems(self) -> list[Problem]:
        return [*self.controllers, *overcome(self.over, self.limits), *unclean(self.over), *self.unrecovered, *self.dead]

    # --- the steps

    def run(self) -> None:
        self.load.flows(within=FLOW_LIMIT, records=SOME)
        self.load.more(STEADY)
        self.enough = enough(self.kafka, self.load.topic)
        self._in_its_part()
        self.stored = stored(self.kafka, self.places)
        with coming_back(self.dead):
            self._strike()
            self.healed = time.monotonic()
            self._recover()
            self.load.more(STILL)

    def _strike(self) -> None:
        """Until it is healed."""
        self.broken = time.monotonic()
        with self.blow.fault:
            if self.blow.controls:
                self._succeeded()
            self._overcome()
            self.load.more(STILL)
            self.mending = time.monotonic()

    def _in_its_part(self) -> None:
        """Until the victim is what it is to fail as; LabError where it is not, for then nothing would be asked for."""
        victim = self.blow.victim
        if self.blow.controls:
            until(
                lambda: active_controller(self.kafka) == victim.id,
                within=FLOW_LIMIT,
                what=f"{victim} is the controller",
            )
        if self.blow.leads and self.victim is not None:
            until(lambda: bool(self._now().orphaned), within=FLOW_LIMIT, what=f"{victim} leads a partition")

    def _now(self) -> Failover:
        """As if the fault began at this moment."""
        return Failover(self.places, tuple(self.kafka.brokers), self.victim, self.seen.views, time.monotonic(), 0.0)

    def _succeeded(self) -> None:
        """Until the cluster has another controller."""
        gone = self.blow.victim.id
        waited = watch(lambda: without(self.kafka, gone), lambda found: not found, within=self.limits.succession)
        who = active_controller(self.kafka, but=gone) if waited.met else "no other"
        note(f"{who} is the controller after {waited.seconds:.2f} s")
        self.controllers = waited.last

    def _overcome(self) -> None:
        """Until the brokers that are left have got over it, and records of all partitions are acknowledged again.

        A follower may be out of the ISR sooner than it counts as gone; it is to come back as one that was.
        """
        within = max(self.limits.succession, self.limits.shrink)
        got_over = watch(lambda: overcome(self.over, self.limits), lambda found: not found, within=self._left(within))
        note(f"leaders and ISRs {'as they should be' if got_over.met else 'not as they should be'}")
        if not self.blow.leads and (victim := self.victim) is not None:
            watch(lambda: lost(self.seen.memberships, victim, self.broken), bool, within=self._left(self.limits.succession))
        before = self.load.acknowledged
        flowing = watch(
            lambda: self.load.acknowledged,
            lambda now: all(now[number] >= before[number] + SOME for _, number in self.places),
            within=self._left(self.limits.outage),
        )
        note(f"records of all partitions {'acknowledged again' if flowing.met else 'not acknowledged'}")

    def _left(self, within: float) -> float:
        """Of a limit that counts from the fault."""
        return max(0.0, self.broken + within - time.monotonic())

    def _recover(self) -> None:
        """Until all is as it was."""
        if not self._as_before() and self._stays_out():
            note(f"broker {self.victim} stays out of the ISR: started again, as {STAYS_OUT} needs it")
            self.blow.victim.daemon.kill()
            self.blow.victim.daemon.start()
            self.healed = time.monotonic()
            self._as_before()

    def _as_before(self) -> bool:
        within = self.limits.rejoin + self.limits.preferred
        waited = watch(lambda: recovered(self.over, self.limits), lambda found: not found, within=within)
        self.unrecovered = waited.last
        note(f"ISRs and leaders {'as before' if waited.met else 'not as before'}")
        return waited.met

    def _stays_out(self) -> bool:
        """Whether it is what STAYS_OUT is known for: a broker whose process has outlived its session, and says so."""
        found = {problem.kind for problem in self.unrecovered}
        lived = self.victim is not None and self.blow.victim.daemon.pid == self.pid
        known = self.kafka.version.startswith(STAYS_OUT) and SAYS in self.blow.victim.daemon.log(self.mark)
        return "isr-not-full" in found and lived and known

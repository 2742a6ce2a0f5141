"""Daemons restarted one after the other, under load: what is done, and what is observed meanwhile."""

import operator
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from labs.embedded.service import Service
from labs.errors import NotStarted, NotStopped
from labs.kafka.lab import KafkaLab
from labs.kafka.operations import History
from labs.kafka.views import Place
from labs.kafka.watching import Watch, watched
from labs.kafka.workload import Workload
from labs.problem import Problem
from labs.timeline import note
from labs.wait import watch
from proof.evidence import folder
from proof.holds import holds, not_started
from suites.kafka.accounting import account
from suites.kafka.failover import Failover
from suites.kafka.limits import Limits
from suites.kafka.roles import assignment
from suites.kafka.showing import show
from suites.kafka.traffic import failed_writes, outage_problems, outages
from suites.kafka.trial import FLOW_LIMIT, SIZE, SOME, declared_limits, ended

HISTORY = "restart.history"
STILL, RATE = 0.5, 200.0
"""Seconds of load between two restarts, and at the end; records a second: it goes on for long."""
Look = Callable[[], Sequence[Problem]]


class Restartable(Protocol):
    """A broker, a controller, a ZooKeeper."""

    @property
    def daemon(self) -> Service: ...


@dataclass
class Course:
    """Load on a topic of three partitions, one led by each broker, while something is done to the cluster step by step."""

    kafka: KafkaLab
    seen: Watch
    load: Workload
    limits: Limits
    begun: float = field(default_factory=time.monotonic)
    found: list[Problem] = field(default_factory=list)

    def wait(self, look: Look, within: float, what: str) -> None:
        """Until nothing is wrong any more; what still is at the limit is found."""
        waited = watch(look, lambda problems: not problems, within=within, every=0.1)
        note(f"{what}: {'so' if waited.met else 'not so'} after {waited.seconds:.2f} s")
        self.found += waited.last

    def in_sync(self) -> list[Problem]:
        """What brokers lack of the topic."""
        return self.kafka.cluster.unready(self.load.topic)

    def judged(self, told: str) -> list[Problem]:
        """All that is wrong, when all is done; shown, too."""
        done = time.monotonic()
        self.load.more(STILL)
        history = ended(self.load, self.found)
        show(self.kafka, told, self._whole(done), history, self.limits)
        return [*self.found, *self._traffic(history)]

    def _whole(self, done: float) -> Failover:
        places: list[Place] = [(self.load.topic, number) for number in range(self.load.partitions)]
        return Failover(places, tuple(self.kafka.brokers), None, self.seen.views, self.begun, done, done)

    def _traffic(self, history: History) -> list[Problem]:
        late = outage_problems(history.header.topic, outages(history, self.begun), self.limits.outage)
        return [*late, *failed_writes(history), *account(history)]


@contextmanager
def course(kafka: KafkaLab) -> Iterator[Course]:
    """Load flows, and brokers are watched, from outside."""
    layout = assignment(kafka.brokers)
    with (
        kafka.cluster.topic("restart", assignment=layout) as topic,
        watched(kafka.outside.dial, kafka.cluster.doors, topic) as seen,
        Workload(
            kafka.clients, kafka.outside, topic, len(layout), folder() / HISTORY, rate=RATE, size=SIZE, versions=kafka.software
        ) as load,
    ):
        load.flows(within=FLOW_LIMIT, records=SOME)
        yield Course(kafka, seen, load, declared_limits(kafka))


def restarted(run: Course, each: Restartable, meanwhile: Look = lambda: [], afterwards: Look = lambda: []) -> None:
    """Stopped by SIGTERM; `meanwhile` holds; started, it answers, `afterwards` holds, and every replica is in sync again."""
    _stopped(run, each.daemon)
    run.wait(meanwhile, run.limits.succession, f"without {each.daemon}")
    each.daemon.begin()
    try:
        each.daemon.wait()
    except NotStarted as error:  # the next one is not stopped beside it
        run.found += [not_started(error), *run.in_sync()]
        holds(run.judged(f"{each.daemon} did not come back"))
    run.wait(lambda: [*run.in_sync(), *afterwards()], run.limits.rejoin, f"with {each.daemon}")
    run.load.more(STILL)


def _stopped(run: Course, daemon: Service) -> None:
    """Within the time that the cluster may take to have it back; killed after it, so that the others are restarted, too."""
    limit = run.limits.rejoin
    try:
        daemon.stop()
    except NotStopped as error:  # it may wait for a controller, to hand over what it leads
        if watch(lambda: daemon.running, operator.not_, within=limit - error.seconds, every=0.1).met:
            return
        wanted = f"ended within {limit:.0f} s of {error.signal}"
        run.found.append(Problem("not-stopped", error.daemon, wanted, "it still runs"))
        daemon.kill()

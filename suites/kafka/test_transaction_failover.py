"""Transactions while a broker dies in the middle of one."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pytest
from kafka import KafkaConsumer

from labs.errors import LabError
from labs.faults import killed
from labs.kafka.broker import Broker
from labs.kafka.groups import TRANSACTION, coordinator
from labs.kafka.lab import KafkaLab
from labs.kafka.transactor import Transactor
from labs.problem import Problem
from labs.wait import watch
from proof.holds import coming_back, holds
from proof.requirement import instance, proven_by, requirement
from suites.kafka.accounting import account
from suites.kafka.faults.transactions import all_in_sync_for_transactions, uncommitted_records_read
from suites.kafka.limits import MARGIN
from suites.kafka.roles import assignment, bystander
from suites.kafka.transacting import READER, Transacting, transacting
from suites.kafka.transactions import commits_stalled, reading_stalled
from suites.kafka.trial import declared_limits

ROUNDS, ABORTED = 6, 3
"""Transactions before, each third of them aborted."""
TRIED = 50
"""Transactional ids: each is coordinated by one of the brokers, whichever its hash falls to."""
KNOWN = 30.0
"""Seconds until there is a coordinator for a new transactional id; the first one's topic has to be made."""


@requirement("a2b13846-04fc-4991-ab5a-3973b0878327")
@instance("groups")
@pytest.mark.parametrize("role", ["leader", "coordinator"])
@proven_by(all_in_sync_for_transactions, kind="commits-stalled")
@proven_by(uncommitted_records_read, kind="aborted-read")
def test_transactions_stay_whole_when_a_broker_dies(kafka: KafkaLab, role: str) -> None:
    """Transactions: a leader or the coordinator is killed in the middle of one: it is read as a whole or not, and in time."""
    victim, id, layout = struck(kafka, role)
    limit = declared_limits(kafka).outage
    with transacting(kafka, "struck", limit, layout) as play:
        producer = play.transactor("steady", id)
        rounds(producer)
        producer.begin()
        producer.write()
        begun, dead = play.now, list[Problem]()
        with coming_back(dead), killed(victim.daemon):
            producer.write(wait=False)
            going_on(play, producer)
        try:
            history = play.end()
        except LabError:  # clients that hang are no more than can be expected of a broker that is not back
            holds(dead)
            raise
        late = [*commits_stalled(history, begun, limit), *reading_stalled(history, begun, READER, reading_limit(kafka))]
        holds([*dead, *late, *account(history)])


def struck(kafka: KafkaLab, role: str) -> tuple[Broker, str, Mapping[int, Sequence[int]]]:
    """Who is killed; a transactional id that it coordinates, or another does; a topic's layout that others lead, or it too."""
    calm, coordinates = bystander(kafka), role == "coordinator"
    id, broker = coordinated(kafka, lambda broker: (broker == calm.id) == coordinates)
    victim = kafka.brokers[broker] if coordinates else calm
    return victim, id, assignment(kafka.brokers, but=victim.id if coordinates else None)


def coordinated(kafka: KafkaLab, wanted: Callable[[int], bool]) -> tuple[str, int]:
    """The end of a transactional id, and its coordinator: one that is wanted, if such a one coordinates any now.

    LabError: nobody does.
    """
    tried: list[tuple[str, int]] = []
    with kafka.outside.dial(*kafka.cluster.doors[min(kafka.cluster.doors)], KNOWN) as stream:

        def asked(id: str) -> int | None:
            return coordinator(stream, f"{kafka.cluster.prefix}{id}", TRANSACTION)

        for id in (f"struck-{number}" for number in range(TRIED)):
            found = watch(partial(asked, id), lambda broker: broker is not None, within=KNOWN).last
            if found is None:
                raise LabError(f"{kafka.name}: nobody coordinates the transactional id {id}")
            tried.append((id, found))
            if wanted(found):
                break
    return tried[-1]


def rounds(producer: Transactor) -> bool:
    """Some whole transactions, until one does not end as it should."""
    return all(producer.transact(commit=number % ABORTED != 0) for number in range(ROUNDS))


def going_on(play: Transacting, producer: Transactor) -> None:
    """Commit what was open, then abort one and commit one; by a successor where the client gives up the producer."""
    if not producer.commit():
        if producer.steps[-1].unanswered:
            return  # it is too late for anything that follows
        producer = play.successor(producer, "successor")
    producer.transact(commit=False)
    before = play.read
    if producer.transact():
        watch(lambda: play.read, lambda read: read > before, within=reading_limit(play.kafka))


def reading_limit(kafka: KafkaLab) -> float:
    """Seconds until what is committed is read, also by a reader whose request still hangs at a broker that is gone."""
    told = {**KafkaConsumer.DEFAULT_CONFIG, **kafka.clients.declared["consumer"]}
    return float(told["request_timeout_ms"]) / 1000 + MARGIN

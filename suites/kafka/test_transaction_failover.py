"""Transactions while a broker dies in the middle of one."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from kafka import KafkaConsumer

from labs.errors import LabError
from labs.faults import killed
from labs.kafka.broker import Broker
from labs.kafka.groups import TRANSACTION, coordinator
from labs.kafka.lab import KafkaLab
from labs.kafka.transactor import Transactor
from labs.wait import watch
from proof.holds import holds
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
        begun = play.now
        with killed(victim.daemon):
            producer.write(wait=False)
            going_on(play, producer)
        history = play.end()
        late = [*commits_stalled(history, begun, limit), *reading_stalled(history, begun, READER, reading_limit(kafka))]
        holds([*late, *account(history)])


def struck(kafka: KafkaLab, role: str) -> tuple[Broker, str, Mapping[int, Sequence[int]]]:
    """Who is killed; a transactional id that it coordinates, or another does; a topic's layout that others lead, or it too."""
    victim = bystander(kafka)
    if role == "coordinator":
        return victim, coordinated(kafka, lambda id: id == victim.id), assignment(kafka.brokers, but=victim.id)
    return victim, coordinated(kafka, lambda id: id != victim.id), assignment(kafka.brokers)


def coordinated(kafka: KafkaLab, wanted: Callable[[int], bool]) -> str:
    """The end of a transactional id whose coordinator is such a broker; LabError: there is none."""
    with kafka.outside.dial(*kafka.cluster.doors[min(kafka.cluster.doors)], 2.0) as stream:
        for number in range(TRIED):
            key = f"{kafka.cluster.prefix}struck-{number}"
            found = watch(lambda: coordinator(stream, key, TRANSACTION), lambda id: id is not None, within=KNOWN).last  # noqa: B023
            if found is not None and wanted(found):
                return f"struck-{number}"
    raise LabError(f"{kafka.name}: none of {TRIED} transactional ids is coordinated as is wanted")


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

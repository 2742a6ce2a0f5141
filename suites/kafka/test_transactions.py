"""Transactions while nothing fails: what is read of them, and who may end them."""

from labs.kafka.lab import KafkaLab
from labs.wait import watch
from proof.holds import holds
from proof.requirement import instance, proven_by, requirement
from suites.kafka.accounting import account
from suites.kafka.faults.transactions import (
    no_transactions_taken,
    transactional_ids_of_their_own,
    uncommitted_records_read,
)
from suites.kafka.transacting import transacting
from suites.kafka.transactions import not_fenced, refused

STEP = 10.0
"""Seconds for a step of a producer, which takes some milliseconds in a cluster that is well."""
ROUNDS = 8
ABORTED = 3
"""Each third transaction is aborted."""
OPEN = 0.5
"""Seconds for which a transaction stays open with all its records there, many times what a reader needs for a fetch."""


@requirement("40ac7344-84e5-4272-9fa5-7c7295b0e9b1")
@instance("groups")
@proven_by(uncommitted_records_read, kind="aborted-read")
@proven_by(no_transactions_taken, kind="transaction-refused")
def test_readers_are_given_committed_transactions_alone_and_as_a_whole(kafka: KafkaLab) -> None:
    """Transactions: nothing of an aborted or an open one is read, and everything of each that is committed."""
    with transacting(kafka, "committed", STEP) as play:
        steady, late = play.transactor("steady", "steady"), play.transactor("late", "late")
        well = all(steady.transact(commit=number % ABORTED != 0) for number in range(ROUNDS))
        if well and late.begin() and late.write():
            steady.transact()
            watch(lambda: None, lambda _: False, within=OPEN)
            late.abort()
        history = play.end()
        holds([*refused(play.steps), *account(history)])


@requirement("bdf84b17-6006-4393-aad3-a842e94dbcf4")
@instance("groups")
@proven_by(transactional_ids_of_their_own, kind="not-fenced")
@proven_by(uncommitted_records_read, kind="aborted-read")
def test_a_producer_with_a_successor_is_fenced_and_stays_so(kafka: KafkaLab) -> None:
    """Transactions: a newer producer of the same id ends what an older one has open, which can neither write nor commit."""
    with transacting(kafka, "fenced", STEP) as play:
        first = play.transactor("first", "one")
        if first.begin() and first.write():
            second = play.successor(first, "second")
            first.commit()
            if second.begin() and second.write():
                third = play.successor(second, "third")
                second.write()
                second.commit()
                first.begin()
                third.transact()
        history = play.end()
        holds([*refused(play.steps), *not_fenced(play.steps), *account(history)])

"""The judge of Kafka's histories, on histories written by hand: each kind of problem, and each allowance."""

from dataclasses import replace

import pytest

from labs.kafka.guarantee import Guarantee
from labs.kafka.operations import (
    End,
    Finished,
    Foreign,
    Header,
    History,
    Operation,
    Outcome,
    Positioned,
    Read,
    Reserved,
    Transaction,
    Write,
    value_of,
)
from suites.kafka.accounting import account, balance, left_out
from suites.kafka.accounting.finding import EXPECTED, forbidden

STRICT = Guarantee()
WEAK = Guarantee(acks=1, idempotence=False)
UNCLEAN = replace(STRICT, unclean_election=True)


def history(*operations: Operation, guarantee: Guarantee = STRICT) -> History:
    return History(Header("t", 2, guarantee), operations)


def sent(number: int, offset: int = -1, outcome: Outcome = "ok", partition: int = 0, transaction: int = -1) -> Write:
    """By producer 0, one each 1000 µs, answered after 200 µs."""
    return Write(0, number, "k", partition, 1000 * number, 1000 * number + 200, outcome, offset, transaction)


def written(*numbers: int) -> list[Operation]:
    """Acknowledged at offsets that are their numbers."""
    return [sent(number, number) for number in numbers]


def read(offset: int, *numbers: int, reader: str = "r", at: int = 50_000, partition: int = 0) -> Read:
    return Read(reader, partition, at, offset, tuple(value_of(0, number) for number in numbers))


def whole(end: int, partition: int = 0) -> list[Operation]:
    """The end of a history in which the partition was read up to there."""
    return [End(partition, 90_000, end, end)]


def kinds(judged: History) -> list[str]:
    return [problem.kind for problem in account(judged)]


def test_a_healthy_history_has_no_problem() -> None:
    assert account(history(*written(0, 1, 2), read(0, 0, 1, 2), *whole(3))) == []


def test_problems_tell_what_a_person_asks_first() -> None:
    judged = history(*written(*range(9)), Positioned("r", 0, 0, 0), read(0, 8), *whole(1))
    lost, elsewhere = account(judged)
    assert (lost.kind, lost.where) == ("lost-acknowledged", "t/0")
    told = "; ".join(f"0-{number} (acknowledged as offset {number} at 0.00{number} s)" for number in range(5))
    assert lost.found == f"8 lost-acknowledged: {told}, and 3 more"
    assert elsewhere.found == "1 acknowledged-elsewhere: 0-8 at offset 0 (acknowledged as offset 8), read by r at 0.050 s"


# --- lost, or not seen


def test_an_acknowledged_record_that_reading_passed_is_lost() -> None:
    assert kinds(history(*written(0, 1, 2), read(0, 0), read(2, 2), *whole(3))) == ["lost-acknowledged"]


def test_one_behind_an_end_that_was_reached_is_lost_though_its_offset_is_not_there_any_more() -> None:
    assert kinds(history(*written(0, 1, 2), read(0, 0), *whole(1))) == ["lost-acknowledged"]


def test_one_of_unknown_offset_is_lost_when_the_end_was_reached() -> None:
    assert kinds(history(sent(0, 0), sent(1), read(0, 0), *whole(1))) == ["lost-acknowledged"]


def test_one_that_was_acknowledged_after_the_end_was_asked_for_is_not_lost() -> None:
    assert kinds(history(*written(0), read(0, 0), *whole(1), sent(95, 1))) == ["unseen-tail"]


def test_without_a_last_reading_what_lies_behind_the_readers_is_an_unseen_tail() -> None:
    assert kinds(history(*written(0, 1, 2), read(0, 0, 1))) == ["unseen-tail"]
    assert kinds(history(*written(0, 1, 2))) == ["unseen-tail"]


def test_without_a_last_reading_what_a_reader_went_past_is_lost() -> None:
    assert kinds(history(*written(0, 1, 2), read(0, 0), read(2, 2))) == ["lost-acknowledged"]


def test_what_lies_before_a_readers_first_offset_was_not_passed() -> None:
    assert kinds(history(*written(0, 1, 2), read(1, 1, 2))) == ["unseen-tail"]


def test_a_last_reading_that_does_not_reach_the_end_leaves_a_tail_even_if_all_acknowledged_was_read() -> None:
    assert kinds(history(*written(0), read(0, 0), End(0, 90_000, 5, 1))) == ["unseen-tail"]


def test_of_several_last_readings_the_last_counts() -> None:
    assert kinds(history(*written(0), read(0, 0), End(0, 80_000, 5, 1), End(0, 90_000, 1, 1))) == []


def test_the_tail_of_one_partition_does_not_excuse_another() -> None:
    judged = history(sent(0, 0), sent(1, 0, partition=1), read(0, 0), *whole(1), End(1, 90_000, 0, 0))
    assert [(each.kind, each.where) for each in account(judged)] == [("lost-acknowledged", "t/1")]


@pytest.mark.parametrize("weak", [WEAK, UNCLEAN, replace(WEAK, acks=0), replace(STRICT, min_insync_replicas=1)], ids=str)
def test_loss_is_allowed_where_it_is_not_promised_away(weak: Guarantee) -> None:
    judged = balance(history(*written(0, 1, 2), read(0, 0), read(2, 2), *whole(3), guarantee=weak))
    assert judged.problems == []
    assert [each.kind for each in judged.allowed if each.kind != "skipped"] == ["lost-acknowledged"]
    assert judged.found["lost-acknowledged"] == 1


def test_an_unseen_tail_is_never_allowed() -> None:
    assert kinds(history(*written(0, 1), read(0, 0), guarantee=replace(WEAK, acks=0))) == ["unseen-tail"]


def test_a_history_in_which_nothing_was_acknowledged_shows_nothing() -> None:
    assert kinds(history(sent(0, outcome="info"), *whole(0))) == ["nothing-acknowledged"]
    assert kinds(history()) == ["nothing-acknowledged"]


# --- indeterminate and refused


@pytest.mark.parametrize("there", [True, False])
def test_an_indeterminate_record_may_be_there_or_not(there: bool) -> None:
    extra = [read(1, 1)] if there else []
    assert kinds(history(sent(0, 0), sent(1, outcome="info"), read(0, 0), *extra, *whole(1 + there))) == []


def test_an_indeterminate_record_may_come_later_than_what_was_sent_after_it() -> None:
    assert kinds(history(sent(1, outcome="info"), sent(2, 0), read(0, 2, 1), *whole(2))) == []


def test_an_indeterminate_record_is_not_there_twice() -> None:
    assert kinds(history(sent(0, 0), sent(1, outcome="info"), read(0, 0, 1, 1), *whole(3))) == ["duplicate"]


def test_a_refused_record_is_not_there() -> None:
    [problem] = account(history(sent(0, 0), sent(1, outcome="fail"), read(0, 0, 1), *whole(2)))
    assert problem.kind == "phantom"
    assert "0-1 at offset 1 (refused when it was sent), read by r" in str(problem.found)


# --- phantoms


def test_a_record_that_nobody_sent() -> None:
    [problem] = account(history(*written(0), Finished(0, 1, 1), read(0, 0, 7), *whole(2)))
    assert (problem.kind, problem.found) == ("phantom", "1 phantom: 0-7 at offset 1 (never sent), read by r at 0.050 s")


def test_a_record_that_holds_something_else() -> None:
    [problem] = account(history(*written(0), read(0, 0), Foreign("r", 0, 60, 1, "b'hello'"), *whole(2)))
    assert (problem.kind, problem.found) == ("phantom", "1 phantom: at offset 1 (holds \"b'hello'\"), read by r at 0.000 s")


def test_a_record_in_another_partition_than_it_was_sent_to() -> None:
    judged = history(*written(0), sent(1, 0, partition=1), read(0, 0), read(0, 1, partition=1), read(1, 1), *whole(2))
    [problem] = account(judged)
    assert (problem.kind, problem.where) == ("phantom", "t/0")


def test_what_was_announced_when_the_client_was_killed_may_be_there_once() -> None:
    announced = [Reserved(0, 0, 10), *written(0)]
    assert kinds(history(*announced, read(0, 0, 9))) == []
    assert kinds(history(*announced, read(0, 0, 10))) == ["phantom"]
    assert kinds(history(*announced, read(0, 0, 9, 9))) == ["duplicate"]
    assert kinds(history(*announced, Finished(0, 5, 9), read(0, 0, 9))) == ["phantom"]


@pytest.mark.parametrize("weak", [WEAK, UNCLEAN, replace(WEAK, isolation_level="read_uncommitted")], ids=str)
def test_a_phantom_is_never_allowed(weak: Guarantee) -> None:
    assert kinds(history(*written(0), read(0, 0, 7), *whole(2), guarantee=weak)) == ["phantom"]


# --- copies and order


def test_a_record_at_two_offsets() -> None:
    judged = history(*written(0, 1), read(0, 0, 1, 0), *whole(3))
    [problem] = account(judged)
    assert (problem.kind, problem.found) == ("duplicate", "1 duplicate: 0-0 at offset 2 (and at 0), read by r at 0.050 s")


def test_copies_are_allowed_without_idempotence_and_one_of_them_is_where_it_was_acknowledged() -> None:
    judged = balance(history(sent(0, 2), sent(1, 1), read(0, 0, 1, 0), *whole(3), guarantee=replace(STRICT, idempotence=False)))
    assert judged.problems == []
    assert [each.kind for each in judged.allowed] == ["duplicate"]


def test_records_of_a_producer_in_another_order_than_sent() -> None:
    judged = history(sent(0, 1), sent(1, 0), sent(2, 2), read(0, 1, 0, 2), *whole(3))
    [problem] = account(judged)
    told = "1 reordered: 0-1 at offset 0 (sent after 0-0, which is at 1), read by r at 0.050 s"
    assert (problem.kind, problem.found) == ("reordered", told)
    assert balance(replace(judged, header=Header("t", 2, WEAK))).problems == []


def test_order_is_of_a_producer_and_a_partition() -> None:
    others = [Write(1, 0, "k", 0, 0, 1, "ok", 0), sent(0, 1), sent(1, 0, partition=1)]
    reads = [Read("r", 0, 9, 0, (value_of(1, 0), value_of(0, 0))), read(0, 1, partition=1)]
    assert kinds(history(*others, *reads, *whole(2), *whole(1, partition=1))) == []


# --- offsets


def test_a_record_that_is_not_where_it_was_acknowledged() -> None:
    judged = history(sent(0, 0), sent(1, 5), read(0, 0, 1), *whole(2))
    assert kinds(judged) == ["acknowledged-elsewhere"]
    assert kinds(replace(judged, header=Header("t", 2, WEAK))) == []


def test_an_acknowledgement_without_an_offset_says_nothing_of_it() -> None:
    assert kinds(history(sent(0, 0), sent(1), read(0, 0, 1), *whole(2))) == []


def test_two_readers_that_see_different_records_at_one_offset() -> None:
    judged = history(sent(0, 0), sent(1, outcome="info"), read(0, 0), read(0, 1, reader="s"), *whole(1))
    [problem] = account(judged)
    assert (problem.kind, problem.found) == (
        "offset-differs",
        "1 offset-differs: 0-1 at offset 0 (others read 0-0), read by r at 0.050 s, and s",
    )
    assert kinds(replace(judged, header=Header("t", 2, WEAK))) == ["offset-differs"]
    assert kinds(replace(judged, header=Header("t", 2, UNCLEAN))) == []


def test_a_consumer_whose_offsets_go_back() -> None:
    judged = history(*written(0, 1), read(0, 0, 1), read(1, 1), *whole(2))
    [problem] = account(judged)
    assert (problem.kind, problem.found) == (
        "offset-went-back",
        "1 offset-went-back: at offset 1 (r, which had read up to 2), read by r at 0.050 s",
    )
    assert kinds(replace(judged, header=Header("t", 2, UNCLEAN))) == []


def test_a_consumer_may_be_told_to_go_back() -> None:
    assert kinds(history(*written(0, 1), read(0, 0, 1), Positioned("r", 0, 3, 1), read(1, 1), *whole(2))) == []


def test_a_consumer_that_is_not_given_what_another_reads() -> None:
    judged = history(*written(0, 1, 2), read(0, 0), read(2, 2), read(0, 0, 1, 2, reader="final"), *whole(3))
    [problem] = account(judged)
    told = "1 skipped: 0-1 at offset 1 (r went on from 1 to 2), read by final at 0.050 s"
    assert (problem.kind, problem.found) == ("skipped", told)


def test_offsets_without_a_record_are_not_skipped() -> None:
    assert kinds(history(sent(0, 0), sent(1, 2), read(0, 0), read(2, 1), *whole(4))) == []


def test_a_consumer_begins_where_it_is_told_to() -> None:
    late = [Positioned("r", 0, 1, 1), read(2, 2)]
    assert kinds(history(*written(0, 1, 2), *late, read(0, 0, 1, 2, reader="final"), *whole(3))) == ["skipped"]


# --- transactions


def in_transaction(*offsets: int) -> list[Operation]:
    """Records 0, 1, … of transaction 7, acknowledged at these offsets, and one of none that is at 9."""
    members = [sent(number, offset, transaction=7) for number, offset in enumerate(offsets)]
    return [*members, sent(8, 9), read(9, 8)]


def test_of_a_committed_transaction_all_is_read() -> None:
    committed = Transaction(7, 0, 10_000, 20_000, "committed")
    assert kinds(history(*in_transaction(0, 1), committed, read(0, 0, 1, reader="s"), *whole(10))) == []
    assert kinds(history(*in_transaction(0, 1), committed, read(0, 0, reader="s"), *whole(10))) == ["lost-acknowledged"]


def test_a_transaction_that_was_committed_after_the_end_was_asked_for_need_not_be_seen() -> None:
    committed = Transaction(7, 0, 80_000, 95_000, "committed")
    assert kinds(history(*in_transaction(0, 1), committed, *whole(10))) == ["unseen-tail"]


def test_of_an_aborted_transaction_nothing_is_read() -> None:
    aborted = Transaction(7, 0, 10_000, 20_000, "aborted")
    assert kinds(history(*in_transaction(0, 1), aborted, *whole(10))) == []
    judged = history(*in_transaction(0, 1), aborted, read(1, 1, reader="s"), *whole(10))
    [problem] = account(judged)
    told = "1 aborted-read: 0-1 at offset 1 (transaction 7), read by s at 0.050 s"
    assert (problem.kind, problem.found) == ("aborted-read", told)
    assert kinds(replace(judged, header=Header("t", 2, replace(STRICT, isolation_level="read_uncommitted")))) == []


def test_an_indeterminate_transaction_is_there_as_a_whole_or_not_at_all() -> None:
    unknown = Transaction(7, 0, 10_000, 20_000, "info", "KafkaTimeoutError")
    assert kinds(history(*in_transaction(0, 1), unknown, *whole(10))) == []
    assert kinds(history(*in_transaction(0, 1), unknown, read(0, 0, 1, reader="s"), *whole(10))) == []
    assert kinds(history(*in_transaction(0, 1), unknown, read(0, 0, reader="s"), *whole(10))) == ["part-of-transaction"]


def test_the_last_word_on_a_transaction_counts_but_not_a_refused_abort_after_an_indeterminate_commit() -> None:
    unknown = Transaction(7, 0, 10_000, 20_000, "info", "KafkaTimeoutError")
    refused = Transaction(7, 0, 21_000, 22_000, "aborted", "InvalidTxnStateError")
    seen = [read(0, 0, 1, reader="s"), *whole(10)]
    assert kinds(history(*in_transaction(0, 1), unknown, refused, *seen)) == []
    assert kinds(history(*in_transaction(0, 1), unknown, refused._replace(error="-"), *seen)) == ["aborted-read"]


def test_nothing_is_read_before_its_commit_was_asked_for() -> None:
    late = Transaction(7, 0, 60_000, 70_000, "committed")
    judged = history(*in_transaction(0, 1), late, read(0, 0, 1, reader="s"), *whole(10))
    [problem] = account(judged)
    assert problem.kind == "uncommitted-read"
    assert str(problem.found).startswith(
        "2 uncommitted-read: 0-0 at offset 0 (transaction 7, whose commit was asked for at 0.060 s), read by s"
    )


def test_nothing_of_an_open_transaction_is_read_but_the_history_of_a_killed_client_may_lack_its_end() -> None:
    opened = [*in_transaction(0, 1), read(0, 0, 1, reader="s")]
    assert kinds(history(*opened, *whole(10))) == []
    assert kinds(history(*opened, Finished(0, 1, 9), *whole(10))) == ["uncommitted-read"]


# --- the whole


def test_counts() -> None:
    found = balance(history(*written(0, 1), sent(2, outcome="fail"), sent(3, outcome="info"), read(0, 0, 1), *whole(2)))
    assert {what: count for what, count in found.counts.items() if count} == {
        "acknowledged": 2,
        "refused": 1,
        "indeterminate": 1,
        "records read": 2,
        "in the log": 2,
    }
    assert str(found).startswith("t: 2 acknowledged, 1 refused, 1 indeterminate, 2 records read, 2 in the log\n  acks=all, ")


def test_examples_are_there_to_be_looked_up() -> None:
    [example] = balance(history(*written(0, 1), read(0, 0), *whole(1))).examples
    assert (example.kind, example.partition, example.value) == ("lost-acknowledged", 0, value_of(0, 1))


def test_every_kind_is_forbidden_by_the_guarantee_of_the_lab() -> None:
    assert all(forbidden(kind, Guarantee()) for kind in EXPECTED)


def test_a_group_is_given_every_record() -> None:
    everything = read(0, 0, 1, 2, 3, reader="final")
    members = [read(0, 0, reader="m1"), read(2, 2, reader="m2")]
    [problem] = left_out(history(*members, everything), ["m1", "m2"])
    assert (problem.kind, problem.where, problem.found) == ("left-out", "t/0", "1 not: 0-1 at 1")
    assert left_out(history(*members, read(1, 1, reader="m2"), everything), ["m1", "m2"]) == []

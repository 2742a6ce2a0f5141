"""The judges of replicas, on logs that are equal, cut, forged or damaged."""

from dataclasses import replace
from pathlib import Path

from labs.kafka.segments import Batch, ReplicaLog
from suites.kafka.replicas import Look, hidden, lacking, missing, replica_problems, visibility_problems

FIRST = Batch(0, 2, 7, 0xAB, True, 1, 0, 0, 3, 0, "none", False, False, "0.log", 0, 100)
SECOND = replace(FIRST, base=3, last=3, crc=0xCD, records=1, position=100)


def log(*batches: Batch, torn: int = 0) -> ReplicaLog:
    end = batches[-1].last + 1 if batches else 0
    return ReplicaLog(Path("t-0"), 0, end, batches, {"0.log": torn} if torn else {})


WHOLE = log(FIRST, SECOND)


def kinds(*logs: ReplicaLog, acknowledged: tuple[int, ...] = ()) -> list[tuple[str, str]]:
    found = replica_problems("t-0", dict(enumerate(logs, 1)), acknowledged)
    return [(each.kind, each.where) for each in found]


def test_equal_replicas_with_all_that_was_acknowledged_are_well() -> None:
    assert kinds(WHOLE, WHOLE, WHOLE, acknowledged=(0, 1, 2, 3)) == []
    assert kinds(log(), log(), log()) == []


def test_a_shorter_replica_lacks_records() -> None:
    assert kinds(WHOLE, log(FIRST), log()) == [("records-missing", "t-0, broker 2"), ("records-missing", "t-0, broker 3")]


def test_what_was_acknowledged_and_no_replica_has_is_missing_at_each() -> None:
    assert kinds(log(FIRST), log(FIRST), acknowledged=(2, 3)) == [
        ("records-missing", "t-0, broker 1"),
        ("records-missing", "t-0, broker 2"),
    ]


def test_a_gap_in_the_middle_is_a_difference_and_a_loss() -> None:
    assert kinds(WHOLE, log(SECOND), acknowledged=(0, 3)) == [
        ("records-missing", "t-0, broker 2"),
        ("replicas-differ", "t-0, broker 2"),
    ]


def test_a_batch_of_another_epoch_differs_though_its_checksum_is_right() -> None:
    assert kinds(WHOLE, log(FIRST, replace(SECOND, epoch=8))) == [("replicas-differ", "t-0, broker 2")]


def test_a_batch_whose_content_is_not_what_its_checksum_says_is_damaged() -> None:
    assert kinds(WHOLE, log(replace(FIRST, sound=False), SECOND)) == [("wrong-checksum", "t-0, broker 2")]
    assert kinds(WHOLE, log(replace(FIRST, sound=None), SECOND)) == []


def test_half_a_batch_at_the_end_is_told() -> None:
    assert kinds(WHOLE, log(FIRST, SECOND, torn=40)) == [("torn-log", "t-0, broker 2: 0.log")]


def test_offsets_inside_of_batches_are_held() -> None:
    assert missing(WHOLE, [1, 2, 4, 9]) == [4, 9]
    assert lacking("t-0", WHOLE, 2) == []
    assert [each.kind for each in lacking("t-0", WHOLE, 4)] == ["records-missing"]


# --- before it is committed


def test_a_record_that_stays_invisible_until_the_silent_one_is_given_up_is_well() -> None:
    looks = [Look(0.2, 0.3, 5, 4), Look(1.1, 1.2, 5, 4), Look(1.9, 2.1, 6, 5)]
    assert visibility_problems("t-0", 5, looks, hold=2.0) == []


def test_a_record_that_shows_early_by_its_end_or_to_a_consumer_is_told() -> None:
    for early in (Look(0.4, 0.5, 6, 4), Look(0.4, 0.5, 5, 5)):
        assert [each.kind for each in visibility_problems("t-0", 5, [early], hold=2.0)] == ["visible-too-early"]


def test_looks_that_nobody_answers_show_nothing() -> None:
    unanswered, answered = Look(0.2, 0.7, -1, 4), Look(0.8, 0.9, 5, 4)
    for looks in ([], [unanswered], [unanswered, unanswered], [unanswered, Look(1.9, 2.1, 6, 5)]):
        [problem] = visibility_problems("t-0", 5, looks, hold=2.0)
        assert problem.kind == "end-not-told"
    assert visibility_problems("t-0", 5, [unanswered, answered], hold=2.0) == []
    early = Look(0.4, 0.5, -1, 5)
    assert [each.kind for each in visibility_problems("t-0", 5, [unanswered, early], hold=2.0)] == ["visible-too-early"]


def test_a_record_is_hidden_until_the_end_is_behind_it_and_it_was_read() -> None:
    assert hidden("t-0", 5, Look(0.0, 0.1, 6, 5)) == []
    assert [each.kind for each in hidden("t-0", 5, Look(0.0, 0.1, 6, 4))] == ["not-visible"]
    assert [each.kind for each in hidden("t-0", 5, Look(0.0, 0.1, -1, 5))] == ["not-visible"]

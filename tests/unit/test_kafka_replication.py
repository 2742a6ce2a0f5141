"""The judges of replication, on what brokers and clients might say."""

from collections.abc import Mapping

from labs.kafka.log_dirs import LogDir, Replica
from labs.kafka.metadata import Endpoint, Metadata, Partition, Topic
from suites.kafka.replication import (
    Sent,
    commit_problems,
    dir_problems,
    living_problems,
    placement_problems,
    size_problems,
    spread_problems,
)

IDS = (1, 2, 3)
LAYOUT = {0: [1, 2, 3], 1: [2, 3, 1], 2: [3, 1, 2]}
PLACE = ("t", 0)


def partition(*replicas: int, leader: int | None = None, isr: tuple[int, ...] | None = None) -> Partition:
    return Partition(0, replicas[0] if leader is None else leader, 5, replicas, tuple(sorted(isr or replicas)), ())


def view(
    partitions: Mapping[int, Partition], *, racks: tuple[str | None, ...] = (None, None, None), error: int = 0
) -> Metadata:
    brokers = {id: Endpoint(f"h{id}", 9093, rack) for id, rack in zip(IDS, racks, strict=True)}
    return Metadata("c", 1, brokers, {"t": Topic(error, internal=False, partitions=partitions)})


def spread(*leaders: int) -> dict[int, Partition]:
    return {number: partition(leader, *(id for id in IDS if id != leader)) for number, leader in enumerate(leaders)}


# --- where replicas are


def test_what_is_laid_out_is_found_as_it_should_be() -> None:
    whole = {number: partition(*replicas) for number, replicas in LAYOUT.items()}
    assert placement_problems("t", LAYOUT, {1: view(whole), 2: view(whole)}) == []


def test_a_replica_elsewhere_one_out_of_sync_and_another_leader_are_named() -> None:
    wrong = {0: partition(1, 2, 4), 1: partition(2, 3, 1, isr=(2, 3)), 2: partition(3, 1, 2, leader=1)}
    found = placement_problems("t", LAYOUT, {1: view(wrong)})
    assert [(each.kind, each.where) for each in found] == [
        ("wrong-replicas", "t-0, broker 1"),
        ("isr-not-full", "t-1, broker 1"),
        ("leader-not-preferred", "t-2, broker 1"),
    ]


def test_a_broker_that_does_not_answer_or_know_is_named() -> None:
    found = placement_problems("t", {0: [1, 2, 3]}, {1: "refused", 2: view({}, error=3), 3: Metadata("c", 1, {}, {})})
    assert [each.kind for each in found] == ["no-answer", "unknown-partition", "unknown-partition"]


def test_leaders_in_equal_shares_are_spread() -> None:
    assert spread_problems("t", 6, 3, IDS, {1: view(spread(1, 2, 3, 1, 2, 3))}) == []
    assert spread_problems("t", 4, 3, IDS, {1: view(spread(1, 2, 3, 1))}) == []


def test_leaders_that_are_not_spread_are_told() -> None:
    for led in ((1, 2, 1, 2), (1, 2, 3, 1, 1, 1)):
        assert [each.kind for each in spread_problems("t", len(led), 3, IDS, {1: view(spread(*led))})] == ["leaders-not-spread"]


def test_a_broker_that_is_not_shown_leads_nothing() -> None:
    shown = view(spread(1, 2, 1, 2))
    without = Metadata("c", 1, {id: end for id, end in shown.brokers.items() if id != 3}, shown.topics)
    [problem] = spread_problems("t", 4, 3, IDS, {1: without})
    assert (problem.kind, "0 by 3" in str(problem.found)) == ("leaders-not-spread", True)


def test_racks_take_turns_so_that_shares_differ_but_nobody_leads_nothing() -> None:
    racks = ("a", "a", "b")
    assert spread_problems("t", 6, 3, IDS, {1: view(spread(1, 3, 2, 3, 1, 3), racks=racks)}) == []
    assert spread_problems("t", 4, 3, IDS, {1: view(spread(1, 3, 1, 3), racks=racks)}) != []


def test_too_few_replicas_and_two_on_one_broker_are_named() -> None:
    found = spread_problems("t", 3, 3, IDS, {1: view({0: partition(1, 2), 1: partition(2, 2, 3), 2: partition(3, 1, 2)})})
    assert [(each.kind, each.where) for each in found] == [
        ("wrong-replicas", "t-0, broker 1"),
        ("wrong-replicas", "t-1, broker 1"),
    ]


# --- what is committed


def test_what_can_be_read_when_it_is_acknowledged_is_committed() -> None:
    sent = [Sent(PLACE, "a", 0, end=1), Sent(PLACE, "b", 1, end=7)]
    assert commit_problems(sent, {(PLACE, 0): "a", (PLACE, 1): "b"}) == []


def test_an_end_that_is_not_behind_a_record_and_a_record_nobody_was_given_are_told() -> None:
    sent = [Sent(PLACE, "a", 4, end=4), Sent(PLACE, "b", 5, end=6), Sent(PLACE, "c", 6), Sent(PLACE, "d", None, "time-out")]
    found = commit_problems(sent, {(PLACE, 4): "a", (PLACE, 5): "other", (PLACE, 6): "c"})
    assert [(each.kind, each.where) for each in found] == [
        ("not-acknowledged", "t-0"),
        ("not-committed", "t-0, offset 4"),
        ("not-readable", "t-0, offset 5"),
        ("not-committed", "t-0, offset 6"),
    ]


# --- what each replica holds


def holding(size: int, *, future: bool = False, error: str = "") -> tuple[LogDir, ...]:
    return (LogDir("/data", error, None, None, {PLACE: Replica(size, 0, future)}),)


def test_replicas_of_one_size_are_well() -> None:
    assert size_problems({PLACE: IDS}, {id: holding(70) for id in IDS}) == []


def test_a_smaller_one_and_one_that_is_not_there_are_named() -> None:
    dirs = {1: holding(70), 2: holding(0), 3: holding(70, future=True)}
    found = size_problems({PLACE: (*IDS, 4)}, dirs)
    assert [(each.where, each.found) for each in found] == [
        ("t-0, broker 2", "0 bytes"),
        ("t-0, broker 3", "no replica"),
        ("t-0, broker 4", "no replica"),
    ]


def test_replicas_that_are_all_empty_hold_nothing_of_what_was_written() -> None:
    assert [each.kind for each in size_problems({PLACE: (1, 2)}, {1: holding(0), 2: holding(0)})] == ["replica-behind"] * 2


def test_a_failed_directory_is_named() -> None:
    [problem] = dir_problems({1: holding(1), 2: holding(1, error="KafkaStorageError")})
    assert (problem.kind, problem.where, problem.found) == ("log-dir-failed", "broker 2: /data", "KafkaStorageError")


def test_a_topic_that_is_not_made_for_lack_of_brokers_is_not_spread() -> None:
    assert living_problems(IDS, 3, "") == []
    [problem] = living_problems(IDS, 3, "larger than available brokers: 2")
    assert (problem.kind, problem.found) == ("leaders-not-spread", "larger than available brokers: 2")

"""The judges of consumer groups, on what members and coordinators might say."""

import struct
from collections.abc import Mapping

import pytest

from labs.kafka.groups import Group, GroupMember, offsets, question
from labs.kafka.guarantee import Guarantee
from labs.kafka.journal import Assigned, Began, Commit, Entry, Journal, Told
from labs.kafka.operations import End, Header, History, Operation, Read, value_of
from labs.kafka.timing import Timing
from labs.problem import Problem
from suites.kafka.group_limits import group_limits
from suites.kafka.groups import behind, differing, owned_twice, sharing, stalled, succeeded, went_back
from suites.kafka.limits import MARGIN

MEMBERS = ("a", "b")


def journal(*entries: Entry) -> Journal:
    return Journal("g", "t", list(entries))


def commit(at: int, offset: int, member: str = "a", partition: int = 0, error: str = "") -> Commit:
    """Asked at `at`, answered 10 µs later."""
    return Commit(member, 1, at, at + 10, {partition: offset}, error)


def told(at: int, offsets: Mapping[int, int], broker: int = 1) -> Told:
    return Told(at, broker, offsets)


def group(state: str = "Stable", **reads: list[int]) -> Group:
    """By client, the partitions of topic t that it reads."""
    members = (
        GroupMember(f"{client}-uuid", client, "host", tuple(("t", number) for number in numbers))
        for client, numbers in reads.items()
    )
    return Group("g", state, "range", tuple(members), {})


def kinds(problems: list[Problem]) -> list[str]:
    return [problem.kind for problem in problems]


# --- who reads what


def test_partitions_that_are_shared_are_no_problem() -> None:
    assert sharing(group(a=[0, 1], b=[2, 3]), "t", 4, MEMBERS) == []


def test_more_members_than_partitions_may_leave_one_idle() -> None:
    assert sharing(group(a=[0], b=[]), "t", 1, MEMBERS) == []


@pytest.mark.parametrize(
    ("seen", "kind", "where"),
    [
        (group(state="PreparingRebalance", a=[0, 1], b=[2, 3]), "not-rebalanced", "g"),
        (group(state="Empty"), "not-rebalanced", "g"),
        (group(a=[0, 1, 2, 3]), "idle-member", "g: b"),
        (group(a=[0, 1], b=[2]), "unowned-partition", "t/3"),
        (group(a=[0, 1], b=[1, 2, 3]), "owned-twice", "t/1"),
        (group(a=[0], b=[1], stranger=[2, 3]), "unknown-member", "g"),
    ],
)
def test_what_is_not_shared_is_named(seen: Group, kind: str, where: str) -> None:
    [problem] = sharing(seen, "t", 4, MEMBERS)
    assert (problem.kind, problem.where) == (kind, where)


def test_two_members_of_one_name_are_one_too_many() -> None:
    twins = Group("g", "Stable", "range", group(a=[0]).members + group(a=[1]).members, {})
    assert "unknown-member" in kinds(sharing(twins, "t", 2, ["a"]))


def test_two_owners_in_one_generation() -> None:
    [problem] = owned_twice(journal(Assigned("a", 0, 3, (0, 1)), Assigned("b", 5, 3, (1, 2))))
    assert (problem.kind, problem.where) == ("owned-twice", "t/1")


def test_a_partition_passes_on_with_the_next_generation() -> None:
    passed = journal(Assigned("a", 0, 3, (0, 1)), Assigned("a", 4, 3, ()), Assigned("b", 5, 4, (0, 1)))
    assert owned_twice(passed) == []


# --- what is committed

HEALTHY = (
    Assigned("a", 0, 1, (0,)),
    Began("a", 5, 0, 0, 0),
    commit(10, 5),
    told(30, {0: 5}),
    commit(40, 9),
    Assigned("b", 60, 2, (0,)),
    Began("b", 65, 60, 0, 9),
    commit(70, 12, "b"),
    told(90, {0: 12}),
)


def test_offsets_that_grow_are_no_problem() -> None:
    healthy = journal(*HEALTHY)
    assert went_back(healthy) == differing(healthy) == []


@pytest.mark.parametrize(
    "entries",
    [
        (told(10, {0: 5}), told(20, {0: 4})),
        (told(10, {0: 5}), told(20, {})),
        (commit(10, 5), told(30, {0: 3}, broker=2)),
        (commit(10, 5), told(30, {})),
        (commit(10, 5), commit(30, 3, "b")),
        (told(10, {0: 5}), told(20, {}), commit(30, 6, "b"), told(50, {0: 6})),
        (commit(10, 5), Assigned("b", 30, 2, (0,)), Began("b", 35, 30, 0, 0)),
    ],
    ids=["less", "gone", "less-than-acknowledged", "forgotten", "an-old-member", "committed-anew", "read-again"],
)
def test_an_offset_that_goes_back(entries: tuple[Entry, ...]) -> None:
    [problem] = went_back(journal(*entries))
    assert (problem.kind, problem.where) == ("committed-offset-went-back", "t/0")


@pytest.mark.parametrize(
    "entries",
    [
        (commit(10, 5, error="KafkaTimeoutError"), told(30, {})),
        (commit(10, 5), told(15, {})),
        (commit(10, 5), Assigned("b", 15, 2, (0,)), Began("b", 30, 15, 0, 0)),
        (commit(10, 5), told(30, {0: 5, 1: 7}), told(50, {0: 5, 1: 8})),
        (commit(10, 5), told(30, {0: 5}), told(40, {0: 4}, broker=2), told(50, {0: 5}, broker=2)),
    ],
    ids=["not-acknowledged", "asked-before-the-answer", "assigned-before-the-answer", "others-grow", "known-again"],
)
def test_what_may_be_so(entries: tuple[Entry, ...]) -> None:
    assert went_back(journal(*entries)) == []


def test_each_partition_is_told_once() -> None:
    lost = journal(told(10, {0: 5, 1: 6}), told(20, {0: 4}), told(30, {0: 3}))
    assert [problem.where for problem in went_back(lost)] == ["t/0", "t/1"]


def test_what_is_committed_is_what_was_committed_last() -> None:
    [problem] = differing(journal(commit(10, 5), told(30, {0: 7})))
    assert (problem.kind, problem.expected, problem.found) == ("committed-differs", "5", 7)
    assert kinds(differing(journal(commit(10, 5), told(30, {})))) == ["committed-differs"]


def test_a_later_commit_of_which_nothing_is_known_may_count() -> None:
    tried = (commit(10, 5), commit(30, 8, error="KafkaTimeoutError"))
    assert differing(journal(*tried, told(50, {0: 8}))) == differing(journal(*tried, told(50, {0: 5}))) == []
    assert kinds(differing(journal(*tried, told(50, {0: 6})))) == ["committed-differs"]


# --- how long it takes


def test_commits_that_stall() -> None:
    slow = journal(commit(990_000, 5), commit(3_000_000, 6))
    assert stalled(slow, since=1_000_000, until=3_500_000, limit=2.1) == []
    assert kinds(stalled(slow, since=1_000_000, until=3_500_000, limit=1.9)) == ["commits-stalled"]
    assert kinds(stalled(slow, since=3_200_000, until=5_500_000, limit=2.0)) == ["commits-stalled"]


def test_commits_that_are_refused_do_not_count() -> None:
    refused = journal(commit(2_000_000, 5, error="CommitFailedError"))
    assert kinds(stalled(refused, since=1_000_000, until=3_000_000, limit=1.5)) == ["commits-stalled"]


def test_a_new_coordinator_comes_in_time() -> None:
    found = journal(told(500_000, {}, broker=1), told(1_500_000, {}, broker=1), told(4_000_000, {}, broker=2))
    assert succeeded(found, victim=1, since=1_000_000, limit=3.0) == []
    assert kinds(succeeded(found, victim=1, since=1_000_000, limit=2.9)) == ["no-new-coordinator"]
    assert kinds(succeeded(found, victim=2, since=4_000_001, limit=2.9)) == ["no-new-coordinator"]


def test_limits_follow_from_the_settings() -> None:
    timing = Timing(session=2.0, election=1.0, lag=2.0, imbalance=3.0)
    consumer = {"session_timeout_ms": 3000, "heartbeat_interval_ms": 300, "request_timeout_ms": 5000}
    limits = group_limits(timing, consumer)
    assert limits.takeover == limits.rebalance + 3.0
    assert limits.coordinator == 3.0 + MARGIN
    assert "stall: 16.30 s" in str(limits)


# --- what is read


def history(*operations: Operation) -> History:
    return History(Header("t", 1, Guarantee()), operations)


def read(reader: str, offset: int, *numbers: int) -> Read:
    return Read(reader, 0, 0, offset, tuple(value_of(0, number) for number in numbers))


def test_a_group_that_comes_to_the_end() -> None:
    assert behind(history(read("a", 0, 0, 1), read("b", 1, 1, 2), End(0, 9, 3, 3)), MEMBERS) == []


def test_a_group_that_does_not() -> None:
    [problem] = behind(history(read("a", 0, 0, 1), read("final", 0, 0, 1, 2), End(0, 9, 3, 3)), MEMBERS)
    assert (problem.kind, problem.found) == ("group-behind", "up to 2")


# --- as a broker tells


def test_the_question_for_offsets_and_for_settled_ones() -> None:
    for stable, version, flag in ((False, 6, b""), (True, 7, b"\1")):
        asked = question("g1", stable=stable)
        assert struct.unpack(">ihhi", asked[:12]) == (len(asked) - 4, 9, version, 1)
        assert asked[12:] == b"\0\x08labproof" + b"\0" + b"\x03g1" + b"\0" + flag + b"\0"


def test_committed_offsets_out_of_an_answer() -> None:
    partitions = [struct.pack(">iqi", 0, 7, -1) + b"\x01\0\0\0", struct.pack(">iqi", 1, -1, -1) + b"\0\0\x03\0"]
    topics = b"\x02" + b"\x02t" + b"\x03" + b"".join(partitions) + b"\0"
    head = b"\0" + struct.pack(">i", 0)
    assert offsets(head + topics + struct.pack(">h", 0) + b"\0") == {("t", 0): 7}
    assert offsets(head + b"\x01" + struct.pack(">h", 16) + b"\0") is None


def test_an_answer_in_which_a_commit_is_not_settled_tells_nothing() -> None:
    partitions = [struct.pack(">iqi", 0, 7, -1) + b"\x01\0\0\0", struct.pack(">iqi", 1, -1, -1) + b"\x01\0\x58\0"]
    topics = b"\x02" + b"\x02t" + b"\x03" + b"".join(partitions) + b"\0"
    assert offsets(b"\0" + struct.pack(">i", 0) + topics + struct.pack(">h", 0) + b"\0") is None


def test_a_journal_is_shown_line_by_line() -> None:
    lines = str(journal(*HEALTHY, commit(100, 13, "b", error="CommitFailedError"))).splitlines()
    assert lines[0].endswith("a: generation 1, partitions [0]")
    assert lines[-2].endswith("broker 1 tells that {0: 12} is committed")
    assert lines[-1].endswith("b: commits {0: 13}: CommitFailedError")

"""The judges of whoever keeps the metadata, and of what an administrator asks for."""

import pytest

from labs.kafka.ensemble import Server
from labs.kafka.metadata import Endpoint, Metadata, Partition, Topic
from labs.kafka.quorum import Member, Quorum
from labs.kafka.views import Membership
from labs.problem import Problem
from suites.kafka.ensemble import ensemble_problems, gone_problems, znode_problems
from suites.kafka.quorum import quorum_problems
from suites.kafka.reassignment import DONE, NOT_NEEDED, elected_problems, placed_problems, taken_problems

NOW = 1_700_000_000_000
"""Milliseconds since 1970."""


def member(late: float = 0.0, lag: int = 0) -> Member:
    return Member(100 - lag, lag, NOW - int(1000 * late))


def quorum(leader: int = 1, **voters: Member) -> Quorum:
    level = {1: member(), 2: member(0.4, 1), 3: member()}
    return Quorum(leader, 7, 100, level | {int(name[1:]): each for name, each in voters.items()}, {})


def kinds(problems: list[Problem]) -> list[str]:
    return [problem.kind for problem in problems]


def test_a_quorum_whose_members_are_level_is_well() -> None:
    assert quorum_problems(quorum(), {1, 2, 3}, {1, 2, 3}) == []


@pytest.mark.parametrize("found", ["no answer: it timed out", quorum(leader=-1)], ids=["silent", "leaderless"])
def test_a_quorum_without_a_leader(found: Quorum | str) -> None:
    assert kinds(quorum_problems(found, {1, 2, 3}, {1, 2, 3})) == ["no-quorum-leader"]


def test_a_voter_that_is_late_or_was_never_heard_of_is_behind() -> None:
    late, unheard = quorum(v3=member(late=9.0, lag=20)), quorum(v3=Member(-1, 101, -1))
    for found in (late, unheard):
        [problem] = quorum_problems(found, {1, 2, 3}, {1, 2, 3})
        assert (problem.kind, problem.where) == ("voter-behind", "voter 3")


def test_an_older_version_that_tells_no_time_is_judged_by_offsets() -> None:
    told = {number: Member(100, 0, -1) for number in (1, 2)} | {3: Member(90, 10, -1)}
    assert kinds(quorum_problems(Quorum(1, 7, 100, told, {}), {1, 2, 3}, ())) == ["voter-behind"]


def test_other_voters_than_declared_and_a_broker_that_follows_nobody() -> None:
    assert kinds(quorum_problems(quorum(), {1, 2, 4}, {1, 2, 3})) == ["wrong-voters"]
    assert kinds(quorum_problems(quorum(), {1, 2, 3}, {1, 5})) == ["not-following"]
    assert kinds(quorum_problems(quorum(leader=9), {1, 2, 3}, ())) == ["strange-leader"]


def server(mode: str, synced: int | None = None) -> Server:
    return Server(mode, "3.5.7", 1, 1, synced)


WELL = {1: server("follower"), 2: server("leader", 2), 3: server("follower")}


def test_an_ensemble_with_one_leader_is_well_and_so_is_one_alone() -> None:
    assert ensemble_problems(WELL) == []
    assert ensemble_problems({1: server("standalone")}) == []


def test_what_an_ensemble_may_lack() -> None:
    assert kinds(ensemble_problems(WELL | {1: "timed out"})) == ["server-silent"]
    assert kinds(ensemble_problems(WELL | {1: server("standalone")})) == ["standalone"]
    assert kinds(ensemble_problems(WELL | {2: server("follower")})) == ["no-ensemble-leader"]
    assert kinds(ensemble_problems(WELL | {1: server("leader", 2)})) == ["two-ensemble-leaders"]
    assert kinds(ensemble_problems(WELL | {2: server("leader", 1)})) == ["followers-behind"]
    assert kinds(ensemble_problems({1: server("leader", 0)})) == ["leader"]


def test_what_zookeeper_knows_of_brokers() -> None:
    assert znode_problems((1, 2, 3), (1, 2, 3), 2) == []
    assert kinds(znode_problems((1, 2, 3), (1, 2, 4), None)) == ["not-registered", "unknown-broker", "no-controller"]


def test_a_broker_that_another_did_not_count_on_is_gone_and_a_silent_one_says_nothing() -> None:
    before, silent = Membership(1.0, 1, (1, 2)), Membership(6.0, 2, None)
    assert gone_problems([before, silent, Membership(7.0, 1, (1, 2, 3))], (1, 2, 3), 5.0) == []
    [problem] = gone_problems([Membership(6.0, 1, (1, 2))], (1, 2, 3), 5.0)
    assert (problem.kind, problem.where, problem.found) == ("broker-gone", "broker 3, by broker 1", "gone at 1.00 s")


def view(leader: int, replicas: tuple[int, ...], isr: tuple[int, ...]) -> Metadata:
    partition = Partition(0, leader, 4, replicas, isr, ())
    return Metadata("c", 1, {1: Endpoint("h", 1, None)}, {"t": Topic(0, False, {0: partition})})


def test_replicas_are_where_they_were_asked_for_in_order_and_in_sync() -> None:
    assert placed_problems({1: view(2, (2, 3), (2, 3))}, "t", 0, [2, 3]) == []
    for wrong in (view(2, (3, 2), (2, 3)), view(2, (2, 3), (2,)), view(1, (1, 2), (1, 2)), "timed out"):
        assert kinds(placed_problems({1: wrong}, "t", 0, [2, 3])) == ["not-moved"]


def test_an_election_counts_when_it_was_carried_out_and_the_leader_leads() -> None:
    led, other = {1: view(2, (2, 1), (1, 2))}, {1: view(1, (2, 1), (1, 2))}
    assert elected_problems(led, "t", 0, 2, [NOT_NEEDED, DONE]) == []
    assert kinds(elected_problems(led, "t", 0, 2, [NOT_NEEDED])) == ["not-elected"]
    assert kinds(elected_problems(led, "t", 0, 2, [])) == ["not-elected"]
    assert kinds(elected_problems(other, "t", 0, 2, [DONE])) == ["not-led"]


def test_replicas_that_the_cluster_does_not_take_are_told_with_its_answer() -> None:
    assert taken_problems("t", 0, [2, 3], None) == []
    [found] = taken_problems("t", 0, [2, 9], "InvalidReplicaAssignmentError")
    assert (found.kind, found.where, found.found) == ("reassignment-refused", "t-0", "InvalidReplicaAssignmentError")

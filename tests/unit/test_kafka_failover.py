"""The judges of a failover, on views and histories written by hand."""

from dataclasses import replace

import pytest

from labs.kafka.metadata import Partition
from labs.kafka.operations import Header, History, Write
from labs.kafka.timing import Timing
from labs.kafka.views import View
from suites.kafka.failover import Failover, merged, overcome, problems, recovered, unclean
from suites.kafka.limits import MARGIN, limits
from suites.kafka.traffic import failed_writes, outage_problems, outages, stalled

PLACE = ("t", 0)
BROKEN, HEALED = 100.0, 110.0
TIMING = Timing(session=2.0, election=1.5, lag=2.0, imbalance=3.0)
PRODUCER = {"request_timeout_ms": 1500, "reconnect_backoff_max_ms": 200, "retry_backoff_ms": 50}
LIMITS = limits(TIMING, PRODUCER, 2.0)


def view(at: float, broker: int, leader: int | None, epoch: int = 0, isr: tuple[int, ...] = (1, 2, 3)) -> View:
    """One broker's word on the partition, whose preferred leader is 1."""
    seen = None if leader is None else Partition(0, leader, epoch, (1, 2, 3), isr, ())
    return View(at, broker, *PLACE, seen)


BEFORE = [view(90.0, broker, 1) for broker in (1, 2, 3)]
DURING = [view(100.1, 1, None), view(102.0, 2, 2, 1, (2, 3)), view(102.2, 3, 2, 1, (2, 3))]
AFTER = [
    view(110.5, 1, 2, 1, (2, 3)),
    *(view(111.0 + broker / 10, broker, 2, 1) for broker in (1, 2, 3)),
    *(view(113.0 + broker / 10, broker, 1, 2) for broker in (1, 2, 3)),
]


def failover(*views: View, victim: int | None = 1, healed: float | None = HEALED) -> Failover:
    return Failover([PLACE], (1, 2, 3), victim, views, BROKEN, HEALED - 1, healed)


def kinds(seen: Failover) -> list[str]:
    return [problem.kind for problem in problems(seen, LIMITS)]


# --- all is well


def test_a_leader_that_is_succeeded_and_comes_back_is_no_problem() -> None:
    assert problems(failover(*BEFORE, *DURING, *AFTER), LIMITS) == []


def test_a_follower_that_leaves_the_isr_and_comes_back_is_no_problem() -> None:
    gone = [view(100.1, 3, None), view(102.0, 1, 1, 0, (1, 2)), view(102.0, 2, 1, 0, (1, 2))]
    back = [view(111.0, broker, 1) for broker in (1, 2, 3)]
    assert problems(failover(*BEFORE, *gone, *back, victim=3), LIMITS) == []


def test_nothing_is_asked_of_the_isrs_when_a_controller_of_its_own_node_fails() -> None:
    assert problems(failover(*BEFORE, victim=None), LIMITS) == []


# --- while the fault is in force


def test_a_leader_that_stays_is_no_new_leader_and_its_isr_is_not_shrunk() -> None:
    seen = failover(*BEFORE, healed=None)
    assert [problem.kind for problem in overcome(seen, LIMITS)] == ["no-new-leader"] * 2 + ["isr-not-shrunk"] * 2
    assert kinds(replace(seen, healed=HEALED)) == ["no-new-leader"] * 2 + ["isr-not-shrunk"] * 2


def test_one_broker_that_never_learns_of_the_new_leader_is_named() -> None:
    found = overcome(failover(*BEFORE, *DURING[:2]), LIMITS)
    assert [problem.where for problem in found] == ["t-0, broker 3", "t-0, broker 3"]


def test_no_leader_at_all_is_not_another_one() -> None:
    nobody = [view(102.0, broker, -1, 1, (1,)) for broker in (2, 3)]
    assert "no-new-leader" in kinds(failover(*BEFORE, *nobody))


def test_a_new_leader_that_comes_late_is_told_with_its_time() -> None:
    late = BROKEN + LIMITS.succession + 0.5
    found = overcome(failover(*BEFORE, *(view(late, broker, 2, 1, (2, 3)) for broker in (2, 3))), LIMITS)
    assert [problem.kind for problem in found] == ["no-new-leader"] * 2
    assert found[0].found == f"so after {LIMITS.succession + 0.5:.2f} s"


def test_a_leader_of_other_partitions_needs_no_successor() -> None:
    led_by_another = [view(90.0, broker, 2) for broker in (1, 2, 3)]
    assert "no-new-leader" not in kinds(failover(*led_by_another))


# --- clean elections


def test_a_leader_that_was_not_in_sync_is_found() -> None:
    behind = [view(95.0, broker, 1, 0, (1,)) for broker in (1, 2, 3)]
    elected = [view(102.0, broker, 2, 1, (2,)) for broker in (2, 3)]
    [problem] = unclean(failover(*BEFORE, *behind, *elected))
    assert (problem.kind, problem.expected) == ("leader-not-from-isr", "a leader out of the ISR 1")


def test_who_left_an_isr_that_was_too_small_may_lead_where_that_is_known() -> None:
    shrunk = [view(101.0, broker, 1, 0, (1,)) for broker in (2, 3)]
    elected = [view(102.0, broker, 2, 1, (2,)) for broker in (2, 3)]
    seen = failover(*BEFORE, *shrunk, *elected)
    assert unclean(replace(seen, enough=2)) == []
    assert [each.kind for each in unclean(replace(seen, enough=1))] == ["leader-not-from-isr"]
    long_gone = [view(95.0, broker, 1, 0, (1, 3)) for broker in (1, 2, 3)]
    seen = failover(*BEFORE, *long_gone, *shrunk, *elected)
    assert [each.kind for each in unclean(replace(seen, enough=2))] == ["leader-not-from-isr"]


def test_a_partition_without_leader_in_between_hides_no_unclean_election() -> None:
    behind = [view(95.0, 2, 1, 0, (1,)), view(101.0, 2, -1, 1, (1,)), view(101.5, 2, -1, 2, ())]
    assert [each.kind for each in unclean(failover(*BEFORE, *behind, view(102.0, 2, 2, 3, (2,))))] == ["leader-not-from-isr"]


def test_an_isr_that_brokers_have_not_told_of_yet_counts() -> None:
    elected = [view(102.0, broker, 2, 1, (2,)) for broker in (2, 3)]
    seen = failover(*BEFORE, *elected)
    assert unclean(seen) == []
    assert [each.kind for each in unclean(replace(seen, stored=[view(99.9, 0, 1, 0, (1,))]))] == ["leader-not-from-isr"]


def test_a_replica_that_was_back_in_the_isr_between_two_looks_may_lead() -> None:
    behind = [view(95.0, broker, 2, 1, (2, 3)) for broker in (1, 2, 3)]
    assert unclean(failover(*BEFORE, *behind, view(102.0, 2, 1, 2, (1, 2, 3)))) == []


def test_two_leaders_of_one_epoch_are_found() -> None:
    found = unclean(failover(*BEFORE, view(102.0, 2, 2, 1, (2, 3)), view(102.0, 3, 3, 1, (2, 3))))
    assert [problem.kind for problem in found] == ["two-leaders"]


def test_what_a_broker_shows_late_is_no_new_state() -> None:
    late = view(103.0, 1, 1)
    states = [(each.leader, each.isr) for each in merged([*BEFORE, *DURING, late], PLACE)]
    assert states == [(1, (1, 2, 3)), (2, (2, 3))]


# --- after the heal


def test_an_isr_that_is_not_full_again_is_found() -> None:
    assert kinds(failover(*BEFORE, *DURING, *AFTER[:1])) == ["isr-not-full", "preferred-leader-not-back"]


def test_a_preferred_leader_that_does_not_come_back_is_found() -> None:
    found = recovered(failover(*BEFORE, *DURING, *AFTER[:4]), LIMITS)
    assert [problem.kind for problem in found] == ["preferred-leader-not-back"]
    assert "leader 2, epoch 1" in str(found[0].found)


def test_an_isr_that_is_full_too_late_is_found() -> None:
    late = HEALED + LIMITS.rejoin + 1
    back = [view(late, broker, 1, 2) for broker in (1, 2, 3)]
    assert kinds(failover(*BEFORE, *DURING, *AFTER[:1], *back)) == ["isr-not-full"]


def test_what_is_not_healed_is_not_recovered() -> None:
    assert [problem.kind for problem in recovered(failover(*BEFORE, healed=None), LIMITS)] == ["not-healed"]


# --- limits


def test_limits_are_made_of_the_settings_and_a_margin() -> None:
    assert LIMITS.succession == TIMING.leaderless + MARGIN
    assert LIMITS.outage == pytest.approx(max(TIMING.leaderless, TIMING.shrink) + 2 * 1.5 + 0.25 + 2.0 + MARGIN)
    assert "margin" in str(LIMITS)
    assert limits(replace(TIMING, session=20.0), PRODUCER, 2.0).outage == pytest.approx(LIMITS.outage + 17.0)


# --- what clients did


def write(number: int, ended: float, outcome: str = "ok", error: str = "-") -> Write:
    """Of partition `number % 2`, asked for 10 ms before its end; seconds since the history began."""
    at = int(1e6 * ended)
    return Write(0, number, "k", number % 2, at - 10_000, at, outcome, number // 2, error=error)  # type: ignore[arg-type]


def test_the_longest_outage_of_each_partition_is_measured_and_judged() -> None:
    times = [1.0, 1.1, 2.0, 2.1, 5.5, 2.2, 5.6, 2.3]
    history = History(Header("t", 2, clock=100.0), [write(number, at) for number, at in enumerate(times)])
    found = outages(history, since=101.5)
    assert [round(each.ms) for each in found] == [3500, 1000]
    [problem] = outage_problems("t", found, 3.0)
    assert (problem.kind, problem.where, problem.found) == ("outage-too-long", "t-0", "none for 3500 ms")
    assert outage_problems("t", found, 4.0) == []


def test_writes_that_failed_are_counted_by_partition_and_error() -> None:
    writes = [write(0, 1.0), write(1, 1.1, "info", "KafkaTimeoutError"), write(3, 1.2, "info", "KafkaTimeoutError")]
    [problem] = failed_writes(History(Header("t", 2), writes))
    assert (problem.kind, problem.where) == ("writes-failed", "t-1")
    assert problem.found == "2 indeterminate: KafkaTimeoutError"


def test_partitions_that_take_no_more_records_are_named() -> None:
    assert stalled("t", {0: 5, 1: 0}, {0: 15, 1: 10}, 10) == []
    found = stalled("t", {0: 5, 1: 0}, {0: 14}, 10)
    assert [(each.kind, each.where, each.found) for each in found] == [
        ("writes-not-resumed", "t-0", 9),
        ("writes-not-resumed", "t-1", 0),
    ]

"""Waits poll against a deadline and say what they last saw."""

import pytest

from labs.errors import LabError
from labs.problem import Problem
from labs.wait import ready, until, watch


def test_it_looks_at_least_once_even_with_no_time() -> None:
    seen = []
    waited = watch(lambda: seen.append(1) or len(seen), lambda count: count >= 1, within=0.0)
    assert waited.met
    assert seen == [1]


def test_it_ends_as_soon_as_the_condition_is_met() -> None:
    looks = iter(range(100))
    waited = watch(lambda: next(looks), lambda look: look == 3, within=10.0, every=0.001)
    assert (waited.met, waited.last) == (True, 3)
    assert waited.seconds < 1.0


def test_it_gives_up_at_the_deadline_with_what_was_last_seen() -> None:
    looks = iter(range(10_000))
    waited = watch(lambda: next(looks), lambda look: look < 0, within=0.05, every=0.01)
    assert not waited.met
    assert waited.last >= 1
    assert 0.05 <= waited.seconds < 0.5


def test_the_last_look_is_at_the_deadline_not_before() -> None:
    times: list[float] = []
    waited = watch(lambda: times.append(0) or len(times), lambda _: False, within=0.03, every=10.0)
    assert len(times) == 2
    assert waited.seconds >= 0.03


def test_until_names_what_did_not_come() -> None:
    with pytest.raises(LabError, match="etcd answers: not so after 0"):
        until(lambda: False, within=0.01, what="etcd answers")
    assert until(lambda: True, within=0.0, what="at once") < 0.5


def test_ready_says_what_is_still_wrong() -> None:
    problem = Problem("no-lease", "n2", "a lease", "none")
    with pytest.raises(LabError, match=r"flannel: not ready after .*no-lease at n2: expected a lease, found none"):
        ready(lambda: [problem], within=0.01, what="flannel")
    rounds = iter([[problem], []])
    assert ready(lambda: next(rounds), within=5.0, what="flannel") < 1.0

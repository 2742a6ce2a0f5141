"""Judgements fail with the judge's problems, and take the lab's state before anything is healed."""

import pytest

from labs.errors import NotStarted
from labs.problem import Problem
from proof import Unmet, eventually, evidence, holds
from proof.holds import Unsaid, coming_back, impatient, not_started

LOST = Problem("missing-route", "n1: 10.244.3.0/24", "via 192.168.0.103", "nothing")


def test_no_problem_holds() -> None:
    holds([])


def test_problems_are_shown_expected_beside_found() -> None:
    with pytest.raises(Unmet) as failure:
        holds([LOST])
    assert failure.value.kinds == {"missing-route"}
    text = str(failure.value)
    assert text.index("expected: via 192.168.0.103") < text.index("found:    nothing")


def test_many_problems_are_counted_and_the_first_shown() -> None:
    with pytest.raises(Unmet, match=r"25 problems[\s\S]*… and 15 more"):
        holds([LOST] * 25)


def test_eventually_returns_how_long_it_took() -> None:
    looks = iter([[LOST], [LOST], []])
    assert 0.0 <= eventually(lambda: next(looks), within=5.0, every=0.001) < 1.0


def test_eventually_fails_with_what_was_last_seen_and_how_long_it_waited() -> None:
    other = Problem("wrong-gateway", "n2", "a", "b")
    looks = iter([[LOST], *[[other]] * 1000])
    with pytest.raises(Unmet) as failure:
        eventually(lambda: next(looks), within=0.03, every=0.01)
    assert failure.value.kinds == {"wrong-gateway"}
    assert failure.value.waited is not None
    assert failure.value.waited >= 0.03


def test_the_state_is_taken_at_the_moment_of_the_failure() -> None:
    state = {"routes": "broken"}
    with evidence.kept() as kept:
        kept.look = lambda: dict(state)
        with pytest.raises(Unmet):
            holds([LOST])
        state["routes"] = "healed"
        evidence.capture()
    assert kept.state == {"routes": "broken"}


def test_evidence_that_cannot_be_read_does_not_hide_the_failure() -> None:
    def gone() -> dict[str, str]:
        raise OSError("node is off")

    with evidence.kept() as kept:
        kept.look = gone
        with pytest.raises(Unmet):
            holds([LOST])
    assert kept.state == {"state of the lab": "could not be read: node is off"}


def test_what_was_not_waited_for_long_enough_is_not_unmet() -> None:
    with impatient(0.03), pytest.raises(Unsaid, match=r"not so after \d\.\d s of 5\.0 s"):
        eventually(lambda: [LOST], within=5.0, every=0.01)
    with impatient(5.0), pytest.raises(Unmet):
        eventually(lambda: [LOST], within=0.03, every=0.01)
    with impatient(0.0):
        assert eventually(list, within=5.0) < 1.0


def test_one_more_problem_is_a_daemon_that_does_not_come_back() -> None:
    found = [LOST]
    with coming_back(found):
        raise NotStarted("broker1/kafka", "exit code 1", "no space")
    assert [each.kind for each in found] == ["missing-route", "not-started"]


def test_a_daemon_that_does_not_come_back_is_named_with_its_last_word() -> None:
    found = not_started(NotStarted("broker1/kafka", "exit code 1", "no space"))
    assert (found.kind, found.where) == ("not-started", "broker1/kafka")
    assert found.found == "exit code 1: no space"

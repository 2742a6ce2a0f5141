"""What else catches a fault: who is asked, what counts as catching, and that asking takes bounded time."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from labs import timeline
from labs.errors import LabError
from labs.problem import Problem
from proof import also, evidence
from proof.holds import Unmet, holds

ASKED = "suites.f.test_a.test_asked"
NAMES = ("finds", "passes", "breaks", "blocked")


def finds(lab: Any) -> None:
    evidence.attach("of another test", "text")
    timeline.note("of another test")
    holds([Problem("kind", "where", "a", "b")])


def passes(lab: Any) -> None:
    holds([])


def breaks(lab: Any) -> None:
    raise AssertionError("no judge said so")


def blocked(lab: Any) -> None:
    raise LabError("gone")


@pytest.fixture(autouse=True)
def suite(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("suites.f.test_b")
    vars(module).update({each.__name__: each for each in (finds, passes, breaks, blocked)})
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(also, "_lengths", {})
    return module


def others(*names: str) -> list[str]:
    return [f"suites.f.test_b.{name}" for name in names]


def test_only_a_judges_word_counts() -> None:
    assert list(also.catching(ASKED, others(*NAMES), None)) == others("finds")


def test_neither_itself_nor_another_suite_is_asked() -> None:
    assert list(also.catching(others("finds")[0], [*others("finds"), "suites.g.test_c.test_x"], None)) == []


def test_what_others_tell_is_not_told_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    with timeline.recorded() as recorded, evidence.kept() as kept:
        assert list(also.catching(ASKED, others("finds"), None)) == others("finds")
    assert (recorded.events, kept.texts) == ([], {})


def test_when_time_is_up_nobody_is_asked_any_more_and_the_slow_come_last(monkeypatch: pytest.MonkeyPatch, suite: Any) -> None:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(also.time, "monotonic", lambda: clock.now)

    def slow(lab: Any) -> None:
        clock.now += also.SECONDS + 1
        raise Unmet([])

    suite.slow = slow
    assert list(also.catching(ASKED, others("slow", "finds"), None)) == others("slow")
    assert list(also.catching(ASKED, others("slow", "finds"), None)) == others("finds", "slow")

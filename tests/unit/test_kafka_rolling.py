"""One after the other restarted: what becomes of a daemon that does not do as it is told."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock, PropertyMock

import pytest

from labs.errors import NotStarted, NotStopped
from labs.problem import Problem
from proof.holds import Unmet
from suites.kafka.rolling import restarted


@pytest.mark.parametrize(
    ("runs", "kinds", "done"),
    [
        ([True, False], [], ["stop", "begin", "wait"]),
        ([True] * 20, ["not-stopped"], ["stop", "kill", "begin", "wait"]),
    ],
    ids=["late", "never"],
)
def test_one_that_does_not_end_in_time_is_a_problem_and_is_killed(runs: list[bool], kinds: list[str], done: list[str]) -> None:
    daemon = Mock()
    daemon.stop.side_effect = NotStopped("kafka of broker2", "SIGTERM", 10.0)
    type(daemon).running = PropertyMock(side_effect=runs)
    found: list[Problem] = []
    run: Any = Mock(found=found, limits=SimpleNamespace(rejoin=10.3, succession=1.0))
    restarted(run, SimpleNamespace(daemon=daemon))
    assert [each.kind for each in found] == kinds
    assert [name for name, *_ in daemon.method_calls] == done
    assert run.wait.call_count == 2


def test_one_that_does_not_come_back_ends_it_and_what_the_topic_lacks_is_told() -> None:
    daemon = Mock()
    daemon.wait.side_effect = NotStarted("kafka of broker2", "no answer for 60 s", "INFO")
    found: list[Problem] = []
    run: Any = Mock(found=found, in_sync=lambda: [Problem("isr", "t-0", "3 in sync", "2")], judged=lambda _: found)
    with pytest.raises(Unmet) as failure:
        restarted(run, SimpleNamespace(daemon=daemon))
    assert failure.value.kinds == {"not-started", "isr"}

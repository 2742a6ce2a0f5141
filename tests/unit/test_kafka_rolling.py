"""One after the other restarted: what becomes of a daemon that does not do as it is told."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

from labs.errors import NotStopped
from labs.problem import Problem
from suites.kafka.rolling import restarted


def test_one_that_does_not_end_is_a_problem_and_is_killed() -> None:
    daemon = Mock()
    daemon.stop.side_effect = NotStopped("kafka of broker2", "SIGTERM", 10.0)
    found: list[Problem] = []
    run: Any = Mock(found=found)
    restarted(run, SimpleNamespace(daemon=daemon))
    assert [(each.kind, each.where) for each in found] == [("not-stopped", "kafka of broker2")]
    assert [name for name, *_ in daemon.method_calls] == ["stop", "kill", "begin", "wait"]
    assert run.wait.call_count == 2

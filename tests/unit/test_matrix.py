"""The detection matrix: what counts as caught, and what does not."""

import pytest

from proof.ledger import Finished
from proof.matrix import cell
from proof.plan import Case
from reports.outcomes import Outcome


def result(seed: str | None, outcome: Outcome, *kinds: str) -> str:
    case = Case("n", "suites.f.t", "id", "", "flannel", (), seed)
    return cell(Finished(case, outcome, None, frozenset(kinds), 0.0, 1.0), "missing-route").result


@pytest.mark.parametrize("seed", [None, "healthy"])
def test_on_the_healthy_lab_a_requirement_is_silent(seed: str | None) -> None:
    assert result(seed, Outcome.passed) == "silent"
    assert result(seed, Outcome.failed, "missing-route") == "false alarm"


def test_caught_is_a_failure_by_the_faults_own_kind() -> None:
    assert result("route_lost", Outcome.failed, "missing-route") == "caught"
    assert result("route_lost", Outcome.failed, "other", "missing-route") == "caught"


def test_any_other_failure_is_for_a_wrong_reason() -> None:
    assert result("route_lost", Outcome.failed, "other") == "wrong reason"
    assert result("route_lost", Outcome.failed) == "wrong reason"


def test_a_pass_under_a_fault_is_a_miss() -> None:
    assert result("route_lost", Outcome.passed) == "missed"


@pytest.mark.parametrize("outcome", [Outcome.blocked, Outcome.skipped])
def test_no_lab_is_neither(outcome: Outcome) -> None:
    assert result("route_lost", outcome) == str(outcome)
    assert result(None, outcome) == str(outcome)

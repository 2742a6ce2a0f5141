"""Heavy tests and cases: which they are, and that none is required that only `--full` runs."""

from types import SimpleNamespace
from typing import Any

import pytest

from labs.errors import UsageError
from proof.heavy import check, heavy, whole
from proof.requirement import full, requirement
from reports.guideline import Program, Requirement

PLAIN, HEAVY, BOTH = (f"suites.f.test_a.test_{name}" for name in ("plain", "heavy", "both"))


def item(test: str, *marks: str, case: str = "") -> Any:
    found = {mark: object() for mark in marks}
    path, _, name = test.rpartition(".")
    return SimpleNamespace(nodeid=f"{path.replace('.', '/')}.py::{name}[flannel{case}]", get_closest_marker=found.get)


ITEMS = [item(PLAIN), item(HEAVY, "full", case="-x"), item(HEAVY, "full", case="-y"), item(BOTH), item(BOTH, "full", case="-x")]


def ours(**status: str) -> Any:
    """A guideline with each test in a capability of that status."""
    held = [Requirement(f"suites.f.test_a.test_{name}", "id", (), "toys", of, None) for name, of in status.items()]  # type: ignore[arg-type]
    return SimpleNamespace(programs={"f": Program("f", "f", "", tuple(held))})


def test_a_test_is_heavy_when_all_its_cases_are() -> None:
    assert [heavy(each) for each in ITEMS] == [False, True, True, False, True]
    assert whole(ITEMS) == {HEAVY}


@pytest.mark.parametrize("status", ["advisory", "deprecated", "removed"])
def test_what_is_not_required_may_be_heavy(status: str) -> None:
    check(ITEMS, ours(plain="required", both="required", heavy=status))


def test_a_required_test_that_only_full_runs_is_refused_by_its_name() -> None:
    words = r"^suites\.f\.test_a\.test_heavy: is run with --full only, and toys of f requires it; make that advisory$"
    with pytest.raises(UsageError, match=words):
        check(ITEMS, ours(plain="required", heavy="required"))


def test_the_mark_stands_above_a_test_beside_what_else_it_declares() -> None:
    @full
    @requirement("0b6f0f2e-7c1e-4a57-9d55-3a4f3a8a1f10")
    def test() -> None: ...

    assert test.declared.id  # type: ignore[attr-defined]
    assert [mark.name for mark in test.pytestmark] == ["full"]  # type: ignore[attr-defined]

"""Flagged tests: which items of a proof have a meaning, and which work-around is in force during each."""

from types import SimpleNamespace
from typing import Any

import pytest

from labs.errors import UsageError
from labs.fault import fault
from proof import flags
from proof.requirement import Declared, Seed, mended_by, proven_by, requirement

T = "suites.f.t"


@fault("process")
def paused(lab: Any) -> Any:
    yield


@fault("process")
def restarted(lab: Any) -> Any:
    yield


@fault("process")
def rebooted(lab: Any) -> Any:
    yield


SAID = Declared("id", (Seed(paused, "dead"),), (Seed(restarted, ""), Seed(rebooted, "")))
SEEDS = ("healthy", "paused", "restarted", "rebooted")


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.setattr(flags, "test_name", lambda _: T)
    monkeypatch.setattr(flags, "declaration", lambda item: item.said)
    monkeypatch.setattr(flags, "parameter", lambda item, _: item.seed)
    return [SimpleNamespace(said=SAID, seed=seed) for seed in SEEDS]


def test_the_faults_of_a_flagged_test_are_seeded_inside_its_first_mend(items: list[Any]) -> None:
    kept = flags.proper(items, frozenset({T}))
    assert [(item.seed, flags.mend(item, frozenset({T}))) for item in kept] == [
        ("healthy", None), ("paused", "restarted"), ("restarted", "restarted"), ("rebooted", "rebooted"),
    ]  # fmt: skip


def test_a_mend_means_nothing_to_a_test_that_is_not_flagged(items: list[Any]) -> None:
    kept = flags.proper(items, frozenset())
    assert [(item.seed, flags.mend(item, frozenset())) for item in kept] == [("healthy", None), ("paused", None)]


def test_a_flagged_test_needs_a_mend(items: list[Any]) -> None:
    for item in items:
        item.said = Declared("id", SAID.seeds)
    with pytest.raises(UsageError, match=r"suites\.f\.t: is flagged and names no work-around.*@mended_by"):
        flags.proper(items, frozenset({T}))


def test_all_that_stands_above_a_test_is_declared_in_its_order() -> None:
    @requirement("0b6f0f2e-7c1e-4a57-9d55-3a4f3a8a1f10")
    @proven_by(paused, kind="dead")
    @mended_by(restarted)
    @mended_by(rebooted)
    def test() -> None: ...

    assert [seed.name for seed in test.declared.in_force] == ["paused", "restarted", "rebooted"]  # type: ignore[attr-defined]

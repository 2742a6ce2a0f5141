"""Flagged tests: which items of a proof have a meaning, and which work-around is in force during each."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from labs.errors import UsageError
from labs.fault import fault
from proof import flags
from proof.plan import Case, Plan
from proof.requirement import Declared, Seed, mended_by, proven_by, requirement
from proof.requirements import listing
from proof.selection import Judged

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


FLAG = {"reason": "D404 known", "action": "reported", "date": "2026-11-21"}
OF_IT = Case("suites/f/a.py::t", T, "id", "", "f", (("f", "default"),))


def guideline(id: str, *flags: dict[str, str] | None) -> str:
    """A program whose test stands in a capability for each of the flags."""
    names = [f"part-{number}" for number in range(len(flags))]
    return json.dumps(
        {
            "metadata": {"id": id, "schema": "2.0"},
            "platforms": {"f": {"components": [{"name": "c"}]}},
            "components": {"c": {"capabilities": {"required": names}}},
            "capabilities": {
                name: {"tests": {T: {"idempotent_id": "id-1", **({"flagged": flag} if flag else {})}}}
                for name, flag in zip(names, flags, strict=True)
            },
        }
    )


def plan(texts: dict[str, str], *variants: str) -> Plan:
    """Each guideline judges the program on the variant that stands in its place."""
    judged = tuple(Judged("f", variant, source, "f", "f") for source, variant in zip(texts, variants, strict=True))
    return Plan(judged=judged, guidelines=texts, instances=(), cases=(OF_IT,))


@pytest.mark.parametrize("order", [1, -1])
def test_known_to_fail_is_what_every_guideline_that_judges_it_flags(order: int) -> None:
    """Last year's beside this year's, in either order."""
    for old, new, known in ((None, FLAG, False), (FLAG, None, False), (FLAG, FLAG, True), (None, None, False)):
        both = {"old.json": guideline("2025.11", old), "new.json": guideline("2026.11", new)}
        texts = dict(list(both.items())[::order])
        assert flags.known(plan(texts, "default", "default")) == ({OF_IT.nodeid} if known else frozenset())


def test_a_guideline_that_judges_another_variant_has_no_say() -> None:
    texts = {"old.json": guideline("2025.11", None), "new.json": guideline("2026.11", FLAG)}
    assert flags.known(plan(texts, "legacy", "default")) == {OF_IT.nodeid}
    assert flags.known(plan(texts, "default", "legacy")) == frozenset()


def test_a_test_in_two_capabilities_is_known_to_fail_when_both_flag_it() -> None:
    for of in ((FLAG, None), (None, FLAG)):
        assert flags.known(plan({"g.json": guideline("g", *of)}, "default")) == frozenset()
    assert flags.known(plan({"g.json": guideline("g", FLAG, FLAG)}, "default")) == {OF_IT.nodeid}


def test_the_list_tells_guidelines_apart_where_there_are_several() -> None:
    texts = {"old.json": guideline("2025.11", None), "new.json": guideline("2026.11", FLAG)}
    both = plan(texts, "default", "default")
    heads = [line for line in listing(both, as_json=False).splitlines() if not line.startswith(" ")]
    assert heads == ["f (2025.11)  part-0 (required)", "f (2026.11)  part-0 (required)"]
    assert [row["guideline"] for row in json.loads(listing(both, as_json=True))] == ["2025.11", "2026.11"]
    assert listing(plan({"g.json": guideline("g", None)}, "default"), as_json=False).startswith("f  part-0 (required)")

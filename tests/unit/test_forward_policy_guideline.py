"""The forward-policy suite and the guideline agree; no lab is touched."""

import inspect
import json
from importlib import import_module
from pathlib import Path

import pytest

from labs.fault import Fault
from proof.requirement import Declared, declared

ROOT = Path(__file__).parents[2]
GUIDELINE = json.loads((ROOT / "guidelines/labproof.2026.11.json").read_text())
SUITE = [f"suites.forward_policy.{path.stem}" for path in sorted((ROOT / "suites/forward_policy").glob("test_*.py"))]


def requirements() -> dict[str, Declared]:
    """What every test of the suite declares, by its name."""
    found = {f"{name}.{key}": value for name in SUITE for key, value in vars(import_module(name)).items()}
    tests = {name: value for name, value in found.items() if name.split(".")[-1].startswith("test_")}
    return {name: declared(test) for name, test in tests.items() if inspect.isfunction(test)}


def listed(program: str, statuses: set[str]) -> dict[str, dict[str, object]]:
    """Tests of a program's capabilities of these statuses, with what the guideline says of each."""
    parts = [GUIDELINE["components"][part["name"]]["capabilities"] for part in GUIDELINE["platforms"][program]["components"]]
    names = [name for part in parts for status, names in part.items() if status in statuses for name in names]
    return {test: rule for name in names for test, rule in GUIDELINE["capabilities"][name]["tests"].items()}


def test_every_test_stands_in_the_program_under_its_id() -> None:
    everything = listed("forward-policy", {"required", "advisory"})
    ids = {test: str(rule["idempotent_id"]).removeprefix("id-") for test, rule in everything.items()}
    assert ids == {name: said.id for name, said in requirements().items()}


def test_both_back_ends_are_judged_by_default() -> None:
    for program in ("forward-policy", "forward-policy-readonly"):
        assert GUIDELINE["platforms"][program]["variants"] == ["nft", "legacy"]


def test_the_readonly_program_leaves_out_what_needs_faults() -> None:
    kept = listed("forward-policy-readonly", {"required"})
    assert {test.split(".")[2] for test in kept} == {"test_rules", "test_reach"}
    assert all(not requirements()[test].instance for test in kept)


def test_what_is_flagged_is_advisory_and_names_its_mend() -> None:
    flagged = {test for test, rule in listed("forward-policy", {"required", "advisory"}).items() if "flagged" in rule}
    assert flagged == set(listed("forward-policy", {"advisory"}))
    assert flagged == {name for name, said in requirements().items() if said.mends}


@pytest.mark.parametrize("name", requirements())
def test_each_is_proven_by_faults_that_can_be_told_apart(name: str) -> None:
    said = requirements()[name]
    names = [seed.name for seed in said.in_force]
    assert said.seeds
    assert len(set(names)) == len(names)
    assert all(isinstance(seed.fault, Fault) and seed.allow for seed in said.in_force)
    assert all(seed.kind for seed in said.seeds)

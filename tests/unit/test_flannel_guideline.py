"""The flannel suite and the guideline agree; no lab is touched."""

import inspect
import json
from importlib import import_module
from pathlib import Path

import pytest

from labs.fault import Fault
from proof.requirement import Declared, declared

ROOT = Path(__file__).parents[2]
GUIDELINE = json.loads((ROOT / "guidelines/labproof.2026.11.json").read_text())
SUITE = [f"suites.flannel.{path.stem}" for path in sorted((ROOT / "suites/flannel").glob("test_*.py"))]


def requirements() -> dict[str, Declared]:
    """What every test of the suite declares, by its name."""
    modules = {name: import_module(name) for name in SUITE}
    found = {f"{name}.{key}": value for name, module in modules.items() for key, value in vars(module).items()}
    return {
        name: declared(test)
        for name, test in found.items()
        if inspect.isfunction(test) and name.split(".")[-1].startswith("test_")
    }


def listed(program: str) -> dict[str, str]:
    """Ids by test, of all capabilities that a program requires."""
    parts = [GUIDELINE["components"][part["name"]] for part in GUIDELINE["platforms"][program]["components"]]
    capabilities = [GUIDELINE["capabilities"][name] for part in parts for name in part["capabilities"]["required"]]
    return {test: rule["idempotent_id"].removeprefix("id-") for held in capabilities for test, rule in held["tests"].items()}


def test_the_program_requires_every_test_under_its_id() -> None:
    assert listed("flannel") == {name: said.id for name, said in requirements().items()}


def test_the_readonly_program_leaves_out_what_needs_faults() -> None:
    rest = listed("flannel").keys() - listed("flannel-readonly").keys()
    assert {test.split(".")[2] for test in rest} == {"test_membership", "test_outage", "test_recovery", "test_startup"}


@pytest.mark.parametrize("name", requirements())
def test_each_is_proven_by_faults_that_can_be_told_apart(name: str) -> None:
    said = requirements()[name]
    names = [seed.name for seed in said.seeds]
    assert names
    assert len(set(names)) == len(names)
    assert all(isinstance(seed.fault, Fault) and seed.allow and seed.kind for seed in said.seeds)

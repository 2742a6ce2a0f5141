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
    """Ids by test, of all capabilities of a program that this suite has tests of."""
    parts = [GUIDELINE["components"][part["name"]] for part in GUIDELINE["platforms"][program]["components"]]
    names = [name for part in parts for status in part["capabilities"].values() for name in status]
    tests = [row for name in names for row in GUIDELINE["capabilities"][name]["tests"].items()]
    return {test: rule["idempotent_id"].removeprefix("id-") for test, rule in tests if test.startswith("suites.flannel.")}


def test_every_test_stands_in_a_program_under_its_id() -> None:
    everything = {test: id for program in GUIDELINE["platforms"] for test, id in listed(program).items()}
    assert everything == {name: said.id for name, said in requirements().items()}


@pytest.mark.parametrize("program", ["flannel", "flannel-vxlan"])
def test_the_readonly_programs_leave_out_what_needs_faults(program: str) -> None:
    kept = {test.split(".")[2] for test in listed(f"{program}-readonly")}
    assert kept <= {"test_leases", "test_routes", "test_datapath", "test_vxlan", "test_vxlan_path"}
    assert {"test_leases", "test_routes", "test_datapath"} <= kept


@pytest.mark.parametrize("name", requirements())
def test_each_is_proven_by_faults_that_can_be_told_apart(name: str) -> None:
    said = requirements()[name]
    names = [seed.name for seed in said.seeds]
    assert names
    assert len(set(names)) == len(names)
    assert all(isinstance(seed.fault, Fault) and seed.allow and seed.kind for seed in said.seeds)

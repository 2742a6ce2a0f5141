"""The Kafka suite and the guideline agree; no lab is touched."""

import ast
import inspect
import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from textwrap import dedent

import pytest

from labs.fault import Fault
from labs.kafka.existing import ExistingKafka
from labs.kafka.variant import VARIANTS
from proof.requirement import Declared, declared

ROOT = Path(__file__).parents[2]
GUIDELINE = json.loads((ROOT / "guidelines/labproof.2026.11.json").read_text())
PROGRAMS = [name for name in GUIDELINE["platforms"] if name.partition("-")[0] == "kafka"]
READONLY = [name for name in PROGRAMS if name.endswith("-readonly")]
SUITE = [f"suites.kafka.{path.stem}" for path in sorted((ROOT / "suites/kafka").glob("test_*.py"))]


def requirements() -> dict[str, Declared]:
    """What every test of the suite declares, by its name."""
    modules = {name: import_module(name) for name in SUITE}
    found = {f"{name}.{key}": value for name, module in modules.items() for key, value in vars(module).items()}
    return {
        name: declared(test)
        for name, test in found.items()
        if inspect.isfunction(test) and name.split(".")[-1].startswith("test_")
    }


def capabilities(program: str) -> list[str]:
    parts = [GUIDELINE["components"][part["name"]] for part in GUIDELINE["platforms"][program]["components"]]
    return [name for part in parts for names in part["capabilities"].values() for name in names]


def listed(program: str) -> dict[str, str]:
    """Ids by test, of all capabilities of a program."""
    tests = [row for name in capabilities(program) for row in GUIDELINE["capabilities"][name]["tests"].items()]
    return {test: rule["idempotent_id"].removeprefix("id-") for test, rule in tests}


def test_every_test_stands_in_a_program_under_its_id() -> None:
    everything = {test: id for program in PROGRAMS for test, id in listed(program).items()}
    assert everything == {name: said.id for name, said in requirements().items()}


@pytest.mark.parametrize("name", [name for name in GUIDELINE["capabilities"] if name.partition("-")[0] == "kafka"])
def test_every_capability_is_one_programs_and_maybe_its_readonly_siblings(name: str) -> None:
    program, *others = (program for program in PROGRAMS if name in capabilities(program))
    assert others in ([], [f"{program}-readonly"])


@pytest.mark.parametrize("program", READONLY)
def test_a_readonly_program_is_its_siblings_but_for_what_operates(program: str) -> None:
    sibling = GUIDELINE["platforms"][program.removesuffix("-readonly")]
    kept = [part for part in sibling["components"] if part["name"].endswith("-observe")]
    about = {**sibling, "components": kept, "description": ""}
    assert {**GUIDELINE["platforms"][program], "description": ""} == about
    assert kept
    assert all(part in kept or part["name"].endswith("-operate") for part in sibling["components"])


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_are_judged_on_variants_that_there_are(program: str) -> None:
    about = GUIDELINE["platforms"][program]
    applies = about.get("applies_to", list(VARIANTS))
    # the official schema lets a name without a hyphen have no more than components
    assert about.get("lab", program.removesuffix("-readonly")) == "kafka"
    assert set(about.get("variants", [])) <= set(applies) <= set(VARIANTS)


@pytest.mark.parametrize("test", sorted({test for program in READONLY for test in listed(program)}))
def test_what_needs_no_fault_asks_only_for_what_an_existing_cluster_has(test: str) -> None:
    """By its source, and that of the functions of the suite that it leads to."""
    module, _, name = test.rpartition(".")
    if module.endswith("test_ensemble"):
        pytest.skip("ZooKeepers are asked on their own network; no existing cluster is judged so")
    wanted = {each for source in sources(getattr(import_module(module), name)) for each in asked(source)}
    assert wanted
    assert wanted <= existing()


def test_programs_that_no_existing_cluster_serves_are_those_of_the_ensemble() -> None:
    assert [name for name in READONLY if "kafka-ensemble" in capabilities(name)] == ["kafka-zookeeper-readonly"]


def existing() -> set[str]:
    """What an existing cluster has."""
    tree = ast.parse(inspect.getsource(import_module(ExistingKafka.__module__)))
    own = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _called(node.value, "self")}
    return own | set(vars(ExistingKafka))


def sources(function: object, seen: set[object] | None = None) -> Iterator[ast.AST]:
    """Of a function (or class), and of those of the suite that it names; not of faults."""
    seen = set() if seen is None else seen
    if function in seen:
        return
    seen.add(function)
    tree = ast.parse(dedent(inspect.getsource(function)))  # type: ignore[arg-type]
    tree.body[0].decorator_list = []  # type: ignore[attr-defined]
    yield tree
    around = vars(inspect.getmodule(function))
    for name in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}:
        other = around.get(name)
        if (inspect.isfunction(other) or inspect.isclass(other)) and other.__module__.startswith("suites.kafka"):
            yield from sources(other, seen)


def asked(tree: ast.AST) -> Iterator[str]:
    """Attributes of `kafka`, a lab or an existing cluster; and uses of `kafka.brokers`, which is ids alone in the latter."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _called(node.value, "kafka"):
            yield node.attr
        if isinstance(node, ast.Subscript | ast.Attribute) and _called(node.value, "brokers") and _of_kafka(node.value):
            yield f"brokers {ast.unparse(node)}"


def _of_kafka(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and _called(node.value, "kafka")


def _called(node: ast.expr, name: str) -> bool:
    """Whether it is a variable of that name, or something's attribute."""
    return (isinstance(node, ast.Name) and node.id == name) or (isinstance(node, ast.Attribute) and node.attr == name)


SOURCE = """
def look(kafka):
    return kafka.cluster.doors, [each for each in kafka.brokers], self.kafka.within, kafka.brokers[1].node
"""


def test_what_a_source_asks_for_is_found() -> None:
    assert sorted(asked(ast.parse(SOURCE))) == ["brokers", "brokers", "brokers kafka.brokers[1]", "cluster", "within"]
    assert {"cluster", "outside", "brokers", "clients", "timing"} <= existing()
    assert existing().isdisjoint({"within", "inside", "site", "zookeepers", "controllers", "files"})


@pytest.mark.parametrize("name", requirements())
def test_each_is_proven_by_faults_that_can_be_told_apart(name: str) -> None:
    said = requirements()[name]
    names = [seed.name for seed in said.seeds]
    assert names
    assert len(set(names)) == len(names)
    assert all(isinstance(seed.fault, Fault) and seed.allow and seed.kind for seed in said.seeds)

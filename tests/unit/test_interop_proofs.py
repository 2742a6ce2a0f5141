"""The table of which seeded fault each foreign test finds, and what a plan refuses of it."""

from collections.abc import Collection
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from labs.errors import UsageError
from labs.fault import Fault
from proof.foreign import proven
from proof.foreign.naming import foreign
from proof.selection import own_guideline
from reports.guideline import Guideline, Program, Requirement
from reports.tempest import installed
from suites.interop import faults
from suites.interop.proofs import PROOFS

SEEDS = [(test, seed) for test, seeds in PROOFS.items() for seed in seeds]
FAULTS = {seed.fault for _, seed in SEEDS}


@cache
def ours() -> Guideline:
    return own_guideline(Path(faults.__path__[0]).parents[2])


@cache
def asked() -> dict[str, str]:
    """The foreign tests of our guideline, and their capabilities."""
    requirements = (each for program in ours().programs.values() for each in program.requirements)
    return {each.test: each.capability for each in requirements if foreign(each)}


def test_every_name_stands_in_our_guideline_and_is_a_test_of_the_installed_tempest() -> None:
    assert set(PROOFS) <= set(asked())
    assert set(PROOFS) <= set(installed.tests().ids)


def test_every_capability_has_a_test_that_was_seen_to_find_a_fault() -> None:
    assert {asked()[test] for test in PROOFS} == set(asked().values())
    proven.check(PROOFS, asked(), ours())


def test_faults_are_told_apart_by_their_names_and_each_says_what_it_breaks() -> None:
    names = [fault.name for fault in FAULTS if isinstance(fault, Fault)]
    assert len(set(names)) == len(FAULTS)
    assert [fault for fault in FAULTS if not str(fault.__doc__).endswith(".")] == []
    assert [seed for seeds in PROOFS.values() for seed in seeds if len({each.name for each in seeds}) < len(seeds)] == []


def test_no_fault_is_there_for_nothing() -> None:
    modules = [import_module(each.name) for each in iter_modules(faults.__path__, f"{faults.__name__}.")]
    made = {fault for module in modules for fault in vars(module).values() if isinstance(fault, Fault)}
    assert made == FAULTS


def test_a_test_that_is_proven_fails_by_what_it_judges() -> None:
    """An answer of a broken server, or none, would be found by any test."""
    assert {seed.kind for _, seed in SEEDS} & {"ServerFault", "UnexpectedResponseCode", "TimeoutException", "Fail"} == set()


def guideline(**capabilities: Collection[str]) -> Guideline:
    requirements = tuple(
        Requirement(test, None, (f"{test}_before",), capability, "required", None)
        for capability, tests in capabilities.items()
        for test in tests
    )
    return replace(ours(), programs={"identity": Program("identity", "identity", "", requirements)})


TWO = {"tokens": ["tempest.a", "tempest.b"], "roles": ["tempest.c"]}


def test_a_capability_that_nothing_proves_is_refused_where_it_is_run() -> None:
    with pytest.raises(UsageError, match=r'"roles" of .*: no test of it has a seeded fault'):
        proven.check(["tempest.a"], ["tempest.b", "tempest.c"], guideline(**TWO))
    proven.check(["tempest.a"], ["tempest.b"], guideline(**TWO))
    proven.check(["tempest.a_before", "tempest.c"], ["tempest.b", "tempest.c"], guideline(**TWO))


def test_a_fault_of_a_test_that_nobody_asks_for_is_refused() -> None:
    with pytest.raises(UsageError, match=r"tempest\.d: has a seeded fault and stands in no guideline of ours"):
        proven.check(["tempest.a", "tempest.d"], ["tempest.a"], guideline(**TWO))

"""The judges of robustness, on hand-written data."""

import json
from dataclasses import replace
from importlib import import_module
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from threading import Event

import pytest

from labs.errors import LabError
from labs.fault import Lapsed
from labs.flannel.observations import Lease
from labs.problem import Problem
from labs.repeating import repeated
from labs.timeline import note, recorded
from proof.requirement import declared
from suites.flannel.robustness import (
    Condition,
    draws,
    health_problems,
    intruders,
    starts,
    unhealed,
    unrefused,
    untold,
    without_subnet,
)

GUIDELINE = json.loads((Path(__file__).parents[2] / "guidelines/labproof.2026.11.json").read_text())
SUBNET = IPv4Network("10.244.1.0/24")
NODES = {f"n{n}": IPv4Address(f"192.168.0.{100 + n}") for n in (1, 2)}
LEASES = [Lease(IPv4Network(f"10.244.{n}.0/24"), NODES[f"n{n}"]) for n in (1, 2)]
RUNS, WAS_KILLED, REVOKED, PANICKED = (
    Condition("n1", True), Condition("n1", False, -9), Condition("n1", False, 0), Condition("n1", False, 2),
)  # fmt: skip
AILS = [Problem("missing-route", "n1: 10.244.2.0/24", "via 192.168.0.102 dev eth0", "no route")]


def test_whatever_is_wrong_with_a_way_it_is_not_healed() -> None:
    assert unhealed([]) == []
    assert unhealed(AILS) == [replace(AILS[0], kind="not-healed")]


@pytest.mark.parametrize(("flanneld", "gave_up"), [(RUNS, False), (WAS_KILLED, False), (REVOKED, True), (PANICKED, True)])
def test_who_was_killed_did_not_give_up(flanneld: Condition, gave_up: bool) -> None:
    assert flanneld.gave_up is gave_up
    assert replace(flanneld, running=True).gave_up is False


def test_each_node_with_its_lease_and_a_flanneld() -> None:
    assert without_subnet(NODES, [RUNS, Condition("n2", True)], LEASES) == []


@pytest.mark.parametrize(("flanneld", "leases"), [(RUNS, LEASES[1:]), (REVOKED, LEASES), (PANICKED, LEASES[1:])])
def test_a_node_without_a_subnet(flanneld: Condition, leases: list[Lease]) -> None:
    [problem] = without_subnet(NODES, [flanneld, Condition("n2", True)], leases)
    assert (problem.kind, problem.where) == ("no-subnet", "n1")
    assert str(flanneld) in str(problem.found)


@pytest.mark.parametrize(("nodes", "count"), [(2, 13), (3, 6), (4, 4), (10, 2), (30, 1), (100, 1)])
def test_starts_enough_that_chance_hides_nothing(nodes: int, count: int) -> None:
    assert starts(nodes) == count


@pytest.mark.parametrize(("nodes", "count"), [(2, 2), (3, 3), (10, 10), (30, 13), (100, 14)])
def test_draws_enough_for_the_last_node(nodes: int, count: int) -> None:
    assert draws(nodes) == count


FIRST = replace(LEASES[0], vni=1, vtep="02:00:00:00:00:01")
OTHER = replace(FIRST, subnet=IPv4Network("10.244.9.0/24"))


@pytest.mark.parametrize(
    ("leases", "second", "kinds"),
    [
        ([FIRST, LEASES[1]], Condition("spare", False, 1), []),
        ([FIRST, LEASES[1]], Condition("spare", False, 1, SUBNET), []),
        ([FIRST, LEASES[1]], Condition("spare", True), []),
        ([FIRST], Condition("spare", True, None, SUBNET), ["shared-subnet"]),
        ([replace(FIRST, vtep="02:00:00:00:00:02")], Condition("spare", True), ["lease-taken"]),
        ([OTHER], Condition("spare", True, None, OTHER.subnet), ["lease-taken"]),
        ([FIRST, OTHER], Condition("spare", True, None, OTHER.subnet), ["lease-taken"]),
        ([], Condition("spare", True, None, SUBNET), ["shared-subnet", "lease-taken"]),
    ],
)
def test_a_second_node_of_one_address(leases: list[Lease], second: Condition, kinds: list[str]) -> None:
    assert [problem.kind for problem in intruders(FIRST, second, leases)] == kinds


COMPLAINT = "E1121 11:58:45.578519      17 main.go:493] lease of 192.168.0.101 is another node's"
ASKS = "I1121 11:58:45.578519      17 main.go:493] Using 192.168.0.101 as external address\nE1121 11:58:46 17 etcd away"


@pytest.mark.parametrize(
    ("second", "log", "kinds"),
    [
        (Condition("spare", False, 1), "", []),
        (Condition("spare", True), f"{ASKS}\n{COMPLAINT}", []),
        (Condition("spare", True), ASKS, ["not-refused"]),
        (Condition("spare", True), COMPLAINT.replace("101", "1011"), ["not-refused"]),
        (Condition("spare", False, -9), ASKS, ["not-refused"]),
    ],
)
def test_a_refusal_is_an_end_or_a_complaint(second: Condition, log: str, kinds: list[str]) -> None:
    assert [problem.kind for problem in unrefused(second, log, NODES["n1"])] == kinds


@pytest.mark.parametrize(
    ("status", "ailments", "kinds"),
    [
        (200, [], []),
        (503, AILS, []),
        (None, AILS, []),
        (200, AILS, ["false-health"]),
        (503, [], ["false-alarm"]),
        (None, [], ["false-alarm"]),
    ],
)
def test_a_health_check_agrees_with_what_there_is(status: int | None, ailments: list[Problem], kinds: list[str]) -> None:
    assert [problem.kind for problem in health_problems("n1", status, ailments)] == kinds


@pytest.mark.parametrize(("status", "told"), [(200, False), (None, False), (503, True), (500, True)])
def test_only_an_answer_tells_that_something_is_wrong(status: int | None, told: bool) -> None:
    assert (untold("n1", status) == []) is told


def test_what_is_flagged_names_its_mend_and_nothing_else_has_one() -> None:
    tests = {name: rule for held in GUIDELINE["capabilities"].values() for name, rule in held["tests"].items()}
    flagged = {name for name, rule in tests.items() if "flagged" in rule and name.startswith("suites.flannel.")}
    names = ("test_robust_routes", "test_robust_start", "test_robust_vxlan", "test_health")
    modules = {name: import_module(f"suites.flannel.{name}") for name in names}
    mended = {
        f"suites.flannel.{module}.{name}"
        for module, held in modules.items()
        for name, test in vars(held).items()
        if name.startswith("test_") and declared(test).mends
    }
    assert flagged == mended


def test_repeated_work_that_the_lab_refuses_is_tried_again() -> None:
    seen = Event()

    def work() -> None:
        if seen.is_set():
            return
        seen.set()
        raise LabError("not now")

    with repeated(work, every=0.01):
        assert seen.wait(5)


def test_repeated_work_does_not_stop_silently() -> None:
    tried = Event()

    def work() -> None:
        tried.set()
        raise KeyError("a mistake")

    with pytest.raises(Lapsed, match="a mistake"), repeated(work, every=0.01):
        assert tried.wait(5)


def test_repeated_work_is_on_the_timeline() -> None:
    with recorded() as timeline:
        done = Event()
        with repeated(lambda: (note("again"), done.set()), every=0.01):
            assert done.wait(5)
    assert "again" in [event for _, event in timeline.events]

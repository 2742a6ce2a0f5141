"""The judges of the data path, of recovery and of starts, on hand-written data."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from labs.flannel.observations import Delivery, Routing
from labs.observe.links import Counters
from labs.observe.routing import Route
from labs.problem import Problem
from suites.flannel.datapath import (
    Burst,
    forwarding_problems,
    full_size_problems,
    masquerade_problems,
    oversize_problems,
    path_problems,
    reach_problems,
    source_problems,
)
from suites.flannel.recovery import Stopwatch, distribution, unhurt
from suites.flannel.startup import given_reason, reason_problems, refusal_problems, route_problems

POD, NODE = IPv4Address("10.244.1.2"), IPv4Address("192.168.0.101")
ARRIVED = Delivery("p1", "p2", POD, IPv4Address("10.244.2.2"), 92, POD)
LOST = replace(ARRIVED, seen_from=None)
REFUSED = replace(LOST, refused=True)
MASQUERADED = replace(ARRIVED, seen_from=NODE)


def kinds(problems: list[Problem]) -> list[str]:
    return [problem.kind for problem in problems]


def test_who_reaches_whom() -> None:
    assert reach_problems([ARRIVED, MASQUERADED]) == []
    (problem,) = reach_problems([ARRIVED, LOST])
    assert (problem.kind, problem.where) == ("undelivered", "p1 → p2")


def test_the_source_is_kept() -> None:
    assert source_problems([ARRIVED]) == []
    assert kinds(source_problems([MASQUERADED, LOST])) == ["source-changed", "undelivered"]


def test_outside_sees_the_node() -> None:
    assert masquerade_problems([MASQUERADED], {"p1": NODE}) == []
    assert kinds(masquerade_problems([ARRIVED, LOST], {"p1": NODE})) == ["not-masqueraded", "undelivered"]


def test_the_full_mtu_passes_and_one_byte_more_is_refused() -> None:
    assert full_size_problems([ARRIVED]) == [] == oversize_problems([REFUSED])
    assert kinds(full_size_problems([LOST, REFUSED])) == ["full-mtu-lost", "full-mtu-lost"]
    assert kinds(oversize_problems([ARRIVED, LOST])) == ["oversize-passed", "oversize-lost"]


BURST = Burst("n1", "n2", count=100, size=1000, arrived=100)
BARE = 100 * 1014


def carried(sent: int = BARE, received: int = BARE, third: int = 0) -> dict[str, Counters]:
    return {"n1": Counters(sent_bytes=sent), "n2": Counters(received_bytes=received), "n3": Counters(sent_bytes=third)}


@pytest.mark.parametrize("more", [0, 500])
def test_the_straight_way(more: int) -> None:
    assert path_problems(BURST, carried(BARE + more, BARE + more, more)) == []


@pytest.mark.parametrize("overhead", [20, 50])
def test_a_tunnels_overhead_is_seen_on_both_sides(overhead: int) -> None:
    found = BARE + 100 * overhead
    assert kinds(path_problems(BURST, carried(found, found))) == ["encapsulated", "encapsulated"]


def test_other_ways() -> None:
    assert kinds(path_problems(BURST, carried(third=BARE))) == ["detour"]
    assert kinds(path_problems(BURST, carried(sent=0))) == ["not-on-path"]
    assert kinds(path_problems(replace(BURST, arrived=99), carried())) == ["undelivered"]


def test_forwarding() -> None:
    assert forwarding_problems({"n1": {"all": True, "eth0": True}}) == []
    assert [p.where for p in forwarding_problems({"n1": {"all": True, "eth0": False}})] == ["n1: eth0"]


def missing(place: str) -> Problem:
    return Problem("missing-route", place, "a route", "none")


def test_the_stopwatch_notes_when_each_place_was_right_again() -> None:
    watch = Stopwatch()
    watch.look(0.0, [missing("a"), missing("b")])
    watch.look(1.5, [missing("b")])
    watch.look(9.5, [])
    assert watch.seconds == {"a": 1.5, "b": 9.5}
    text = distribution([watch, Stopwatch()], 12.0)
    assert "round 1: 2 routes, 1.50 s to 9.50 s" in text
    assert "round 2: none came back" in text
    assert "9 s  ▇ 1" in text


def test_a_fault_that_lost_nothing_proves_nothing() -> None:
    assert unhurt(1, [missing("a")]) == []
    assert kinds(unhurt(2, [missing("a")])) == ["not-lost"]


def test_routes_where_there_must_be_none() -> None:
    own = Route(IPv4Network("10.244.1.0/24"), None, "cni0")
    stray = Route(IPv4Network("10.244.2.0/24"), IPv4Address("192.168.0.102"), "eth0")
    network = IPv4Network("10.244.0.0/16")
    assert route_problems("n1", Routing(NODE, (own,), ()), network) == []
    assert kinds(route_problems("n1", Routing(NODE, (own, stray), ()), network)) == ["route-without-lease"]


def test_reasons_and_refusals() -> None:
    log = "start\nE1 Couldn't fetch network config: key not found\nmore"
    assert reason_problems("n1", log, "fetch network config") == []
    assert given_reason(log, "fetch network config").endswith("key not found")
    (problem,) = reason_problems("n2", "", "fetch network config")
    assert (problem.kind, problem.where, problem.found) == ("no-reason", "n2", "nothing")
    assert kinds(refusal_problems("n1", True)) == ["not-refused"]
    assert refusal_problems("n1", False) == []

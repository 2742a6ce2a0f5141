"""The judge of routes, on hand-written tables."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from labs.flannel.observations import Lease, Routing
from labs.observe.routing import Route, Rule
from suites.flannel.routes import audit

NETWORK = IPv4Network("10.244.0.0/16")
RULES = (Rule(0, table="local"), Rule(32766, table="main"), Rule(32767, table="default"))


def subnet(number: int) -> IPv4Network:
    return IPv4Network(f"10.244.{number}.0/24")


def address(number: int) -> IPv4Address:
    return IPv4Address(f"192.168.0.{100 + number}")


def route(destination: str | IPv4Network, gateway: int | None = None, device: str = "eth0", **more: object) -> Route:
    return Route(IPv4Network(destination), address(gateway) if gateway else None, device, **more)  # type: ignore[arg-type]


def leases(count: int = 3) -> list[Lease]:
    return [Lease(subnet(n), address(n)) for n in range(1, count + 1)]


def routing(here: int = 1, count: int = 3) -> Routing:
    peers = tuple(route(subnet(n), n) for n in range(1, count + 1) if n != here)
    own = (
        route(subnet(here), device="cni0"),
        route(f"10.244.{here}.1/32", device="cni0", table="local", kind="local"),
        route(f"10.244.{here}.255/32", device="cni0", table="local", kind="broadcast"),
    )
    others = (route("192.168.0.0/24"), route("0.0.0.0/0", 9), route(f"192.168.0.{100 + here}/32", table="local", kind="local"))
    return Routing(address(here), (*own, *peers, *others), RULES)


def judged(routes: tuple[Route, ...], rules: tuple[Rule, ...] = RULES) -> dict[str, str]:
    """Kinds by place, for node n1 of three."""
    problems = audit({"n1": replace(routing(), routes=routes, rules=rules)}, leases(), NETWORK)
    return {problem.where: problem.kind for problem in problems}


def without(*destinations: IPv4Network) -> tuple[Route, ...]:
    return tuple(row for row in routing().routes if row.destination not in destinations)


def test_right_routes_are_no_problem() -> None:
    nodes = {f"n{n}": routing(n) for n in (1, 2, 3)}
    assert audit(nodes, leases(), NETWORK) == []


def test_a_missing_route_is_named_with_what_was_expected() -> None:
    (problem,) = audit({"n1": replace(routing(), routes=without(subnet(2)))}, leases(), NETWORK)
    assert (problem.kind, problem.where) == ("missing-route", "n1: 10.244.2.0/24")
    assert problem.expected == "via 192.168.0.102 dev eth0"


def test_the_own_subnet_has_to_be_on_the_bridge() -> None:
    assert judged(without(subnet(1)))["n1: 10.244.1.0/24"] == "missing-route"
    there = (*without(subnet(1)), route(subnet(1), 2))
    assert judged(there)["n1: 10.244.1.0/24"] == "wrong-gateway"


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (route(subnet(2), 3), "wrong-gateway"),
        (route(subnet(2)), "wrong-gateway"),
        (route(subnet(2), 2, device="eth1"), "wrong-device"),
        (route(subnet(2), device="", kind="blackhole"), "blackhole-route"),
        (route(subnet(2), device="", kind="unreachable"), "blackhole-route"),
        (route(subnet(2), device="", kind="throw"), "blackhole-route"),
        (route(subnet(2), device="", kind="multipath"), "wrong-gateway"),
        (route(subnet(2), 2, flags=("linkdown",)), "dead-route"),
    ],
)
def test_a_wrong_route_in_place_of_the_right_one(found: Route, kind: str) -> None:
    assert judged((*without(subnet(2)), found)) == {"n1: 10.244.2.0/24": kind}


@pytest.mark.parametrize("other", [route(subnet(2), 3, metric=100), route(subnet(2), device="", kind="blackhole", metric=7)])
def test_a_second_route_behind_the_right_one_is_a_duplicate(other: Route) -> None:
    assert judged((*routing().routes, other)) == {"n1: 10.244.2.0/24": "duplicate-route"}


def test_a_prepended_route_shadows() -> None:
    assert judged((route(subnet(2), 3), *routing().routes)) == {"n1: 10.244.2.0/24": "shadowed-route"}


def test_a_lower_metric_shadows_wherever_it_is_listed() -> None:
    rows = (*without(subnet(2)), route(subnet(2), 2, metric=50), route(subnet(2), 3, metric=5))
    assert judged(rows) == {"n1: 10.244.2.0/24": "shadowed-route"}


@pytest.mark.parametrize("part", ["10.244.2.0/25", "10.244.2.128/25", "10.244.2.2/32"])
def test_a_longer_prefix_shadows_though_it_has_the_same_gateway(part: str) -> None:
    assert judged((*routing().routes, route(part, 2))) == {"n1: 10.244.2.0/24": "shadowed-route"}
    assert judged((*routing().routes, route(part, device="", kind="blackhole"))) == {"n1: 10.244.2.0/24": "shadowed-route"}


@pytest.mark.parametrize(
    ("destination", "device"), [("10.0.0.0/8", "lo"), ("10.244.1.7/32", "cni0"), ("10.244.1.0/24", "cni0"), ("0.0.0.0/0", "lo")]
)
def test_the_local_table_may_have_the_bridges_own_addresses_alone(destination: str, device: str) -> None:
    rows = (*routing().routes, route(destination, device=device, table="local", kind="local"))
    assert judged(rows) == {"n1: table local": "shadowed-route"}


VXLAN = [replace(lease, backend="vxlan", vni=1, vtep=f"02:00:00:00:00:0{n}") for n, lease in enumerate(leases(), 1)]


def tunnelled(*more: Route) -> dict[str, str]:
    """Kinds by place, for node n1 of three with vxlan, and what else is in its tables."""
    own = [row for row in routing().routes if row.gateway not in (address(2), address(3))]
    peers = [Route(subnet(n), IPv4Address(f"10.244.{n}.0"), "flannel.1", flags=("onlink",)) for n in (2, 3)]
    end = route("10.244.1.0/32", device="flannel.1", table="local", kind="local")
    there = replace(routing(), routes=(*own, *peers, end, *more))
    return {problem.where: problem.kind for problem in audit({"n1": there}, VXLAN, NETWORK)}


def test_with_vxlan_the_tunnel_end_has_the_subnets_first_address() -> None:
    assert tunnelled() == {}
    assert judged((*routing().routes, route("10.244.1.0/32", device="flannel.1", table="local", kind="local"))) != {}


@pytest.mark.parametrize(
    ("destination", "device"), [("10.244.2.0/32", "flannel.1"), ("10.244.1.0/24", "flannel.1"), ("10.244.1.0/32", "flannel.2")]
)
def test_the_tunnel_end_has_no_other_address_of_its_own(destination: str, device: str) -> None:
    found = tunnelled(route(destination, device=device, table="local", kind="local"))
    assert found == {"n1: table local": "shadowed-route"}


def test_a_local_route_to_a_peers_pod_shadows() -> None:
    rows = (*routing().routes, route("10.244.2.2/32", device="lo", table="local", kind="local"))
    assert judged(rows) == {"n1: table local": "shadowed-route"}


@pytest.mark.parametrize("destination", ["10.244.9.0/24", "10.244.0.0/16", "10.244.9.9/32"])
@pytest.mark.parametrize("kind", ["unicast", "blackhole"])
def test_a_route_without_a_lease_is_stale(destination: str, kind: str) -> None:
    assert judged((*routing().routes, route(destination, 3, kind=kind))) == {f"n1: {destination}": "stale-route"}


def test_a_lease_that_is_gone_makes_its_route_stale() -> None:
    problems = audit({"n1": routing()}, leases(2), NETWORK)
    assert [(p.kind, p.where) for p in problems] == [("stale-route", "n1: 10.244.3.0/24")]


def test_other_networks_and_less_specific_routes_do_not_matter() -> None:
    assert (
        judged((*routing().routes, route("10.0.0.0/8", 3), route("10.245.1.0/24", 3), route("10.244.2.0/24", 3, table="77")))
        == {}
    )


TABLE = (*routing().routes, route(subnet(2), 3, table="77"))


@pytest.mark.parametrize(
    "rule",
    [
        Rule(100, table="77"),
        Rule(100, table="77", destination=subnet(2)),
        Rule(100, table="77", source=IPv4Network("10.244.0.0/16")),
        Rule(100, table="77", selectors=("iif cni0",)),
        Rule(100, action="blackhole", destination=IPv4Network("10.244.2.2/32")),
        Rule(100, action="goto", target=32767),
    ],
)
def test_a_rule_that_takes_traffic_away_is_found(rule: Rule) -> None:
    assert judged(TABLE, (*RULES[:1], rule, *RULES[1:])) == {"n1: rule 100": "shadowing-rule"}


@pytest.mark.parametrize(
    "rule",
    [
        Rule(100, table="78"),
        Rule(100, table="77", destination=subnet(9)),
        Rule(100, table="77", source=IPv4Network("172.16.0.0/12")),
        Rule(100, table="77", suppress=24),
        Rule(100, table="main", suppress=0),
        Rule(100, action="goto", target=32766),
        Rule(40000, table="77"),
    ],
)
def test_a_rule_that_takes_nothing_away_is_no_problem(rule: Rule) -> None:
    assert judged(TABLE, tuple(sorted((*RULES, rule), key=lambda r: r.priority))) == {}


def test_another_table_with_the_same_route_takes_nothing_away() -> None:
    rows = (*routing().routes, route(subnet(2), 2, table="77"))
    assert judged(rows, (Rule(100, table="77"), *RULES)) == {}


COPY = tuple(replace(row, table="77") for row in routing().routes if row.table == "main")


@pytest.mark.parametrize("part", [None, subnet(2), IPv4Network("10.244.2.2/32"), IPv4Network("10.244.0.0/16")])
def test_a_copy_of_the_main_table_takes_nothing_away(part: IPv4Network | None) -> None:
    assert judged((*routing().routes, *COPY), (Rule(100, table="77", destination=part), *RULES)) == {}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        (route("10.244.2.0/25", 3, table="77"), "10.244.2.0/25"),
        (route("10.244.2.2/32", device="", kind="blackhole", table="77"), "blackhole 10.244.2.2/32"),
        (route("10.244.3.0/24", 2, table="77", metric=5), None),
        (route("10.244.2.0/25", 2, table="77"), None),
        (route("10.244.2.0/25", device="", kind="throw", table="77"), None),
        (route("10.244.0.0/16", 3, table="77"), None),
        (route("10.244.2.0/25", 3, table="78"), None),
    ],
)
def test_of_such_a_copy_the_longest_prefix_decides(more: Route, found: str | None) -> None:
    problems = audit(
        {"n1": replace(routing(), routes=(*routing().routes, *COPY, more), rules=(Rule(100, table="77"), *RULES))},
        leases(),
        NETWORK,
    )
    assert [(problem.kind, found in str(problem.found)) for problem in problems if found] == (
        [("shadowing-rule", True)] if found else []
    )
    assert bool(problems) == bool(found)


def test_a_copy_that_lacks_a_subnet_takes_it_away_by_its_default_route() -> None:
    rows = (*routing().routes, *(row for row in COPY if row.destination != subnet(2)))
    assert judged(rows, (Rule(100, table="77"), *RULES)) == {"n1: rule 100": "shadowing-rule"}
    assert judged(rows, (Rule(100, table="77", destination=subnet(3)), *RULES)) == {}
    assert judged(rows, (Rule(100, table="77", suppress=0), *RULES)) == {}


def test_in_a_copy_the_lower_metric_is_taken() -> None:
    rows = (
        *routing().routes,
        *COPY[:1],
        *(replace(row, metric=50) for row in COPY[1:]),
        route(subnet(2), 3, table="77", metric=5),
    )
    assert judged(rows, (Rule(100, table="77"), *RULES)) == {"n1: rule 100": "shadowing-rule"}


def test_a_rule_for_one_pod_is_judged_by_that_pods_routes() -> None:
    pod = IPv4Network("10.244.2.2/32")
    rows = (*routing().routes, *COPY, route("10.244.2.128/25", 3, table="77"))
    assert judged(rows, (Rule(100, table="77", destination=pod), *RULES)) == {}
    assert judged(rows, (Rule(100, table="77"), *RULES)) == {"n1: rule 100": "shadowing-rule"}


def test_a_default_route_in_another_table_takes_all_away() -> None:
    rows = (*routing().routes, route("0.0.0.0/0", 9, table="77"))
    assert judged(rows, (Rule(100, table="77"), *RULES)) == {"n1: rule 100": "shadowing-rule"}


def test_a_main_table_that_nothing_looks_up_is_found() -> None:
    assert judged(routing().routes, (RULES[0], RULES[2])) == {"n1": "missing-rule"}


def test_each_of_several_problems_is_told() -> None:
    rows = (*without(subnet(2), subnet(3)), route(subnet(2), 3), route("10.244.9.0/24", 3))
    expected = {"n1: 10.244.2.0/24": "wrong-gateway", "n1: 10.244.3.0/24": "missing-route", "n1: 10.244.9.0/24": "stale-route"}
    assert judged(rows) == expected


def test_a_ghost_lease_is_expected_to_be_routed_as_flannel_does() -> None:
    ghost = Lease(IPv4Network("10.244.9.0/24"), IPv4Address("192.168.0.77"))
    kinds = {p.kind for p in audit({"n1": routing()}, [*leases(), ghost], NETWORK)}
    assert kinds == {"missing-route"}

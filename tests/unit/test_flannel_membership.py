"""The judges of nodes that join, leave, die and come back, and how long they are waited for."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from labs.flannel.observations import Lease, Routing
from labs.flannel.traffic import Track
from labs.observe.routing import Route
from labs.problem import Problem
from suites.flannel.membership import (
    aftermath,
    down,
    flow_problems,
    holder_missing,
    lingering,
    moved,
    renewal_problems,
    unaware,
    way_problems,
)
from suites.flannel.waiting import MARGIN, RENEWED, news, reconnection

NETWORK = IPv4Network("10.244.0.0/16")
ONE = Lease(IPv4Network("10.244.1.0/24"), IPv4Address("192.168.0.101"), number=11)
TWO = Lease(IPv4Network("10.244.2.0/24"), IPv4Address("192.168.0.102"), number=12)
LEASES = [ONE, TWO]


def route(lease: Lease, gateway: IPv4Address | None = None, kind: str = "unicast") -> Route:
    return Route(lease.subnet, gateway or lease.public_ip, "eth0", "main", kind)


def routing(lease: Lease, *routes: Route) -> Routing:
    """A node with this lease: no bridge, as before its first pod."""
    return Routing(lease.public_ip, routes, ())


def found(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.kind, problem.where) for problem in problems]


def test_nodes_need_a_way_to_each_other_but_none_to_their_own_subnet() -> None:
    right = {"n1": routing(ONE, route(TWO)), "n2": routing(TWO, route(ONE))}
    assert way_problems(right, LEASES, NETWORK) == []


@pytest.mark.parametrize(
    ("routes", "kind"),
    [
        ([], "missing-route"),
        ([route(TWO, IPv4Address("192.168.0.77"))], "wrong-gateway"),
        ([Route(TWO.subnet, None, "", "main", "blackhole")], "blackhole-route"),
    ],
)
def test_a_way_that_is_missing_or_wrong_is_named(routes: list[Route], kind: str) -> None:
    nodes = {"n1": routing(ONE, *routes), "n2": routing(TWO, route(ONE))}
    assert found(way_problems(nodes, LEASES, NETWORK)) == [(kind, "n1: 10.244.2.0/24")]


def test_a_vxlan_lease_asks_for_the_tunnel() -> None:
    far = replace(TWO, backend="vxlan", vni=1, vtep="aa:bb:cc:dd:ee:ff")
    tunnel = Route(far.subnet, far.subnet.network_address, "flannel.1", "main", "unicast")
    assert way_problems({"n1": routing(ONE, tunnel)}, [ONE, far], NETWORK) == []
    assert found(way_problems({"n1": routing(ONE, route(TWO))}, [ONE, far], NETWORK)) == [
        ("wrong-gateway", "n1: 10.244.2.0/24")
    ]


def test_a_node_without_a_lease_is_named() -> None:
    assert holder_missing("n1", ONE.public_ip, LEASES) == []
    assert found(holder_missing("n1", ONE.public_ip, [TWO])) == [("missing-lease", "n1")]


def test_only_who_still_routes_a_subnet_is_named() -> None:
    nodes = {"n1": routing(ONE, route(TWO)), "n3": routing(ONE)}
    assert found(lingering(nodes, TWO.subnet)) == [("stale-route", "n1: 10.244.2.0/24")]
    assert lingering(nodes, ONE.subnet) == []


def test_a_lost_lease_is_to_be_routed_nowhere_unless_it_was_taken_anew() -> None:
    there, gone = {"n1": routing(ONE, route(TWO))}, {"n1": routing(ONE)}
    anew = replace(TWO, number=22)
    assert aftermath(gone, TWO, [ONE], NETWORK) == []
    assert found(aftermath(there, TWO, [ONE], NETWORK)) == [("stale-route", "n1: 10.244.2.0/24")]
    assert found(aftermath(there, TWO, LEASES, NETWORK)) == [("stale-route", "n1: 10.244.2.0/24")]
    assert aftermath(there, TWO, [ONE, anew], NETWORK) == []
    assert found(aftermath(gone, TWO, [ONE, anew], NETWORK)) == [("missing-route", "n1: 10.244.2.0/24")]


def test_who_takes_a_lost_subnet_is_routed_in_its_place() -> None:
    third = replace(TWO, number=22, public_ip=IPv4Address("192.168.0.103"))
    nodes = {"n1": routing(ONE, route(TWO))}
    assert found(aftermath(nodes, TWO, [ONE, third], NETWORK)) == [("wrong-gateway", "n1: 10.244.2.0/24")]


def test_an_owner_may_end_or_lease_anew_but_not_run_on() -> None:
    assert unaware("n1", False, ONE.public_ip, [TWO]) == []
    assert unaware("n1", True, ONE.public_ip, LEASES) == []
    assert found(unaware("n1", True, ONE.public_ip, [TWO])) == [("unaware-owner", "n1")]


def test_who_holds_another_subnet_than_before_is_named() -> None:
    assert list(moved(LEASES, [*LEASES, replace(TWO, public_ip=IPv4Address("192.168.0.103"))])) == []
    assert found(list(moved(LEASES, [ONE]))) == [("other-subnet", "192.168.0.102")]
    assert found(list(moved([ONE], [replace(ONE, subnet=TWO.subnet)]))) == [("other-subnet", "192.168.0.101")]


@pytest.mark.parametrize(
    ("after", "left", "kinds"),
    [
        ([replace(ONE, number=21)], 86400, []),
        ([replace(ONE, number=21)], 2, ["short-lease"]),
        ([replace(ONE, number=21)], -1, ["short-lease"]),
        ([ONE], 86400, ["unrenewed-lease"]),
        ([TWO], 86400, ["missing-lease"]),
        ([replace(ONE, number=21, public_ip=TWO.public_ip)], 86400, ["missing-lease"]),
    ],
)
def test_a_renewed_lease_is_the_same_with_its_full_time(after: list[Lease], left: int, kinds: list[str]) -> None:
    problems = renewal_problems(ONE, after, {lease.number: left for lease in after}, RENEWED)
    assert [problem.kind for problem in problems] == kinds


def test_a_lease_of_which_nothing_is_known_is_short() -> None:
    assert [p.kind for p in renewal_problems(ONE, [replace(ONE, number=21)], {}, RENEWED)] == ["short-lease"]


def test_a_flanneld_that_ended_is_named() -> None:
    assert found(down({"n1": True, "n2": False})) == [("flanneld-down", "n2")]


def track(sent: int, arrived: dict[int, float]) -> Track:
    return Track("a", "b", tuple(number / 10 for number in range(sent)), arrived)


def test_what_comes_late_or_out_of_order_is_not_lost() -> None:
    assert list(flow_problems([track(3, {0: 0.1, 2: 0.3, 1: 9.0})])) == []


def test_what_is_lost_is_counted_with_its_time() -> None:
    [problem] = flow_problems([track(4, {0: 0.0, 3: 0.3})])
    assert (problem.kind, problem.where) == ("lost-traffic", "a → b")
    assert problem.found == "2 lost, sent at 0.10 s to 0.20 s"
    [problem] = flow_problems([track(2, {0: 0.0})])
    assert problem.found == "1 lost, sent at 0.10 s"


def test_a_flow_without_traffic_proves_nothing() -> None:
    assert [problem.kind for problem in flow_problems([track(0, {})])] == ["no-traffic"]


def test_a_track_tells_its_longest_gap() -> None:
    assert track(4, {0: 0.0, 2: 0.2, 1: 0.1, 3: 0.55}).told == "a → b: 4 sent, 0 lost, longest gap 350 ms"
    assert track(2, {}).longest_gap == 0.0


def test_news_may_take_two_seconds_with_three_nodes_and_five_with_thirty() -> None:
    assert (news(2), news(3), news(30)) == (2.0, 2.0, 5.0)
    assert 2.0 < news(10) < news(20) < 5.0


def test_the_longer_an_outage_the_longer_the_pause_that_may_be_left() -> None:
    assert reconnection(0.5) == pytest.approx(1.2 + MARGIN)
    assert reconnection(30) == pytest.approx(1.6**6 * 1.2 + MARGIN)
    assert reconnection(36000) == pytest.approx(120 * 1.2 + MARGIN)

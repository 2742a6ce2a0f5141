"""When a flannel lab counts as settled."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from labs.flannel.observations import Delivery, Lease, Routing
from labs.flannel.settled import unsettled_masquerade, unsettled_pods, unsettled_routes
from labs.observe.routing import Route

NETWORK = IPv4Network("10.244.0.0/16")
N1, N2 = IPv4Address("192.168.0.101"), IPv4Address("192.168.0.102")
OWN, PEER = IPv4Network("10.244.1.0/24"), IPv4Network("10.244.2.0/24")
LEASES = [Lease(OWN, N1), Lease(PEER, N2)]
ROUTES = (Route(OWN, None, "cni0"), Route(PEER, N2, "eth0"), Route(IPv4Network("192.168.0.0/24"), None, "eth0"))
SENT = Delivery("pod of n1", "outside", IPv4Address("10.244.1.2"), IPv4Address("192.168.0.253"), 92, N1)


def wrong(*routes: Route) -> list[str]:
    return [problem.where for problem in unsettled_routes({"n1": Routing(N1, routes, ())}, LEASES, NETWORK)]


def test_routes_are_as_leased() -> None:
    assert wrong(*ROUTES) == []
    assert wrong(ROUTES[0]) == ["n1"]
    assert wrong(*ROUTES, Route(IPv4Network("10.244.9.0/24"), N2, "eth0")) == ["n1"]
    assert wrong(ROUTES[0], replace(ROUTES[1], gateway=N1)) == ["n1"]


def test_pods_arrive_and_are_masqueraded() -> None:
    assert unsettled_pods([SENT]) == unsettled_masquerade([SENT]) == []
    [lost] = unsettled_pods([replace(SENT, seen_from=None)])
    [bare] = unsettled_masquerade([replace(SENT, seen_from=SENT.source_address)])
    assert (lost.kind, bare.kind) == ("unsettled-pods", "unsettled-masquerade")

"""Seeded faults of routes and rules."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from labs.fault import fault
from labs.faults import paused, route_added, route_deleted, route_replaced, rule_added
from labs.flannel.lab import FlannelLab
from labs.flannel.node import BRIDGE, DEVICE
from suites.flannel.faults.places import first_two, lease_of

UNLEASED = IPv4Network("10.244.254.0/24")
"""No lease is ever of it: flannel takes the first hundred that are free."""
TABLE = 77


@fault("process", "network")
def route_lost(flannel: FlannelLab) -> Iterator[None]:
    """A peer's route deleted while flanneld is paused, so that nothing heals it."""
    here, peer = first_two(flannel)
    with paused(here.flanneld), route_deleted(here, lease_of(flannel, peer).subnet):
        yield


@fault("process", "network")
def wrong_gateway(flannel: FlannelLab) -> Iterator[None]:
    """A peer's route by way of a host that is not the peer."""
    here, peer = first_two(flannel)
    wrong = f"{lease_of(flannel, peer).subnet} via {flannel.outside.address} dev {DEVICE}"
    with paused(here.flanneld), route_replaced(here, wrong):
        yield


@fault("process", "network")
def wrong_device(flannel: FlannelLab) -> Iterator[None]:
    """A peer's route into the bridge of the node's own pods."""
    here, peer = first_two(flannel)
    lease = lease_of(flannel, peer)
    wrong = f"{lease.subnet} via {lease.way(DEVICE)[0]} dev {BRIDGE} onlink"
    with paused(here.flanneld), route_replaced(here, wrong):
        yield


@fault("process", "network")
def blackholed(flannel: FlannelLab) -> Iterator[None]:
    """A blackhole in the place of a peer's route."""
    here, peer = first_two(flannel)
    with paused(here.flanneld), route_replaced(here, f"blackhole {lease_of(flannel, peer).subnet}"):
        yield


@fault("network")
def own_subnet_lost(flannel: FlannelLab) -> Iterator[None]:
    """The route to a node's own pods deleted."""
    here, _ = first_two(flannel)
    with route_deleted(here, lease_of(flannel, here).subnet):
        yield


@fault("network")
def unleased_route(flannel: FlannelLab) -> Iterator[None]:
    """A route to a part of the network that nobody holds a lease of."""
    here, peer = first_two(flannel)
    with route_added(here, f"{UNLEASED} via {peer.address} dev {DEVICE}"):
        yield


@fault("network")
def doubled_route(flannel: FlannelLab) -> Iterator[None]:
    """A second route to a peer's subnet, behind the right one."""
    here, peer = first_two(flannel)
    with route_added(here, f"{lease_of(flannel, peer).subnet} via {flannel.outside.address} metric 100"):
        yield


@fault("network")
def longer_prefix(flannel: FlannelLab) -> Iterator[None]:
    """A blackhole for half of a peer's subnet."""
    here, peer = first_two(flannel)
    half = next(lease_of(flannel, peer).subnet.subnets())
    with route_added(here, f"blackhole {half}"):
        yield


@fault("network")
def prepended_route(flannel: FlannelLab) -> Iterator[None]:
    """A route to a peer's subnet put in front of the right one."""
    here, peer = first_two(flannel)
    with route_added(here, f"{lease_of(flannel, peer).subnet} via {flannel.outside.address} dev {DEVICE}", how="prepend"):
        yield


@fault("network")
def other_table(flannel: FlannelLab) -> Iterator[None]:
    """A policy rule that sends a peer's subnet to a table of its own."""
    here, peer = first_two(flannel)
    subnet = lease_of(flannel, peer).subnet
    with route_added(here, f"blackhole {subnet} table {TABLE}"), rule_added(here, f"pref 100 to {subnet} lookup {TABLE}"):
        yield

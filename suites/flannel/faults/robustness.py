"""Seeded faults of robustness, and what others do wrong to flannel's nodes in its tests."""

from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import IPv4Address

from labs.fault import fault
from labs.faults import isolated, route_deleted, route_replaced
from labs.flannel.lab import FlannelLab
from labs.flannel.node import DEVICE, SUBNET_FILE
from labs.flannel.registry import PREFIX
from labs.observe.everywhere import everywhere
from labs.observe.reading import told
from suites.flannel.faults.places import first_two, lease_of
from suites.flannel.faults.repeating import repeated
from suites.flannel.faults.restarting import started_anew

CUT_EVERY = 0.02


@fault("network")
def way_lost_to_etcd(flannel: FlannelLab) -> Iterator[None]:
    """One node does not reach etcd: whatever its flanneld is to put right, it does not know how."""
    with isolated(flannel.nodes[0], flannel.site.nodes["etcd"]):
        yield


@fault("network")
def route_lost_for_good(flannel: FlannelLab) -> Iterator[None]:
    """A route lost on a node that does not reach etcd, so that not even a new start of flanneld brings it back."""
    here, peer = first_two(flannel)
    subnet = lease_of(flannel, peer).subnet
    with way_lost_to_etcd(flannel), route_deleted(here, subnet):
        yield


@fault("network")
def spare_cut_off(flannel: FlannelLab) -> Iterator[None]:
    """The spare node does not reach etcd any more once it has had a lease, each time that it joins."""
    etcd, spare = flannel.site.nodes["etcd"], flannel.spare
    with ExitStack() as cuts:
        cut = False

        def follow() -> None:
            nonlocal cut
            leased = spare.subnet_env() is not None
            if leased and not cut:
                cuts.enter_context(isolated(spare, etcd))
            elif cut and not leased:
                cuts.close()
            cut = leased

        with repeated(follow, every=CUT_EVERY):
            yield


@fault("node")
def cloned(flannel: FlannelLab) -> Iterator[None]:
    """The spare node is a copy of the first: its subnet.env says that the first node's subnet is its own."""
    copy = told(flannel.nodes[0].host, f"cat {SUBNET_FILE}")
    told(flannel.spare.host, f"mkdir -p /run/flannel; echo %s > {SUBNET_FILE}", copy)
    yield
    told(flannel.spare.host, f"rm -f {SUBNET_FILE}")


# --- what the suite itself does


@fault("network")
def route_turned(flannel: FlannelLab, case: str) -> Iterator[None]:
    """A node's route to a peer replaced: by way of a host that is not the peer ("wrong gateway"), or by a "blackhole"."""
    here, peer = first_two(flannel)
    subnet = lease_of(flannel, peer).subnet
    routes = {"wrong gateway": f"{subnet} via {flannel.outside.address} dev {DEVICE}", "blackhole": f"blackhole {subnet}"}
    with route_replaced(here, routes[case]):
        yield


@fault("process", "network")
def registered(flannel: FlannelLab, key: str, value: str) -> Iterator[None]:
    """Something that is no lease among the leases; on heal it is gone, and every flanneld starts anew."""
    flannel.registry.put(key, value)
    yield
    flannel.registry.delete(key)
    everywhere(flannel.nodes, started_anew)


@fault("process", "node")
def joined(flannel: FlannelLab, *, prefix: str = PREFIX, public_ip: IPv4Address | None = None) -> Iterator[None]:
    """The spare node joins, another registry's network or under another public IP; on heal it is a new machine again."""
    flannel.spare.configure(prefix, public_ip)
    flannel.join()
    yield
    flannel.leave()
    flannel.spare.configure()
    if prefix != PREFIX:
        flannel.registry.beside(prefix).delete_all()

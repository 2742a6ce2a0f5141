"""Seeded faults of robustness, and what others do wrong to flannel's nodes in its tests."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Address

from labs.fault import fault
from labs.faults import isolated, paused, route_deleted, route_replaced
from labs.flannel.lab import FlannelLab
from labs.flannel.node import DEVICE, FlannelNode
from labs.flannel.registry import PREFIX
from labs.observe.everywhere import everywhere
from labs.putting_back import ip
from labs.repeating import repeated
from suites.flannel.faults.membership import joined
from suites.flannel.faults.places import first_two, lease_of

CUT_EVERY, TURN_EVERY = 0.02, 0.2


@fault("network")
def way_lost_to_etcd(flannel: FlannelLab) -> Iterator[None]:
    """One node does not reach etcd: whatever its flanneld is to put right, it does not know how."""
    with isolated(flannel.nodes[0], flannel.site.nodes["etcd"]):
        yield


@fault("network")
def route_lost_for_good(flannel: FlannelLab) -> Iterator[None]:
    """A node that has lost every route to a peer, its static twin too, and whose paused flanneld does not bring it back."""
    here, peer = first_two(flannel)
    with paused(here.flanneld), route_deleted(here, lease_of(flannel, peer).subnet):
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


@fault("process")
def cloned(flannel: FlannelLab) -> Iterator[None]:
    """The spare node is a copy of the first machine, its ID too, by which a start guard knows it."""
    with _guarded_by(flannel.spare, flannel.nodes[0].guard):
        yield


@fault("process", "network")
def asking_in_vain(flannel: FlannelLab) -> Iterator[None]:
    """The spare node's flanneld has no guard, and no way to etcd: it does not get what it is not to have, and asks for ever."""
    with _guarded_by(flannel.spare, ()), isolated(flannel.spare, flannel.site.nodes["etcd"]):
        yield


@contextmanager
def _guarded_by(node: FlannelNode, guard: tuple[str, ...]) -> Iterator[None]:
    """Another start guard for a flanneld that does not run."""
    own, node.guard = node.guard, guard
    node.configure()
    try:
        yield
    finally:
        node.guard = own
        node.configure()


# --- what the suite itself does


@fault("network")
def route_turned(flannel: FlannelLab, case: str) -> Iterator[None]:
    """A node's route to a peer replaced: by way of a host that is not the peer ("wrong gateway"), or by a "blackhole"."""
    with route_replaced(flannel.nodes[0], _turned(flannel, case)):
        yield


@fault("network")
def route_turned_for_good(flannel: FlannelLab, case: str) -> Iterator[None]:
    """Such a route replaced, and again whenever somebody has put it right."""
    here, wrong = flannel.nodes[0], _turned(flannel, case)
    with route_replaced(here, wrong), repeated(lambda: ip(here.host, "ip -4 route replace", wrong), every=TURN_EVERY):
        yield


def _turned(flannel: FlannelLab, case: str) -> str:
    subnet = lease_of(flannel, flannel.nodes[1]).subnet
    return {"wrong gateway": f"{subnet} via {flannel.outside.address} dev {DEVICE}", "blackhole": f"blackhole {subnet}"}[case]


@fault("process", "network")
def registered(flannel: FlannelLab, key: str, value: str) -> Iterator[None]:
    """Something that is no lease among the leases; on heal it is gone, and every flanneld starts anew."""
    flannel.registry.put(key, value)
    yield
    flannel.registry.delete(key)
    everywhere(flannel.nodes, lambda node: node.restart())


@fault("process", "node")
def joined_otherwise(flannel: FlannelLab, *, prefix: str = PREFIX, public_ip: IPv4Address | None = None) -> Iterator[None]:
    """The spare node joins another registry's network, or under another public IP."""
    flannel.spare.configure(prefix, public_ip)
    with joined(flannel):
        yield
    flannel.spare.configure()
    if prefix != PREFIX:
        flannel.registry.beside(prefix).delete_all()

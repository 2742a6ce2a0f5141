"""Seeded faults of the data path."""

from collections.abc import Iterator
from contextlib import contextmanager

from labs.errors import LabError
from labs.fault import fault
from labs.faults import paused, route_replaced
from labs.flannel.lab import FlannelLab
from labs.flannel.node import DEVICE, FlannelNode
from suites.flannel.faults.places import all_paused, commanded, first_two, lease_of, way_to


@fault("network")
def forward_dropped(flannel: FlannelLab) -> Iterator[None]:
    """A rule in front of flannel's that drops what is forwarded from pods."""
    rule = f"FORWARD -s {flannel.network} -j DROP"
    with commanded(flannel.nodes[0], f"iptables -I {rule}", f"iptables -D {rule}"):
        yield


@fault("network")
def forwarding_off(flannel: FlannelLab) -> Iterator[None]:
    """A node that forwards no more."""
    switch = "/proc/sys/net/ipv4/ip_forward"
    with commanded(flannel.nodes[0], f"echo 0 > {switch}", f"echo 1 > {switch}"):
        yield


@fault("network")
def masqueraded_inside(flannel: FlannelLab) -> Iterator[None]:
    """Pods' packets to pods masqueraded, in front of flannel's rules."""
    rule = f"POSTROUTING -s {flannel.network} -d {flannel.network} -j MASQUERADE"
    with commanded(flannel.nodes[0], f"iptables -t nat -I {rule}", f"iptables -t nat -D {rule}"):
        yield


@fault("network")
def masquerade_skipped(flannel: FlannelLab) -> Iterator[None]:
    """flannel's masquerading left at its first rule."""
    rule = "FLANNEL-POSTRTG -m comment --comment skipped -j RETURN"
    with commanded(flannel.nodes[0], f"iptables -t nat -I {rule}", f"iptables -t nat -D {rule}"):
        yield


@fault("network")
def narrow_link(flannel: FlannelLab) -> Iterator[None]:
    """A node's device that passes smaller packets than pods may send."""
    node = flannel.nodes[1]
    mtu = node.links()[DEVICE].mtu
    with commanded(node, f"ip link set {DEVICE} mtu 1400", f"ip link set {DEVICE} mtu {mtu}"):
        yield


@fault("network")
def wide_pods(flannel: FlannelLab) -> Iterator[None]:
    """Pods of one node that may send larger packets than the way to the others passes."""
    node = flannel.nodes[0]
    kept = node.links()["cni0"].mtu
    ports = "$(ls /sys/class/net/cni0/brif)"

    def at(mtu: int) -> str:
        return f"for p in {ports} cni0; do ip link set $p mtu {mtu} || exit 1; done; ip -n pod link set eth0 mtu {mtu}"

    with commanded(node, at(9000), at(kept)):
        yield


@fault("process", "network")
def detour(flannel: FlannelLab) -> Iterator[None]:
    """The way to a peer's pods by a third node, which forwards them."""
    if len(flannel.nodes) < 3:
        raise LabError("a detour needs a third node")
    here, peer, third = flannel.nodes[:3]
    gateway, device = lease_of(flannel, third).way(DEVICE)
    wrong = f"{lease_of(flannel, peer).subnet} via {gateway} dev {device} onlink"
    with paused(here.flanneld), route_replaced(here, wrong):
        yield


@fault("process", "network")
def tunnelled(flannel: FlannelLab) -> Iterator[None]:
    """Two nodes' pods connected through a VXLAN tunnel that is not flannel's, of another VNI and port."""
    with _other_tunnel(flannel, "id 77 dstport 4790"):
        yield


@fault("process", "network")
def other_vni(flannel: FlannelLab) -> Iterator[None]:
    """Two nodes' pods connected through a VXLAN tunnel of another VNI at flannel's own port."""
    with _other_tunnel(flannel, "id 77 dstport 8472"):
        yield


@contextmanager
def _other_tunnel(flannel: FlannelLab, tunnel: str) -> Iterator[None]:
    """A tunnel (as `ip link` is told of it) between the first two nodes, their flannelds paused."""
    here, peer = first_two(flannel)
    there, back = (here, peer, "172.31.77.1/30", "172.31.77.2"), (peer, here, "172.31.77.2/30", "172.31.77.1")
    with all_paused([here, peer]), _tunnel_end(flannel, tunnel, *there), _tunnel_end(flannel, tunnel, *back):
        yield


@contextmanager
def _tunnel_end(flannel: FlannelLab, tunnel: str, here: FlannelNode, peer: FlannelNode, own: str, other: str) -> Iterator[None]:
    do = (
        f"ip link add tunnel type vxlan {tunnel} dev {DEVICE} local {here.address} remote {peer.address}"
        f" && ip address add {own} dev tunnel && ip link set tunnel up"
        f" && ip route replace {lease_of(flannel, peer).subnet} via {other} dev tunnel"
    )
    with commanded(here, do, f"ip route replace {way_to(flannel, peer)}; ip link del tunnel"):
        yield

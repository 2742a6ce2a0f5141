"""Seeded faults of the vxlan back end's devices, and of what leases tell of them."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from labs.fault import fault
from labs.faults import killed, paused
from labs.flannel.node import DEVICE, FlannelNode
from labs.flannel.vxlan_lab import FlannelVxlanLab
from labs.observe.reading import told
from labs.observe.vxlan import VxlanLink
from suites.flannel.faults.places import NOBODYS_MAC, commanded, lease_of


@fault("process", "network")
def device_of_other_vni(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A node's device of flannel's name with another VNI, made while flanneld does not run."""
    with _device_made_anew(flannel, "id 77 dstport 8472"):
        yield


@fault("process", "network")
def device_of_other_port(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A node's device at another UDP port, made while flanneld does not run."""
    with _device_made_anew(flannel, "id 1 dstport 4790"):
        yield


@contextmanager
def _device_made_anew(flannel: FlannelVxlanLab, tunnel: str) -> Iterator[None]:
    """While flanneld does not run: it would not survive that its device goes.

    On heal the device has its own MAC address again; with a new one, peers would keep their entries of the old.
    """
    node, right = flannel.nodes[0], flannel.tunnel
    end = flannel.ends()[node.name].links[right.device]
    node.flanneld.kill()
    try:
        _make_device(node, end, tunnel)
        yield
    finally:
        _make_device(node, end, f"id {right.vni} dstport {right.port}")
        node.start_flanneld()


def _make_device(node: FlannelNode, end: VxlanLink, tunnel: str) -> None:
    """A device in the place of the one that was observed, of another `tunnel`."""
    told(
        node.host,
        f"ip link del {end.name}; ip link add {end.name} address {end.mac} mtu {end.mtu} type vxlan {tunnel} dev {DEVICE}"
        f" local {node.address} nolearning && ip address add {end.addresses[0]} dev {end.name} && ip link set {end.name} up",
    )


@fault("process", "network")
def device_narrowed(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A node's device whose MTU is smaller than it may be."""
    node, device = flannel.nodes[0], flannel.tunnel.device
    mtu = flannel.ends()[node.name].links[device].mtu
    with commanded(node, f"ip link set {device} mtu 1400", f"ip link set {device} mtu {mtu}"):
        yield


@fault("process", "network")
def device_without_address(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A node's device that lost its address; flanneld's start alone gives it back."""
    node, device = flannel.nodes[0], flannel.tunnel.device
    address = f"{lease_of(flannel, node).subnet.network_address}/32"
    with (
        paused(node.flanneld),
        commanded(node, f"ip address del {address} dev {device}", f"ip address add {address} dev {device}"),
    ):
        yield


@fault("process")
def other_mac_leased(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A lease that tells another MAC address than the device's."""
    with _leased_otherwise(flannel, {"VtepMAC": NOBODYS_MAC}):
        yield


@fault("process")
def other_vni_leased(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A lease that tells another VNI than the device's."""
    with _leased_otherwise(flannel, {"VNI": 77}):
        yield


@contextmanager
def _leased_otherwise(flannel: FlannelVxlanLab, wrong: dict[str, object]) -> Iterator[None]:
    """What a lease tells of the node's end, while no flanneld runs: one that is told would leave entries of it for good."""
    lease = lease_of(flannel, flannel.nodes[-1])
    value = flannel.registry.value(lease)
    told_otherwise = json.loads(value)
    told_otherwise["BackendData"] |= wrong
    with ExitStack() as stack:
        for node in flannel.nodes:
            stack.enter_context(killed(node.flanneld))
        flannel.registry.put_lease(lease, json.dumps(told_otherwise))
        try:
            yield
        finally:
            flannel.registry.put_lease(lease, value)

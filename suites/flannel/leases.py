"""The judge of leases and of what the nodes make of them."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network
from itertools import pairwise

from labs.flannel.observations import Lease, Registry, Settings
from labs.problem import Problem

ENCAPSULATION = {"host-gw": 0, "vxlan": 50}
"""Bytes that a back end adds to each packet: of VXLAN the outer IP, UDP and VXLAN headers, and the inner frame's own
(encapOverhead in flannel's pkg/backend/vxlan/vxlan_network.go)."""


def holder_problems(
    registry: Registry, nodes: Mapping[str, IPv4Address], network: IPv4Network, backend: str = "host-gw"
) -> list[Problem]:
    """What is wrong with the leases: each node (by its address) has one, inside the network, of the lab's back end."""
    found = [Problem("unreadable-lease", key, "a lease", value) for key, value in registry.unreadable.items()]
    found += _holders(registry.leases, nodes)
    for lease in registry.leases:
        if not lease.subnet.subnet_of(network):
            found.append(Problem("lease-outside-network", str(lease.subnet), f"a part of {network}", str(lease.subnet)))
        if lease.backend != backend:
            found.append(Problem("wrong-backend", str(lease.subnet), backend, lease.backend))
    return found


def _holders(leases: Sequence[Lease], nodes: Mapping[str, IPv4Address]) -> Iterator[Problem]:
    for node, address in nodes.items():
        own = [lease for lease in leases if lease.public_ip == address]
        if not own:
            yield Problem("missing-lease", node, f"a lease of {address}", "none")
        elif len(own) > 1:
            yield Problem("several-leases", node, f"one lease of {address}", ", ".join(str(lease.subnet) for lease in own))


def overlap_problems(leases: Sequence[Lease]) -> list[Problem]:
    """Leases that share addresses."""
    ordered = sorted(leases, key=lambda lease: (lease.subnet.network_address, lease.subnet.prefixlen))
    return [
        Problem("overlapping-leases", _told(one), "subnets apart", _told(other))
        for one, other in pairwise(ordered)
        if one.subnet.overlaps(other.subnet)
    ]


def _told(lease: Lease) -> str:
    return f"{lease.subnet} of {lease.public_ip}"


def owner_problems(leases: Sequence[Lease], settings: Mapping[str, Settings]) -> list[Problem]:
    """Leases whose public address no node has on its device, and nodes whose own is not there."""
    held = {address.ip: node for node, own in settings.items() for address in own.device_addresses}
    strangers = [lease for lease in leases if lease.public_ip not in held]
    found = [Problem("unknown-owner", str(lease.subnet), "the address of a node", str(lease.public_ip)) for lease in strangers]
    return found + [
        Problem("foreign-public-ip", f"{node}: device", own.public_ip, ", ".join(map(str, own.device_addresses)) or "none")
        for node, own in settings.items()
        if held.get(own.public_ip) != node
    ]


def inner_mtu(outer: int | None, backend: str) -> int | None:
    """The largest packet in bytes that pods may send where nodes may send `outer` bytes; None where there is no device."""
    return None if outer is None else outer - ENCAPSULATION.get(backend, 0)


def setting_problems(
    settings: Mapping[str, Settings], leases: Sequence[Lease], network: IPv4Network, configured: int | None = None
) -> list[Problem]:
    """Where a node's subnet.env, its links and its lease do not agree; `configured` is an MTU instead of the links'."""
    held = {lease.public_ip: lease for lease in leases}
    return [
        problem
        for node, own in settings.items()
        for problem in _disagreements(node, own, held.get(own.public_ip), network, configured)
    ]


def _disagreements(
    node: str, own: Settings, lease: Lease | None, network: IPv4Network, configured: int | None
) -> Iterator[Problem]:
    if lease is None:
        yield Problem("missing-lease", node, f"a lease of {own.public_ip}", "none")
        return
    if own.subnet_env is None:
        yield Problem("missing-subnet-env", node, "a whole subnet.env", "none that can be read")
        return
    env, gateway = own.subnet_env, f"{lease.subnet.network_address + 1}/{lease.subnet.prefixlen}"
    mtu = inner_mtu(configured or own.device_mtu, lease.backend)
    rows = [
        ("wrong-network", "FLANNEL_NETWORK", network, env.network),
        ("wrong-subnet", "FLANNEL_SUBNET", gateway, str(env.address)),
        ("wrong-mtu", "FLANNEL_MTU", mtu, env.mtu),
        ("wrong-masquerade", "FLANNEL_IPMASQ", True, env.masquerade),
        ("wrong-bridge-address", "bridge", gateway, ", ".join(map(str, own.bridge_addresses)) or "none"),
        ("wrong-bridge-mtu", "bridge MTU", mtu, own.bridge_mtu),
        ("wrong-pod-mtu", "pod MTU", mtu, own.pod_mtu),
    ]
    for kind, what, expected, found in rows:
        if expected != found:
            yield Problem(kind, f"{node}: {what}", expected, found)

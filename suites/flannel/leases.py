"""The judge of leases and of what the nodes make of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network
from itertools import pairwise

from labs.flannel.observations import Lease, Registry, Settings
from labs.problem import Problem


def lease_problems(registry: Registry, nodes: Mapping[str, IPv4Address], network: IPv4Network) -> list[Problem]:
    """What is wrong with the leases: each node (by its address) has one, inside the network, all apart, of host-gw."""
    found = [Problem("unreadable-lease", key, "a lease", value) for key, value in registry.unreadable.items()]
    found += _holders(registry.leases, nodes)
    for lease in registry.leases:
        if not lease.subnet.subnet_of(network):
            found.append(Problem("lease-outside-network", str(lease.subnet), f"a part of {network}", str(lease.subnet)))
        if lease.backend != "host-gw":
            found.append(Problem("wrong-backend", str(lease.subnet), "host-gw", lease.backend))
    return found + list(_overlaps(registry.leases))


def _holders(leases: Sequence[Lease], nodes: Mapping[str, IPv4Address]) -> Iterator[Problem]:
    held: dict[IPv4Address, list[Lease]] = defaultdict(list)
    for lease in leases:
        held[lease.public_ip].append(lease)
    for node, address in nodes.items():
        own = held.pop(address, [])
        if not own:
            yield Problem("missing-lease", node, f"a lease of {address}", "none")
        elif len(own) > 1:
            yield Problem("several-leases", node, f"one lease of {address}", ", ".join(str(lease.subnet) for lease in own))
    for address, strangers in held.items():
        yield Problem("unknown-owner", str(strangers[0].subnet), "the address of a node", str(address))


def _overlaps(leases: Sequence[Lease]) -> Iterator[Problem]:
    ordered = sorted(leases, key=lambda lease: (lease.subnet.network_address, lease.subnet.prefixlen))
    for one, other in pairwise(ordered):
        if one.subnet.overlaps(other.subnet):
            found = f"{other.subnet} of {other.public_ip}"
            yield Problem("overlapping-leases", f"{one.subnet} of {one.public_ip}", "subnets apart", found)


def setting_problems(settings: Mapping[str, Settings], leases: Sequence[Lease], network: IPv4Network) -> list[Problem]:
    """Where a node's subnet.env, its links and its lease do not agree."""
    subnets = {lease.public_ip: lease.subnet for lease in leases}
    return [p for node, own in settings.items() for p in _disagreements(node, own, subnets.get(own.public_ip), network)]


def _disagreements(node: str, own: Settings, subnet: IPv4Network | None, network: IPv4Network) -> Iterator[Problem]:
    if subnet is None:
        yield Problem("missing-lease", node, f"a lease of {own.public_ip}", "none")
        return
    if own.subnet_env is None:
        yield Problem("missing-subnet-env", node, "a whole subnet.env", "none that can be read")
        return
    env, gateway = own.subnet_env, f"{subnet.network_address + 1}/{subnet.prefixlen}"
    mtu = own.device_mtu
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
    addresses = [address.ip for address in own.device_addresses]
    if own.public_ip not in addresses:
        yield Problem("foreign-public-ip", f"{node}: device", own.public_ip, ", ".join(map(str, addresses)) or "none")

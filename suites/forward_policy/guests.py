"""Places behind a node that are no pods: containers of Docker's, and a stranger whom nobody has told the firewall of."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Address, IPv4Network

from labs.docker.containers import Container, Containers
from labs.faults import route_added
from labs.flannel.node import FlannelNode
from labs.flannel.pod import Endpoint
from labs.forward_policy.lab import ForwardPolicyLab
from suites.flannel.faults.places import commanded

PUBLISHED, INSIDE = 5300, 53
"""A node's port, and the container's that it leads to."""
NETWORKS = {"red": IPv4Network("172.28.1.0/24"), "blue": IPv4Network("172.28.2.0/24")}
STRANGERS = IPv4Network("10.99.0.0/24")
GATEWAY, STRANGER = STRANGERS[1], STRANGERS[2]

MAKE = f"""
set -e; ip netns add stranger; ip link add stranger type veth peer name eth0 netns stranger
ip address add {GATEWAY}/{STRANGERS.prefixlen} dev stranger; ip link set stranger up
ip -n stranger address add {STRANGER}/{STRANGERS.prefixlen} dev eth0; ip -n stranger link set eth0 up
ip -n stranger route add default via {GATEWAY}
"""
REMOVE = "ip link del stranger; ip netns del stranger"


@contextmanager
def publishing(lab: ForwardPolicyLab, node: FlannelNode) -> Iterator[Endpoint]:
    """A container with a published UDP port, as whoever is elsewhere knows it."""
    containers = Containers(lab.docker[node.name])
    container = containers.run("web", publish=[(PUBLISHED, INSIDE, "udp")])
    try:
        yield endpoint(container, INSIDE, (str(node.address), PUBLISHED))
    finally:
        containers.remove("web")


@contextmanager
def two_networks(lab: ForwardPolicyLab, node: FlannelNode) -> Iterator[tuple[list[Endpoint], Endpoint]]:
    """Two containers of one network, and one of another."""
    containers = Containers(lab.docker[node.name])
    try:
        for name, subnet in NETWORKS.items():
            containers.network_create(name, subnet)
        red = [endpoint(containers.run(name, network="red")) for name in ("red1", "red2")]
        yield red, endpoint(containers.run("blue1", network="blue"))
    finally:
        containers.remove_all()


def endpoint(container: Container, port: int = 0, published: tuple[str, int] | None = None) -> Endpoint:
    """A container as a place for probes."""
    name = f"container {container.name} of {container.node}"
    return Endpoint(name, container.address, container.node, container.namespace, port, published)


@contextmanager
def stranger(node: FlannelNode, known_to: Iterable[Endpoint]) -> Iterator[Endpoint]:
    """A host behind a node that is neither a pod nor Docker's, and to which others know the way."""
    with commanded(node, MAKE, REMOVE), ExitStack() as stack:
        for each in known_to:
            stack.enter_context(route_added(each.node, f"{STRANGERS} via {node.address}"))
        yield Endpoint(f"stranger behind {node}", IPv4Address(STRANGER), node.machine, "stranger")


def itself(node: FlannelNode) -> Endpoint:
    """A node as a place for probes."""
    return Endpoint(node.name, node.address, node.machine)

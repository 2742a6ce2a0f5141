"""Places behind a node that are no pods: containers of Docker's, and a stranger whom nobody has told the firewall of."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from ipaddress import IPv4Address, IPv4Network

from labs.docker.containers import Container, Containers
from labs.fault import fault
from labs.faults import route_added
from labs.flannel.node import FlannelNode
from labs.flannel.pod import Endpoint
from labs.forward_policy.lab import ForwardPolicyLab
from suites.flannel.faults.places import commanded

PUBLISHED, INSIDE = 5300, 53
"""A node's port, and the container's that it leads to."""
WEB = "web"
PLACES = {"red": ("red1", "red2"), "blue": ("blue1",)}
"""Containers by their network."""
NETWORKS = {"red": IPv4Network("172.28.1.0/24"), "blue": IPv4Network("172.28.2.0/24")}
STRANGERS = IPv4Network("10.99.0.0/24")
GATEWAY, STRANGER = STRANGERS[1], STRANGERS[2]

REMOVE = "ip link del stranger; ip netns del stranger"
MAKE = f"""
{{ {REMOVE}; }} 2>/dev/null
set -e; ip netns add stranger; ip link add stranger type veth peer name eth0 netns stranger
ip address add {GATEWAY}/{STRANGERS.prefixlen} dev stranger; ip link set stranger up
ip -n stranger address add {STRANGER}/{STRANGERS.prefixlen} dev eth0; ip -n stranger link set eth0 up
ip -n stranger route add default via {GATEWAY}
"""


@fault("network")
def publishing(lab: ForwardPolicyLab, node: FlannelNode) -> Iterator[None]:
    """A container with a published UDP port."""
    containers = Containers(lab.docker[node.name])
    containers.run(WEB, publish=[(PUBLISHED, INSIDE, "udp")])
    yield
    containers.remove(WEB)


def published(lab: ForwardPolicyLab, node: FlannelNode) -> Endpoint:
    """That container, as whoever is elsewhere knows it."""
    return _endpoint(_running(lab, node)[WEB], INSIDE, (str(node.address), PUBLISHED))


@fault("network")
def two_networks(lab: ForwardPolicyLab, node: FlannelNode) -> Iterator[None]:
    """Two containers of one network, and one of another."""
    containers = Containers(lab.docker[node.name])
    try:
        for name, subnet in NETWORKS.items():
            containers.network_create(name, subnet)
        for network, names in PLACES.items():
            for name in names:
                containers.run(name, network=network)
        yield
    finally:
        containers.remove_all()


def of_network(lab: ForwardPolicyLab, node: FlannelNode, network: str) -> list[Endpoint]:
    """The containers of one of them."""
    running = _running(lab, node)
    return [_endpoint(running[name]) for name in PLACES[network]]


def _running(lab: ForwardPolicyLab, node: FlannelNode) -> dict[str, Container]:
    return {container.name: container for container in Containers(lab.docker[node.name]).running()}


def _endpoint(container: Container, port: int = 0, published: tuple[str, int] | None = None) -> Endpoint:
    name = f"container {container.name} of {container.node}"
    return Endpoint(name, container.address, container.node, container.namespace, port, published)


@fault("network")
def visited(node: FlannelNode, known_to: Iterable[Endpoint]) -> Iterator[None]:
    """A host behind a node that is neither a pod nor Docker's, and to which others know the way."""
    with commanded(node, MAKE, REMOVE), ExitStack() as stack:
        for each in known_to:
            stack.enter_context(route_added(each.node, f"{STRANGERS} via {node.address}"))
        yield


def stranger(node: FlannelNode) -> Endpoint:
    """That host."""
    return Endpoint(f"stranger behind {node}", IPv4Address(STRANGER), node.machine, "stranger")


def itself(node: FlannelNode) -> Endpoint:
    """A node as a place for probes."""
    return Endpoint(node.name, node.address, node.machine)

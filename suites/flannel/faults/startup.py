"""Seeded faults of flanneld's start, and the starts that the suite asks it to refuse."""

from collections.abc import Iterator, Sequence

from labs.fault import fault
from labs.flannel.lab import NETWORK_CONFIG, FlannelLab
from labs.flannel.node import DEVICE, SUBNET_FILE, FlannelNode
from labs.flannel.observations import Lease
from labs.observe.everywhere import everywhere
from labs.observe.reading import told


@fault("process", "node")
def subnet_file_blocked(flannel: FlannelLab) -> Iterator[None]:
    """A folder where flanneld is to write subnet.env on one node."""
    node = flannel.nodes[0]
    told(node.host, f"rm -f {SUBNET_FILE} && mkdir {SUBNET_FILE}")
    yield
    told(node.host, f"rmdir {SUBNET_FILE}")
    node.restart()


@fault("process")
def registry_elsewhere(flannel: FlannelLab) -> Iterator[None]:
    """One node's flanneld that asks another registry, in which there is a configuration that it can work with."""
    node, other = flannel.nodes[0], flannel.registry.beside("/elsewhere")
    other.put("config", NETWORK_CONFIG)
    node.flanneld.stop()
    node.configure(other.prefix)
    node.flanneld.start()
    yield
    node.flanneld.stop()
    node.configure()
    told(node.host, f"rm -f {SUBNET_FILE}")
    node.flanneld.start()
    other.delete_all()


@fault("process", "network")
def started_with(flannel: FlannelLab, config: str | None) -> Iterator[None]:
    """Every flanneld started as on a new machine, with this network configuration in the registry (None: with none)."""
    leases = flannel.leases()
    everywhere(flannel.nodes, lambda node: node.flanneld.stop())
    flannel.registry.delete_leases()
    flannel.registry.delete("config")
    if config is not None:
        flannel.registry.put("config", config)
    everywhere(flannel.nodes, lambda node: _forget(node, leases))
    everywhere(flannel.nodes, lambda node: node.flanneld.start())
    yield
    flannel.registry.put("config", NETWORK_CONFIG)
    everywhere([node for node in flannel.nodes if not node.flanneld.running], lambda node: node.flanneld.start())


def _forget(node: FlannelNode, leases: Sequence[Lease]) -> None:
    """Nothing of flannel's is left on a node but what nobody leased: no pod, no subnet.env, no route to a peer."""
    ways = [f"{lease.subnet} via {lease.public_ip} dev {DEVICE}" for lease in leases if lease.public_ip != node.address]
    node.remove_pod()
    told(node.host, f"rm -f {SUBNET_FILE}; echo %s | ip -force -batch - || true", "\n".join(f"route del {way}" for way in ways))

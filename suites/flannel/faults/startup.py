"""Seeded faults of flanneld's start, and the starts that the suite asks it to refuse."""

from collections.abc import Iterator, Sequence

from labs.fault import fault
from labs.flannel.lab import FlannelLab
from labs.flannel.node import SUBNET_FILE, FlannelNode
from labs.flannel.observations import Lease
from labs.observe.reading import told
from suites.flannel.faults.places import lease_of, way


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
    other.put("config", flannel.config)
    node.flanneld.kill()
    node.configure(other.prefix)
    node.start_flanneld()
    yield
    node.flanneld.kill()
    node.configure()
    told(node.host, f"rm -f {SUBNET_FILE}")
    node.start_flanneld()
    other.delete_all()


@fault("process", "network")
def started_with(flannel: FlannelLab, node: FlannelNode, config: str | None) -> Iterator[None]:
    """One node's flanneld started as on a new machine, with this network configuration in the registry (None: with none).

    One alone, because those that start at the same moment may draw the same subnet, and the loser gives up.
    """
    leases = flannel.leases()
    node.flanneld.kill()
    flannel.registry.delete_lease(lease_of(flannel, node))
    flannel.registry.delete("config")
    if config is not None:
        flannel.registry.put("config", config)
    _forget(node, leases)
    node.start_flanneld()
    yield
    flannel.registry.put("config", flannel.config)
    node.start_flanneld()


def _forget(node: FlannelNode, leases: Sequence[Lease]) -> None:
    """Nothing of flannel's is left on a node but what nobody leased: no pod, no subnet.env, no route to a peer."""
    ways = [way(lease) for lease in leases if lease.public_ip != node.address]
    node.remove_pod()
    told(node.host, f"rm -f {SUBNET_FILE}; echo %s | ip -force -batch - || true", "\n".join(f"route del {way}" for way in ways))

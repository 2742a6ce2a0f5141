"""Nodes that start at the same moment, with just as many subnets as nodes."""

import json
from collections.abc import Iterator
from ipaddress import IPv4Network

from labs.fault import fault
from labs.faults import delayed, paused
from labs.flannel.lab import FlannelLab
from labs.flannel.node import SUBNET_FILE, FlannelNode
from labs.flannel.observations import Lease
from labs.flannel.registry import PORT
from labs.observe.everywhere import everywhere
from labs.observe.reading import told
from labs.wait import until
from suites.flannel.faults.leasing import NOBODY

ETCD_AWAY = 0.05
"""Seconds, each way: what one flanneld has taken, the others see a little later, as in any network."""


@fault("process", "network")
def few_subnets(flannel: FlannelLab) -> Iterator[None]:
    """The configuration has just as many subnets as there are nodes; etcd is a little way off."""
    own = json.loads(flannel.config)
    low, *_, high = subnets(flannel)
    with delayed(flannel.site.nodes["etcd"], ETCD_AWAY):
        flannel.registry.put("config", json.dumps(own | {"SubnetMin": low, "SubnetMax": high}))
        yield
        _all_new(flannel)
        flannel.registry.put("config", flannel.config)


@fault("process")
def held_back(flannel: FlannelLab) -> Iterator[None]:
    """Every flanneld started as on a new machine while etcd is silent: on heal, all ask for a subnet at the same moment."""
    _all_new(flannel)
    with paused(flannel.etcd):
        everywhere(flannel.nodes, lambda node: node.start_flanneld())
        until(lambda: all(everywhere(flannel.nodes, _asks).values()), within=10, what=f"{flannel}: all flannelds ask etcd")
        yield


@fault("process")
def subnet_taken(flannel: FlannelLab) -> Iterator[None]:
    """A lease of somebody else for one of those few subnets, so that there is one too few."""
    taken = Lease(IPv4Network(f"{subnets(flannel)[0]}/24"), NOBODY)
    flannel.registry.put_lease(taken)
    yield
    flannel.registry.delete_lease(taken)


def subnets(flannel: FlannelLab) -> list[str]:
    """The few: the Network's last but one and those before it, which flannel leases to nobody otherwise."""
    return [str(each.network_address) for each in list(flannel.network.subnets(new_prefix=24))[-len(flannel.nodes) - 1 : -1]]


def _all_new(flannel: FlannelLab) -> None:
    """Nodes on which flannel never ran, and which hold no lease."""
    everywhere(flannel.nodes, lambda node: node.flanneld.kill())
    for lease in [lease for lease in flannel.leases() if lease.public_ip in flannel.addresses.values()]:
        flannel.registry.delete_lease(lease)
    everywhere(flannel.nodes, lambda node: _emptied(node, str(flannel.network)))


def _emptied(node: FlannelNode, network: str) -> None:
    node.remove_pod()
    told(node.host, f"rm -f {SUBNET_FILE}; ip -4 route flush root {network}")


def _asks(node: FlannelNode) -> bool:
    """Whether its flanneld has a connection to etcd, whose kernel takes it though etcd is silent."""
    return f":{PORT:04X} 01" in told(node.host, "cat /proc/net/tcp")

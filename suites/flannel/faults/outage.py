"""Seeded faults of an outage of etcd, and the outage that the suite itself makes."""

from collections.abc import Iterator

from labs.fault import fault
from labs.flannel.bringup import start_etcd
from labs.flannel.lab import FlannelLab
from labs.observe.everywhere import everywhere
from labs.observe.reading import told
from suites.flannel.faults.flannelds import begun_anew, remove_routes, upon_end

DATA = "/run/etcd"


@fault("process", "node")
def etcd_down(flannel: FlannelLab) -> Iterator[None]:
    """etcd killed. On heal it is there again with the configuration, and a node that joined meanwhile has left.

    The flannelds, which may not look for etcd again for some time, are begun anew.
    """
    flannel.etcd.kill()
    yield
    etcd_back(flannel)
    flannel.registry.put("config", flannel.config)
    flannel.leave()
    everywhere(flannel.nodes, begun_anew)


def etcd_back(flannel: FlannelLab) -> None:
    """etcd runs and answers."""
    if not flannel.etcd.running:
        start_etcd(flannel.etcd, flannel.registry)


@fault("process", "network")
def routes_go_with_etcd(flannel: FlannelLab) -> Iterator[None]:
    """Somebody who removes a node's routes when etcd is gone."""
    node = flannel.nodes[0]
    with upon_end(flannel.etcd, remove_routes(flannel, node)):
        yield
    begun_anew(node)


@fault("process")
def flanneld_goes_with_etcd(flannel: FlannelLab) -> Iterator[None]:
    """A unit that binds flanneld to etcd: it is stopped when etcd has ended."""
    node = flannel.nodes[0]
    with upon_end(flannel.etcd, node.flanneld.kill):
        yield
    begun_anew(node)


@fault("process", "node")
def etcd_forgets(flannel: FlannelLab) -> Iterator[None]:
    """An etcd on a disk that does not outlive it: it comes back knowing nothing."""
    with upon_end(flannel.etcd, lambda: told(flannel.site.nodes["etcd"].host, f"rm -rf {DATA}")):
        yield

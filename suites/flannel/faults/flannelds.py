"""What is done to a node's flanneld: begun anew, hung, cut off from etcd, its end attended."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event

from labs.flannel.addresses import ETCD
from labs.flannel.lab import FlannelLab
from labs.flannel.node import BOOT_LIMIT, FlannelNode
from labs.observe.reading import told
from labs.seam import Daemon
from labs.wait import until

WATCHES = "to renew lease"
"""What flanneld logs once it watches its lease; what becomes of that earlier, it does not see."""


def begun_anew(node: FlannelNode, between: Callable[[FlannelNode], object] = lambda _: None) -> None:
    """flanneld killed and started, with something done in between, and as far as it is when nobody disturbs it.

    LabError when it does not come so far; where that cannot be asked, `FlannelNode.restart` does not wait for it.
    """
    mark = node.flanneld.mark()
    node.flanneld.kill()
    between(node)
    node.start_flanneld()
    watching(node, mark)


def watching(node: FlannelNode, mark: int) -> None:
    until(lambda: WATCHES in node.flanneld.log(mark), within=BOOT_LIMIT, what=f"{node}: flanneld watches its lease")


@contextmanager
def hung(node: FlannelNode) -> Iterator[None]:
    """A flanneld that does nothing any more; what it has missed meanwhile it is not left to find out."""
    node.flanneld.pause()
    try:
        yield
    finally:
        begun_anew(node)


@contextmanager
def cut_off(node: FlannelNode) -> Iterator[None]:
    """A node that is answered nothing by etcd, while its peers reach it."""
    rule = f"INPUT -s {ETCD} -j DROP"
    told(node.host, f"iptables -I {rule}")
    try:
        yield
    finally:
        told(node.host, f"iptables -D {rule} || true")  # a node that was made anew has no such rule


@contextmanager
def upon_end(daemon: Daemon, do: Callable[[], object]) -> Iterator[None]:
    """Something that is done as soon as a daemon has ended, as an ExecStopPost of its unit would do it."""
    over = Event()

    def attend() -> None:
        while not over.wait(0.02):
            if not daemon.running:
                do()
                return

    with ThreadPoolExecutor(1) as pool:
        attending = pool.submit(copy_context().run, attend)
        try:
            yield
        finally:
            over.set()
            attending.result()


def remove_routes(flannel: FlannelLab, node: FlannelNode) -> Callable[[], object]:
    """Removes a node's routes to its peers."""
    peers = [lease.subnet for lease in flannel.leases() if lease.public_ip != node.address]
    return lambda: told(node.host, "; ".join(f"ip route del {subnet}" for subnet in peers))

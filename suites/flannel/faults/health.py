"""A health check that tells the truth, and how it can be made to tell something else."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from labs.errors import LabError
from labs.fault import fault
from labs.flannel.lab import FlannelLab
from labs.flannel.node import HEALTH, FlannelNode
from suites.flannel.faults.places import commanded
from suites.flannel.faults.restarting import ailments
from suites.flannel.robustness import OK

UNAVAILABLE = 503
OWN_HEALTH = 8470
"""Where flanneld's own health check is while an honest one has its port."""
TURNED = f"OUTPUT -d 127.0.0.1 -p tcp --dport {HEALTH} -j"


def whole(flannel: FlannelLab, node: FlannelNode, own: int) -> bool:
    """Whether a node has its lease and the right ways to its peers, and its flanneld says itself that it is well."""
    try:
        return node.healthz(own) == OK and not ailments(flannel, node)
    except LabError:
        return False


@contextmanager
def answering(node: FlannelNode, port: int, well: Callable[[], bool]) -> Iterator[None]:
    """A health check at a port of the node's loopback that answers 200 while it is well, else 503."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(OK if well() else UNAVAILABLE)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", port), Answer, bind_and_activate=False) as server:
        server.socket.close()
        server.socket = _listening(node, port)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"health of {node}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def _listening(node: FlannelNode, port: int) -> socket.socket:
    listener = node.machine.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise LabError(f"{node}: no health check can listen at {port}: {error.strerror}") from error
    return listener


@fault("network")
def health_turned(flannel: FlannelLab) -> Iterator[None]:
    """Health checks of all nodes are answered at another port, by flanneld, which knows of nothing but itself."""
    with _everywhere(flannel, f"-t nat %s {TURNED} REDIRECT --to-ports {OWN_HEALTH}"):
        yield


@fault("network")
def health_silent(flannel: FlannelLab) -> Iterator[None]:
    """Nothing answers health checks."""
    with _everywhere(flannel, f"%s {TURNED} REJECT"):
        yield


@contextmanager
def _everywhere(flannel: FlannelLab, rule: str) -> Iterator[None]:
    """An iptables rule in force on the first and the spare node, %s being what is done with it."""
    with ExitStack() as stack:
        for node in (flannel.nodes[0], flannel.spare):
            stack.enter_context(commanded(node, f"iptables -w {rule % '-I'}", f"iptables -w {rule % '-D'} || true"))
        yield

"""A cache that does not forget: what Keystone deletes there is still served, until its time is over."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from labs.fault import fault
from labs.openstack.identity import IdentityLab
from labs.openstack.memcached import ADDRESS, PORT
from suites.interop.faults.settings import options

OWN = 11212
"""Where the cache that does not forget listens, in front of the lab's own."""
WITH_DATA = {b"set", b"add", b"replace", b"append", b"prepend", b"cas"}
CHUNK = 65536


@fault("process")
def deletions_ignored_by_the_cache(lab: IdentityLab) -> Iterator[None]:
    """A memcached that keeps what it is told to delete, so that processes go on with what was."""
    with _keeping(lab), options(lab, cache={"memcache_servers": f"{ADDRESS}:{OWN}"}):
        yield


@contextmanager
def _keeping(lab: IdentityLab) -> Iterator[None]:
    """What it is told, memcached is told as well, with the deletions taken out."""

    class Connection(StreamRequestHandler):
        def handle(self) -> None:
            with closing(lab.machine.socket(socket.AF_INET, socket.SOCK_STREAM)) as cache:
                cache.connect((ADDRESS, PORT))
                Thread(target=_answer, args=(cache, self.connection), daemon=True).start()
                while line := self.rfile.readline():
                    cache.sendall(_kept(line) + self.rfile.read(_data(line)))

    with ThreadingTCPServer((ADDRESS, OWN), Connection, bind_and_activate=False) as server:
        server.daemon_threads = True
        server.socket.close()
        server.socket = _listening(lab)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="cache", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def _listening(lab: IdentityLab) -> socket.socket:
    listener = lab.machine.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((ADDRESS, OWN))
    listener.listen()
    return listener


def _kept(line: bytes) -> bytes:
    """A deletion becomes one of a key that nobody has."""
    return b"delete nobodys\r\n" if line.startswith(b"delete ") else line


def _data(line: bytes) -> int:
    """How many bytes follow a command: `set KEY FLAGS SECONDS BYTES`."""
    words = line.split()
    return int(words[4]) + len(b"\r\n") if words and words[0] in WITH_DATA else 0


def _answer(cache: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while data := cache.recv(CHUNK):
            client.sendall(data)

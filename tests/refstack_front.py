"""A server in front of a RefStack server that lets its answers go wrong, one after the other, as a test says."""

import http.server
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests


@dataclass(frozen=True)
class Reply:
    """A whole answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Behind(Protocol):
    """Who answers in the end."""

    def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply: ...


Forward = Callable[[], Reply]
Fault = Callable[["Handler", Forward], None]
KINDS = ("store", "list", "show", "meta", "delete")


@dataclass
class Front:
    """`will` says what becomes of the next requests of a kind; those after them are answered well."""

    behind: Behind
    url: str = ""
    seen: list[str] = field(default_factory=list)
    _faults: dict[str, list[Fault]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    _always: dict[str, Fault] = field(default_factory=dict)

    def will(self, kind: str, *faults: Fault) -> None:
        self._faults[kind] += faults

    def always(self, kind: str, fault: Fault) -> None:
        self._always[kind] = fault

    def well(self) -> None:
        """From now on."""
        self._faults = {kind: [] for kind in KINDS}
        self._always = {}

    def next(self, method: str, path: str) -> Fault | None:
        kind = kind_of(method, path)
        self.seen.append(kind)
        return self._faults[kind].pop(0) if self._faults[kind] else self._always.get(kind)

    def count(self, kind: str) -> int:
        return self.seen.count(kind)


def kind_of(method: str, path: str) -> str:
    if "/meta/" in path:
        return "meta"
    if method == "GET":
        return "list" if "/results?" in path else "show"
    return "delete" if method == "DELETE" else "store"


class Handler(http.server.BaseHTTPRequestHandler):
    """One request, forwarded or not."""

    protocol_version = "HTTP/1.1"
    front: Front

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.front.next(self.command, self.path)

        def forward() -> Reply:
            return self.front.behind(self.command, self.path, dict(self.headers), body)

        try:
            if fault is None:
                self.reply(forward())
            else:
                fault(self, forward)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the other side did not wait for it

    do_GET = do_POST = do_DELETE = do_PUT = _do

    def reply(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def hang_up(self) -> None:
        """At once, with what was written so far."""
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def front(behind: Behind) -> Iterator[Front]:
    """One on a port of its own, for as long as the context lasts."""
    made = Front(behind)
    handler = type("FrontHandler", (Handler,), {"front": made})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def forwarder(url: str) -> Behind:
    """To a real server."""

    def forward(method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        kept = {name: value for name, value in headers.items() if name.lower() not in ("host", "connection", "content-length")}
        answer = requests.request(method, url + path, headers=kept, data=body, timeout=30, allow_redirects=False)
        told = {name: answer.headers[name] for name in ("Content-Type", "Location") if name in answer.headers}
        return Reply(answer.status_code, answer.content, told)

    return forward


def answers(status: int, body: bytes = b"", *, arrived: bool = False, **headers: str) -> Fault:
    """In place of the answer behind; `arrived`: what is behind has done as it was asked all the same."""

    def fault(handler: Handler, forward: Forward) -> None:
        if arrived:
            forward()
        handler.reply(Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()}))

    return fault


def says(status: int, title: str) -> Fault:
    """As the real server says no."""
    return answers(status, json.dumps({"title": title, "code": status}).encode())


def hangs_up(*, arrived: bool) -> Fault:
    """Not a byte of an answer."""

    def fault(handler: Handler, forward: Forward) -> None:
        if arrived:
            forward()
        handler.hang_up()

    return fault


def cut(handler: Handler, forward: Forward) -> None:
    """In the middle of the answer to what was done."""
    reply = forward()
    handler.send_response(reply.status)
    handler.send_header("Content-Length", str(len(reply.body)))
    handler.end_headers()
    handler.wfile.write(reply.body[: len(reply.body) // 2])
    handler.hang_up()


def garbage(handler: Handler, forward: Forward) -> None:
    """Something was done, and the answer is none."""
    handler.reply(Reply(forward().status, b"\x00\xff<html>{" * 20))


def slow(seconds: float) -> Fault:
    """The right answer, late."""

    def fault(handler: Handler, forward: Forward) -> None:
        reply = forward()
        time.sleep(seconds)
        handler.reply(reply)

    return fault


def trickles(handler: Handler, forward: Forward) -> None:
    """A byte now and then, and never an end."""
    forward()
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    for _ in range(600):
        handler.wfile.write(b" ")
        time.sleep(0.05)


def changed(change: Callable[[dict[str, Any]], None]) -> Fault:
    """The answer, changed on its way."""

    def fault(handler: Handler, forward: Forward) -> None:
        reply = forward()
        document = json.loads(reply.body)
        change(document)
        handler.reply(Reply(reply.status, json.dumps(document).encode()))

    return fault

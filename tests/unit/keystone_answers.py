"""A server that answers as it is told, some of which a Keystone would."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOME = {
    "resources": {
        "https://docs.openstack.org/api/openstack-identity/3/ext/OS-TRUST/1.0/rel/trust": {},
        "https://docs.openstack.org/api/openstack-identity/3/rel/users": {},
    }
}
TITLES = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}


@dataclass(frozen=True)
class Answer:
    """`body` is sent as JSON unless it is bytes; `cut` promises more than comes."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


def v3(url: str) -> dict[str, Any]:
    """What identity v3 says of itself."""
    return {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": f"{url}/v3/"}]}


def refusal(status: int, message: str) -> Answer:
    """In the form that Keystone says no."""
    return Answer(status, {"error": {"code": status, "message": message, "title": TITLES[status]}})


def token(url: str, roles: tuple[str, ...] = ("member",), **other: Any) -> Answer:
    """Of a user in a project, with a catalog of identity alone."""
    end = {"interface": "public", "region": "RegionOne", "region_id": "RegionOne", "url": f"{url}/v3", "id": "e"}
    domain = {"id": "default", "name": "Default"}
    told = {
        "methods": ["password"],
        "user": {"id": "u1", "name": "ada", "domain": domain},
        "project": {"id": "p1", "name": "engine", "domain": domain},
        "roles": [{"id": role, "name": role} for role in roles],
        "catalog": [{"type": "identity", "name": "keystone", "id": "cpid-1", "endpoints": [end]}],
        "issued_at": "2026-11-20T00:00:00.000000Z",
        "expires_at": "2099-11-20T00:00:00.000000Z",
    }
    return Answer(201, {"token": {**told, **other}}, {"X-Subject-Token": "gAAAA"})


Answering = Callable[[str, str, str], Answer]
"""Of a method, a path and what is accepted."""


def keystone(url: str, roles: tuple[str, ...] = ("member",), users: int = 200, **other: Any) -> Answering:
    """One that gives a token with these roles, and answers a list of users with that status."""

    def answer(method: str, path: str, accept: str) -> Answer:
        if path == "/v3/auth/tokens":
            return token(url, roles, **other)
        if path.startswith("/v3/users"):
            return Answer(users, {"users": []})
        if "json-home" in accept:
            return Answer(200, HOME, {"Content-Type": "application/json-home"})
        return Answer(200, {"version": v3(url)}) if path.startswith("/v3") else Answer(300, {"versions": {"values": [v3(url)]}})

    return answer


@dataclass(frozen=True)
class Server:
    """One that runs; `asked` grows with each request."""

    url: str
    asked: list[str]


@contextmanager
def serving(answering: Callable[[str], Answering]) -> Iterator[Server]:
    """A server on the loopback; `answering` is given its address."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            asked.append(f"{self.command} {self.path}")
            answer = answers(self.command, self.path, self.headers.get("accept", ""))
            body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + 100 * answer.cut))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    url = f"http://127.0.0.1:{server.server_port}"
    answers = answering(url)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Server(url, asked)
    finally:
        server.shutdown()
        server.server_close()

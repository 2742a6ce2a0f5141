"""A RefStack server, asked over HTTP: each question has an end, and each answer is told apart from none."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from reports.refstack_server.answer import Answer, Rejected, Unreached, asked
from reports.refstack_server.token import token
from reports.signature import PrivateKey

API = "/v1/results"
IDENTIFIER = re.compile(r"[\w-]{1,64}")
PAGES = 10  # of a listing, the latest first; the server puts 20 on one
AGAIN = {408, 425, 429}  # come back later, says the server with these, as with all from 500 on

__all__ = ["Owner", "Rejected", "Server", "Stored", "Unreached", "address"]


@dataclass(frozen=True)
class Owner:
    """Whom the server knows by this OpenID and this key."""

    openid: str
    key: PrivateKey


@dataclass(frozen=True)
class Stored:
    """A result that the server has; `url` is that of its page, `since` when it was stored, where that is known."""

    id: str
    url: str
    since: str = ""


@dataclass(frozen=True)
class Server:
    """The server at an address; what is done without an owner is anonymous.

    Every call takes the seconds within which the whole answer has to be there. Unreached: there was none, or one that is no
    answer of such a server; Rejected: the server says no, with its words.
    """

    url: str
    owner: Owner | None = None

    def store(self, body: bytes, seconds: float) -> Stored:
        """Send a results document, byte for byte; signed where there is an owner."""
        headers = {"Content-Type": "application/json"}
        if self.owner is not None:
            key = self.owner.key
            headers |= {"X-Signature": key.sign(body).hex(), "X-Public-Key": key.public.text}
        found = self._json("POST", f"{API}/", seconds, body=body, headers=headers)
        if not isinstance(found, dict) or not _identifier(found.get("test_id")):
            raise Unreached("server answered 201 without saying where the result is", arrived=True)
        return Stored(found["test_id"], self._page(found["test_id"], found.get("url")))

    def result(self, id: str, seconds: float) -> Mapping[str, Any]:
        """What the server has: at least `results`, a list of names; to its owner it shows more than to others."""
        found = self._json("GET", f"{API}/{quote(id, safe='')}", seconds)
        names = found.get("results") if isinstance(found, dict) else None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise Unreached("server answered with something that is no result")
        return dict(found)

    def listed(self, cpid: str, page: int, seconds: float) -> tuple[list[Mapping[str, Any]], int]:
        """A page of the results of a cloud (the owner's; without one those that all may see), and how many pages there are."""
        signed = "&signed=true" if self.owner else ""
        found = self._json("GET", f"{API}?cpid={quote(cpid, safe='')}&page={page}{signed}", seconds)
        try:
            entries = [each for each in found["results"] if _identifier(each["id"])]
            return entries, int(found["pagination"]["total_pages"])
        except (TypeError, KeyError, ValueError):
            raise Rejected(200, "the server has no list of results") from None

    def stored(self, entry: Mapping[str, Any]) -> Stored:
        """Of an entry of a list."""
        return Stored(entry["id"], self._page(entry["id"], entry.get("url")), str(entry.get("created_at", "")))

    def put_meta(self, id: str, key: str, value: str, seconds: float) -> None:
        """Write `shared`, `target` or `guideline` of a result of the owner's."""
        self._ask("POST", f"{API}/{quote(id, safe='')}/meta/{key}", seconds, body=value.encode())

    def delete(self, id: str, seconds: float) -> None:
        """Remove a result of the owner's."""
        self._ask("DELETE", f"{API}/{quote(id, safe='')}", seconds)

    def page(self, id: str) -> str:
        """Where the server shows a result to people."""
        return f"{self.url}/#/results/{id}"

    def _page(self, id: str, told: object) -> str:
        fit = isinstance(told, str) and told.startswith(("http://", "https://")) and told.isprintable() and " " not in told
        return str(told) if fit else self.page(id)

    def _json(self, method: str, path: str, seconds: float, **more: Any) -> Any:  # noqa: ANN401 - any JSON
        answer = self._ask(method, path, seconds, **more)
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise Unreached(f"server answered {answer.status} with something that is no JSON", arrived=True) from None

    def _ask(
        self, method: str, path: str, seconds: float, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        known = {"Authorization": f"Bearer {token(self.owner.openid, self.owner.key)}"} if self.owner else {}
        answer = asked(method, self.url + path, seconds, body, known if headers is None else headers)
        if answer.status >= 500 or answer.status in AGAIN:
            later = f", and asks to come back in {answer.pause:.0f} s" if answer.pause else ""
            raise Unreached(f"server answered {answer.told()}{later}", arrived=True, pause=answer.pause)
        if 300 <= answer.status < 400:
            raise Rejected(answer.status, f"the server sends us on to {answer.target}; give that address with --server")
        if answer.status >= 400:
            raise Rejected(answer.status, f"server answered {answer.told()}")
        return answer


def address(url: str) -> str:
    """The address of a server as it is asked; ValueError says in a line what is wrong with it."""
    try:
        parts = urlsplit(url.strip())
        fit = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        fit = False
    if not fit or not url.isprintable():
        raise ValueError("the http or https address of a RefStack server is expected (http://refstack.example.org)")
    if parts.username is not None or parts.query:
        raise ValueError("an address without user, password or query is expected; results are signed with --key")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/v1')}"


def _identifier(value: object) -> bool:
    return isinstance(value, str) and IDENTIFIER.fullmatch(value) is not None

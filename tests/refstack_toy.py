"""A RefStack server in small, in memory: for what it stores and refuses it follows the real one, which tests/labs asks too."""

import base64
import json
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from tests.refstack_front import Reply

META = ("shared", "guideline", "target")
PER_PAGE = 2


@dataclass
class Toy:
    """What it holds, by id; `users` are public keys (`ssh-rsa AAAA…`) by OpenID."""

    users: dict[str, str] = field(default_factory=dict)
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)

    def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        parts = urlsplit(path)
        try:
            who = self._who(headers.get("Authorization"))
            id, _, key = parts.path.removeprefix("/v1/results").strip("/").partition("/meta/")
            if not id:
                return self._list(parse_qs(parts.query), who) if method == "GET" else self._store(headers, body)
            return {"GET": self._show, "POST": self._mark, "DELETE": self._delete}[method](id, who, key, body)
        except Refusal as refusal:
            return reply(refusal.status, {"title": str(refusal), "code": refusal.status})

    def _who(self, header: str | None) -> str | None:
        if header is None:
            return None
        signed, _, signature = header.removeprefix("Bearer ").rpartition(".")
        claims = json.loads(unpadded(signed.partition(".")[2]))
        key = self.users.get(claims["user_openid"])
        if key is None or not verified(key, signed.encode(), unpadded(signature)) or claims["exp"] < time.time():
            raise Refusal(400, "Token is not valid")
        return str(claims["user_openid"])

    def _store(self, headers: dict[str, str], body: bytes) -> Reply:
        document, owner = json.loads(body), None
        if set(document) != {"cpid", "duration_seconds", "results"}:
            raise Refusal(400, "Request doesnt correspond to schema")
        if "X-Public-Key" in headers:
            if not verified(headers["X-Public-Key"], body, bytes.fromhex(headers["X-Signature"])):
                raise Refusal(400, "Signature verification failed")
            owner = next((user for user, key in self.users.items() if key == headers["X-Public-Key"]), None)
            if owner is None:
                raise Refusal(401, "User with specified key not found. Please log into the RefStack server to upload your key.")
        if not document["results"]:
            raise Refusal(400, "Uploaded results must contain at least one passing test.")
        names = [of["name"] for of in document["results"]]
        if len({name.lower() for name in names}) < len(names):
            return reply(500, {"title": "Internal Server Error", "code": 500})
        self.bodies.append(body)
        id = str(uuid.uuid4())
        self.held[id] = {**document, "results": names, "owner": owner, "meta": {}, "created_at": "2026-11-28 01:02:03"}
        return reply(201, {"test_id": id, "url": f"http://toy.example/#/results/{id}"})

    def _list(self, asked: dict[str, list[str]], who: str | None) -> Reply:
        signed, page = "signed" in asked, int(asked.get("page", ["1"])[0])
        if signed and who is None:
            raise Refusal(400, "To see signed test results you need to authenticate")
        ours = [
            {"id": id, "url": f"http://toy.example/#/results/{id}", **{key: of[key] for key in LISTED}}
            for id, of in reversed(self.held.items())
            if of["cpid"] == asked["cpid"][0]
            and (of["owner"] == who if signed else of["owner"] is None or "shared" in of["meta"])
        ]
        pages = -(-len(ours) // PER_PAGE)
        if page > max(pages, 1):
            raise Refusal(400, "Invalid page number: The page number is greater than the total number of pages.")
        shown = ours[PER_PAGE * (page - 1) : PER_PAGE * page]
        return reply(200, {"results": shown, "pagination": {"current_page": page, "total_pages": pages}})

    def _held(self, id: str, who: str | None, *, own: bool = False) -> dict[str, Any]:
        if id not in self.held:
            raise Refusal(404, f"Test result {id} not found")
        held = self.held[id]
        owned = held["owner"] is not None and held["owner"] == who
        if not owned and held["owner"] is not None and "shared" not in held["meta"]:
            raise Refusal(401, "This server could not verify that you are authorized to access the document you requested.")
        if own and not owned:
            raise Refusal(403, "Access was denied to this resource.")
        return {**held, "id": id, "user_role": "owner" if owned else "user"}

    def _show(self, id: str, who: str | None, _key: str, _body: bytes) -> Reply:
        held = self._held(id, who)
        hidden = {"owner", "cpid"} if held["user_role"] == "user" else {"owner"}
        return reply(200, {key: value for key, value in held.items() if key not in hidden})

    def _mark(self, id: str, who: str | None, key: str, body: bytes) -> Reply:
        if key not in META:
            raise Refusal(403, "Access was denied to this resource.")
        self._held(id, who, own=True)["meta"][key] = body.decode()
        return Reply(201, b"")

    def _delete(self, id: str, who: str | None, _key: str, _body: bytes) -> Reply:
        self._held(id, who, own=True)
        del self.held[id]
        return Reply(204, b"")


LISTED = ("created_at", "duration_seconds", "meta")


class Refusal(Exception):
    def __init__(self, status: int, title: str) -> None:
        super().__init__(title)
        self.status = status


def reply(status: int, document: object) -> Reply:
    return Reply(status, json.dumps(document).encode(), {"Content-Type": "application/json"})


def verified(key: str, data: bytes, signature: bytes) -> bool:
    loaded = load_ssh_public_key(key.encode())
    assert isinstance(loaded, RSAPublicKey)
    try:
        loaded.verify(signature, data, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def unpadded(part: str) -> bytes:
    assert re.fullmatch(r"[\w-]*", part)
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

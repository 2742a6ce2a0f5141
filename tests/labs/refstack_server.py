"""A RefStack lab for tests, and its server's API as any program asks it."""

import json
import os
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from labs.binaries.catalogue import REFSTACK
from labs.refstack.lab import RefStackLab

WITHIN = 10.0
needs_server = pytest.mark.skipif(REFSTACK.unfit is not None, reason=str(REFSTACK.unfit))


@contextmanager
def server(guidelines: Path, logs: Path) -> Iterator[RefStackLab]:
    """A lab that serves the guidelines of a folder, and ends with this process, or before."""
    name = f"refstack-{os.getpid()}-{time.monotonic_ns() % 10**6}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABPROOF_GUIDELINES", str(guidelines))
        lab = RefStackLab.up(name, variant="default", nodes=1, logs=logs, owner=os.getpid(), progress=print)
    try:
        yield lab
    finally:
        lab.down()


@dataclass
class Api:
    """The server's API, asked by plain requests; no proxy of the user's is between."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, f"{self.url}/v1/{path}", timeout=WITHIN, **more)

    def get(self, path: str, **more: Any) -> Any:
        """The JSON of an answer that is well."""
        answer = self.ask("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def upload(self, body: bytes, **headers: str) -> requests.Response:
        return self.ask("POST", "results/", data=body, headers={"Content-Type": "application/json"} | headers)


def signature(key: rsa.RSAPrivateKey, text: bytes) -> dict[str, str]:
    """The headers of a signed upload."""
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return {"X-Signature": key.sign(text, PKCS1v15(), SHA256()).hex(), "X-Public-Key": public}


def token(key: rsa.RSAPrivateKey, openid: str) -> dict[str, str]:
    """The header by which a user is known, for a minute."""
    claims = {"user_openid": openid, "exp": int(time.time()) + 60}
    parts = [_coded(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    return {"Authorization": f"Bearer {'.'.join([*parts, _coded(key.sign('.'.join(parts).encode(), PKCS1v15(), SHA256()))])}"}


def _coded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()

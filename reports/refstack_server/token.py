"""The token by which a RefStack server knows a user: a JWT, signed with the user's key."""

import base64
import json
import time

from reports.signature import PrivateKey

VALID = 300  # seconds; the server's clock may be off by somewhat less


def token(openid: str, key: PrivateKey) -> str:
    """For the user of that OpenID; a new one is made for each question."""
    head, claims = {"alg": "RS256", "typ": "JWT"}, {"user_openid": openid, "exp": int(time.time()) + VALID}
    signed = f"{_part(json.dumps(head).encode())}.{_part(json.dumps(claims).encode())}"
    return f"{signed}.{_part(key.sign(signed.encode()))}"


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

"""A guideline out of an address."""

import re
import time

import requests
from urllib3.exceptions import HTTPError

from reports.guideline_error import GuidelineError
from reports.masking import masked

CONNECT, SILENCE, WHOLE = 10.0, 15.0, 60.0  # seconds: to connect, without a byte, for all of it
PIECE = 65536  # bytes
OBJECT = re.compile(r"^\w+\([^)]*\): ")  # how urllib3 begins its messages


def download(source: str, name: str, limit: int) -> bytes:
    """The body at an http(s) address, read until it is longer than `limit` bytes; messages call the address `name`."""
    try:
        with requests.get(source, timeout=(CONNECT, SILENCE), stream=True) as answer:
            if answer.status_code != 200:
                raise GuidelineError(f"{name}: the server answered {answer.status_code} {answer.reason}")
            return _body(answer, limit, time.monotonic() + WHOLE)
    except TimeoutError as error:
        raise GuidelineError(f"{name}: {error}") from None
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise GuidelineError(f"{name}: not reachable: {_reason(error)}") from None


def _body(answer: requests.Response, limit: int, deadline: float) -> bytes:
    data = bytearray()
    while len(data) <= limit and (piece := answer.raw.read1(PIECE, decode_content=True)):
        data += piece
        if time.monotonic() > deadline:
            raise TimeoutError(f"not received within {WHOLE:.0f} s ({len(data)} bytes came)")
    return bytes(data)


def _reason(error: Exception) -> str:
    """The innermost cause, which is what tells a person most."""
    if isinstance(error, requests.Timeout):
        return f"no answer within {CONNECT if isinstance(error, requests.ConnectTimeout) else SILENCE:.0f} s"
    inner = getattr(error.args[0] if error.args else None, "reason", None) or error
    return masked(" ".join(OBJECT.sub("", str(inner)).split()))

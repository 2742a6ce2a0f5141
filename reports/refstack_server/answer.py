"""One question to a server and its whole answer, or why there is none."""

import json
import queue
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

import requests
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxyError

from reports.masking import masked
from reports.refstack_server.loopback import on_loopback

T = TypeVar("T")
CONNECT = 5.0  # seconds
LIMIT = 16 * 1024 * 1024  # bytes of an answer
SHOWN = 300  # characters of what a server says
UNCONNECTED = (NewConnectionError, ConnectTimeoutError, ProxyError)
DIRECTLY = {"http": "", "https": "", "all": ""}  # whatever proxies the environment names
HOPELESS = (requests.exceptions.SSLError, requests.exceptions.InvalidURL)
NOISE = re.compile(r"^\w+\([^)]*\): |Failed to establish a new connection: |\[Errno -?\d+\] ")  # of urllib3's messages


class Unreached(Exception):
    """No answer that tells yes or no: one line.

    `arrived`: the server may have done what it was asked. `pause`: seconds after which the server asks to come back. `final`:
    asking again is of no use.
    """

    def __init__(self, message: str, *, arrived: bool = False, pause: float = 0.0, final: bool = False) -> None:
        super().__init__(message)
        self.arrived, self.pause, self.final = arrived, pause, final


class Rejected(Exception):
    """The server's no: one line with its words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """A whole answer; `pause` is its Retry-After in seconds, `target` its Location as messages show it."""

    status: int
    body: bytes
    pause: float = 0.0
    target: str = ""

    def told(self) -> str:
        """The status and what the server says of it, in a line."""
        words = self._words()
        return f"{self.status}: {words}" if words else f"{self.status} {_phrase(self.status)}".strip()

    def _words(self) -> str:
        try:
            found = json.loads(self.body)
            said = found.get("detail") or found.get("title") or found.get("message") or ""
        except (ValueError, AttributeError, RecursionError):
            return ""  # the page of some proxy
        return line(str(said))


def line(text: str) -> str:
    """Somebody else's text: in one line, of limited length, without secrets and control characters."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    short = " ".join(masked(plain).split())
    return short if len(short) <= SHOWN else f"{short[:SHOWN]} …"


def asked(method: str, url: str, seconds: float, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    """The whole answer, whatever its status; Unreached where there is none within so many seconds."""
    try:
        return _within(seconds, lambda: _ask(method, url, seconds, body, headers))
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise Unreached(_why(error, seconds), arrived=_arrived(error), final=isinstance(error, HOPELESS)) from None


def _ask(method: str, url: str, seconds: float, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    with requests.request(
        method, url, data=body, headers=dict(headers), timeout=(min(CONNECT, seconds), seconds), stream=True,
        allow_redirects=False, auth=_as_it_is, proxies=DIRECTLY if on_loopback(url) else None,
    ) as answer:  # fmt: skip
        data = answer.raw.read(LIMIT + 1, decode_content=True)
        if len(data) > LIMIT:
            raise ValueError(f"more than {LIMIT // 1024 // 1024} MB came")
        wait = answer.headers.get("Retry-After", "")
        pause = float(wait) if wait.isascii() and wait.isdigit() else 0.0
        return Answer(answer.status_code, data, pause, line(answer.headers.get("Location", "")))


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """What a ~/.netrc says of the host does not replace our token."""
    return request


def _within(seconds: float, ask: Callable[[], T]) -> T:
    """In a thread that is left behind when the time is over: requests knows the time between two bytes only, and a server may
    send one now and then."""
    came: queue.Queue[tuple[T | None, Exception | None]] = queue.Queue(1)

    def run() -> None:
        try:
            came.put((ask(), None))
        except Exception as error:
            came.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        found, error = came.get(timeout=seconds)
    except queue.Empty:
        raise requests.ReadTimeout from None
    if error is not None:
        raise error
    assert found is not None
    return found


def _why(error: Exception, seconds: float) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {min(CONNECT, seconds):.0f} s"
    if isinstance(error, requests.Timeout):
        return f"no whole answer within {seconds:.0f} s"
    if isinstance(error, requests.exceptions.SSLError):
        return f"no secure connection: {_reason(error)}; an authority of your own is named by REQUESTS_CA_BUNDLE"
    if isinstance(_inner(error), ProxyError):
        return f"no connection by the proxy that http_proxy or https_proxy names: {_reason(error)}"
    return f"{'the connection broke' if _arrived(error) else 'no connection'}: {_reason(error)}"


def _arrived(error: Exception) -> bool:
    """Whether the question may have reached the server: not so where there was no connection at all."""
    return not isinstance(error, (*HOPELESS, requests.ConnectTimeout)) and not isinstance(_inner(error), UNCONNECTED)


def _inner(error: Exception) -> object:
    first = error.args[0] if error.args else None
    return getattr(first, "reason", None) or first or error


def _reason(error: Exception) -> str:
    """The innermost cause, which tells a person most."""
    inner = _inner(error)
    cause = inner.original_error if isinstance(inner, ProxyError) else inner
    return line(NOISE.sub("", str(cause))) or type(error).__name__


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""

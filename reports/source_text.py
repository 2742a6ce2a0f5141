"""The text of a guideline, or of results: from a file or an address, and out of JSON."""

import codecs
import json
from typing import Any

from reports.guideline_error import GuidelineError
from reports.masking import shown
from reports.named_file import NotAFile, Unreadable, read

LIMIT = 8 * 1024 * 1024  # bytes; the largest official file has 0.3 MB
GUIDELINE = "a guideline"


def fetch(source: str) -> bytes:
    """Bytes of a path or an http(s) address, at most LIMIT of them."""
    scheme = source.partition("://")[0].lower() if "://" in source else ""
    if scheme in ("http", "https"):
        from reports.download import download  # only now: most runs read a file, and requests takes its time to import

        return _limited(download(source, shown(source), LIMIT), shown(source), GUIDELINE)
    if scheme:
        raise GuidelineError(f"{shown(source)}: {scheme} addresses are not read; give a path or an http(s) address")
    return file(source)


def file(source: str, what: str = GUIDELINE) -> bytes:
    """Bytes of a path, at most LIMIT of them; messages say that it should be `what`."""
    try:
        return _limited(read(source, LIMIT), shown(source), what)
    except NotAFile:
        raise GuidelineError(f"{shown(source)}: not a file; give the path of {what} in JSON") from None
    except Unreadable as error:
        raise GuidelineError(f"{shown(source)}: cannot be read: {error}") from None


def _limited(data: bytes, source: str, what: str) -> bytes:
    if len(data) > LIMIT:
        raise GuidelineError(f"{source}: larger than {LIMIT // 1024 // 1024} MB, so not {what}")
    return data


def load(data: bytes, what: str = GUIDELINE) -> Any:  # noqa: ANN401 - any JSON
    """Parse the JSON of a guideline; GuidelineError where it is none, or names a key twice. Messages expect `what`."""
    text = _decoded(data, what)
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise GuidelineError(f"line {error.lineno} column {error.colno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise GuidelineError(f"not {what}: nested too deeply") from None
    except ValueError as error:
        raise GuidelineError(f"not JSON: {error}") from None


def _decoded(data: bytes, what: str) -> str:
    body = data.removeprefix(codecs.BOM_UTF8)
    if not body.strip():
        raise GuidelineError(f"empty; {what} (JSON) is expected")
    if body.lstrip()[:1] == b"<":
        raise GuidelineError("an HTML or XML page and not JSON; give the address of the raw file")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise GuidelineError(f"not text in UTF-8 (byte {error.start}); {what} (JSON) is expected") from None
    if "\0" in text:
        raise GuidelineError(f"binary data; {what} (JSON) is expected")
    return text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise GuidelineError(f'the key "{key}" stands twice in one object')
        found[key] = value
    return found


def _constant(name: str) -> Any:  # noqa: ANN401
    raise GuidelineError(f"not JSON: {name} is no number of JSON")

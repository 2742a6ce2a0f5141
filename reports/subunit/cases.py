"""The cases of a subunit stream, version 2 or 1: what each came to, by the stream's own words."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import subunit  # type: ignore[import-not-found,import-untyped,unused-ignore]
from subunit.v2 import ByteStreamToStreamResult  # type: ignore[import-not-found,import-untyped,unused-ignore]
from testtools import ExtendedToStreamDecorator, StreamToDict  # type: ignore[import-not-found,unused-ignore]

from reports.subunit import packets
from reports.subunit.packets import SubunitError

LIMIT = 512 * 1024 * 1024  # bytes; a whole run of Tempest with its logs has about 100 MB
VERSION_1 = re.compile(rb"^(?:test|testing|time|tags|progress|error|failure|skip|success|successful|xfail|uxsuccess):? .", re.M)
OUTCOME_1 = re.compile(rb"(?:error|failure|skip|success|successful|xfail|uxsuccess):? (?P<name>.*?)(?: \[(?: multipart)?)?\n")
LOST = re.compile(r"lost connection during (?P<report>\w+ report of )?test '")  # how version 1 tells what has no end


@dataclass(frozen=True)
class Case:
    """One test of the stream; `status` is of subunit: success, skip, fail, xfail, uxsuccess, or exists and inprogress.

    `text` is why it was skipped or its tracebacks; the times are as the stream has them.
    """

    name: str
    status: str
    text: str
    start: datetime | None
    end: datetime | None


def read(path: Path) -> bytes:
    """The bytes of a file, unpacked where they are gzip's; SubunitError where they are none, or too many."""
    try:
        data = path.read_bytes() if path.stat().st_size <= LIMIT else b"\0" * (LIMIT + 1)
        if data.startswith(b"\x1f\x8b"):
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SubunitError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > LIMIT:
        raise SubunitError(f"{path}: larger than {LIMIT // 1024 // 1024} MB")
    return data


def version(data: bytes) -> int | None:
    """2 or 1 by what comes first, None where neither is there; output of programs may stand between."""
    second, first = packets.BEGIN.search(data), VERSION_1.search(data)
    if second and not (first and first.start() < second.start()):
        return 2
    return 1 if first else None


def cases(data: bytes, source: str) -> list[Case]:
    """All of them in the order of their ends; `source` is what messages call the stream."""
    found: list[Mapping[str, Any]] = []
    taken = StreamToDict(found.append)
    taken.startTestRun()
    try:
        _run(data, taken)
        taken.stopTestRun()
        return list(map(_case, found))
    except SubunitError as error:
        raise SubunitError(f"{source}: {error}") from None
    except Exception as error:  # the library has no error of its own
        raise SubunitError(f"{source}: a damaged subunit stream: {' '.join(str(error).split())}") from None


def _run(data: bytes, taken: StreamToDict) -> None:
    form = version(data)
    if form is None:
        raise SubunitError("no subunit stream: neither version 2 nor version 1 begins anywhere in it")
    if form == 2:
        ByteStreamToStreamResult(io.BytesIO(b"".join(packets.packets(data)))).run(taken)
        return
    client = ExtendedToStreamDecorator(taken)
    client.startTestRun()  # else it begins, and forgets the time, with the first test
    server = subunit.TestProtocolServer(client, stream=subunit.DiscardStream())
    for line in _begun(server, data):
        server.lineReceived(line)
    server.lostConnection()


def _begun(server: Any, data: bytes) -> Iterator[bytes]:  # noqa: ANN401 - of the library
    """The lines of version 1; what failed though it was never begun (`setUpClass`) would be lost, so it is begun first."""
    for line in io.BytesIO(data):
        outcome = OUTCOME_1.fullmatch(line)
        if outcome and getattr(server, "current_test_description", None) is None:
            yield b"test: " + outcome["name"] + b"\n"
        yield line


def _case(each: Mapping[str, Any]) -> Case:
    text = "" if each["status"] == "success" else _text(each["details"])
    lost = LOST.search(text) if each["status"] == "fail" else None
    if lost and lost["report"]:
        raise SubunitError(f"a truncated subunit stream: it ends within the report of {each['id']}")
    start, end = each["timestamps"]
    return Case(each["id"], "inprogress" if lost else each["status"], text, start, end)


def _text(details: Mapping[str, Any]) -> str:
    """The reason, else the tracebacks in their order, else what text there is that is no log."""
    if "reason" in details:
        return _decoded(details["reason"])
    named = sorted((name for name in details if name.startswith("traceback")), key=lambda name: (len(name), name))
    names = named or [name for name in sorted(details) if details[name].content_type.type == "text" and "log" not in name]
    return "\n".join(_decoded(details[name]) for name in names)


def _decoded(content: Any) -> str:  # noqa: ANN401 - of the library
    return b"".join(content.iter_bytes()).decode("utf-8", "replace").strip()

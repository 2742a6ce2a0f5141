"""Results that were made elsewhere, in any form that can be judged: a subunit stream, RefStack results, outcomes of ours."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reports import outcomes, refstack
from reports.guideline import Program
from reports.listed_name import bare
from reports.outcomes import Found, Outcome, OutcomesError, Record
from reports.refstack import Results, ResultsError
from reports.subunit.packets import SubunitError

LIMIT = 8 * 1024 * 1024  # bytes of a line; that of an outcome has a traceback, and may have more than one
EXPECTED = "a subunit stream, RefStack results (JSON) or an outcomes.jsonl is expected"
PASSES_ALONE = (
    "RefStack results hold passes alone: of the tests that are missing, nobody can tell which failed and which never ran"
)
ByVariant = Mapping[str, Mapping[str, Found]]
"""Outcomes by test, by the variant of the lab."""


class ForeignError(Exception):
    """A file that cannot be judged: one line."""


@dataclass(frozen=True)
class Foreign:
    """What a file tells: outcomes of the tests of a program, by variant; the ids of the tests that stand in it, by name.

    `notes` are lines that whoever reads the verdict has to know of; `started` is RFC 3339, now where the file has no time.
    """

    form: str
    of: Callable[[Program], ByVariant]
    ids: Mapping[str, str | None]
    notes: tuple[str, ...]
    started: str
    seconds: float


def read(path: Path) -> Foreign:
    """Whichever form it has; ForeignError says in one line why it cannot be judged."""
    try:
        head = _head(path)
        if head.startswith(b"{"):
            return _outcomes(path) if _is_record(head) else _results(refstack.read(path))
        if not head:
            raise ForeignError(f"{path}: empty; {EXPECTED}")
        if head[:1] in (b"<", b"["):
            raise ForeignError(f"{path}: {'an HTML or XML page' if head[:1] == b'<' else 'a list'}; {EXPECTED}")
        return _stream(path)
    except (SubunitError, ResultsError, OutcomesError) as error:
        raise ForeignError(str(error)) from None


def _head(path: Path) -> bytes:
    """The first line that is none of spaces, or what there is of it."""
    try:
        if not path.is_file():
            raise ForeignError(f"{path}: {'a folder' if path.is_dir() else 'no such file'}; {EXPECTED}")
        with path.open("rb") as opened:
            return opened.read(LIMIT).removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    except (OSError, ValueError) as error:
        raise ForeignError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _is_record(line: bytes) -> bool:
    try:
        found = json.loads(line)
    except ValueError:
        return False
    return isinstance(found, dict) and found.keys() >= {"test", "outcome"}


def _stream(path: Path) -> Foreign:
    from reports.subunit.stream import read  # only now: other forms need no subunit, whose import takes its time

    stream = read(path)
    started = (stream.started or datetime.now(UTC)).isoformat(timespec="seconds")
    return Foreign(
        form="subunit stream",
        of=lambda program: {"default": stream.found(_names(program))},
        ids={name: stream.ids.get(name) for name in stream.outcomes},
        notes=stream.notes,
        started=started,
        seconds=stream.seconds,
    )


def _results(results: Results) -> Foreign:
    found = {bare(each.name): Found(Outcome.passed) for each in results.results}
    return Foreign(
        form="RefStack results",
        of=lambda _: {"default": found},
        ids={bare(each.name): each.uuid for each in results.results},
        notes=(PASSES_ALONE, *refstack.problems(results)),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=results.duration_seconds,
    )


def _outcomes(path: Path) -> Foreign:
    records = outcomes.read(path)
    if not records:
        raise ForeignError(f"{path}: holds no whole line; {EXPECTED}")
    try:
        begun = [datetime.fromisoformat(record.start) for record in records]
        ended = max(at.timestamp() + record.seconds for at, record in zip(begun, records, strict=True))
    except (TypeError, ValueError) as error:
        raise ForeignError(f"{path}: a time that is none: {error}") from None
    return Foreign(
        form="outcomes",
        of=lambda program: _by_variant(records, program),
        ids={record.test: record.id for record in records},
        notes=(),
        started=min(begun).isoformat(timespec="seconds"),
        seconds=ended - min(begun).timestamp(),
    )


def _by_variant(records: list[Record], program: Program) -> ByVariant:
    """Those that were run for the program, else all: another program may ask for the same tests."""
    known = {record.program for record in records}
    of = [record for record in records if record.program == program.name or program.name not in known]
    return {
        variant: _worst([record for record in of if record.variant == variant])
        for variant in dict.fromkeys(record.variant for record in of)
    }


def _worst(records: Iterable[Record]) -> dict[str, Found]:
    """By test, of what was run for several programs the worst."""
    found: dict[str, Found] = {}
    held = list(records)
    for program, variant in dict.fromkeys((record.program, record.variant) for record in held):
        for test, one in outcomes.judged(held, program, variant).items():
            if test not in found or one.outcome.rank > found[test].outcome.rank:
                found[test] = one
    return found


def _names(program: Program) -> list[str]:
    return [name for requirement in program.requirements for name in requirement.names]

"""Outcomes of tests, and the file that holds them, a JSON line a case, written as soon as it is known."""

import fcntl
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple


class Outcome(StrEnum):
    """Declared from best to worst."""

    passed = "passed"
    skipped = "skipped"
    missing = "missing"
    blocked = "blocked"
    failed = "failed"

    @property
    def rank(self) -> int:
        """0 is best."""
        return list(Outcome).index(self)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of all together; of none it is missing, never passed."""
    return max(outcomes, key=lambda outcome: outcome.rank, default=Outcome.missing)


DESELECTED = "deselected"
"""Why a test is missing that nobody asked for."""

NOT_SELECTED = "not selected: --full"
"""Why a heavy one is."""


class OutcomesError(Exception):
    """A file of outcomes that cannot be trusted: one line."""


Key = tuple[str, str | None, str, str]


@dataclass(frozen=True)
class Record:
    """One case of a test, run once; `start` is RFC 3339, `attempt` counts from 1.

    `kinds` are those of the problems that it failed by, if judged problems they were; a proof says too which tests `also`
    found the fault. Neither is written where there is none.
    """

    test: str
    id: str | None
    case: str | None
    program: str
    variant: str
    outcome: Outcome
    reason: str | None
    start: str
    seconds: float
    attempt: int = 1
    kinds: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """What attempts at the same case have in common."""
        return (self.test, self.case, self.program, self.variant)

    def to_line(self) -> str:
        """JSON, one line with its end."""
        found = {**asdict(self), "seconds": round(self.seconds, 3)}
        for name in ("kinds", "also"):
            if not found[name]:
                del found[name]
        return json.dumps(found, ensure_ascii=False) + "\n"


def append(path: Path, record: Record) -> None:
    """Add a record in one write, safe against other processes that add to the file; a torn last line is cut off."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _cut_torn_end(descriptor)
        _write(descriptor, record.to_line().encode("utf-8", "backslashreplace"))
    finally:
        os.close(descriptor)


def _cut_torn_end(descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        os.ftruncate(descriptor, os.pread(descriptor, size, 0).rfind(b"\n") + 1)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def read(path: Path) -> list[Record]:
    """All records; a torn last line (its writer was killed) is skipped, any other bad line is an OutcomesError."""
    if not path.exists():
        return []
    whole, _, _torn = path.read_bytes().rpartition(b"\n")
    lines = whole.split(b"\n") if whole else []
    return [_record(line, f"{path}:{number}") for number, line in enumerate(lines, 1)]


def _record(line: bytes, where: str) -> Record:
    try:
        found = json.loads(line)
        lists = {name: tuple(found[name]) for name in ("kinds", "also") if name in found}
        return Record(**{**found, **lists, "outcome": Outcome(found["outcome"])})
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise OutcomesError(f"{where}: not an outcome ({error})") from None


def latest(records: Iterable[Record], program: str, variant: str) -> list[Record]:
    """The last attempt at each case of a program on a variant."""
    of = (record for record in records if (record.program, record.variant) == (program, variant))
    return list(by_key(of).values())


def by_key(records: Iterable[Record]) -> dict[Key, Record]:
    """The last attempt at each case."""
    last: dict[Key, Record] = {}
    for record in records:
        if record.key not in last or record.attempt >= last[record.key].attempt:
            last[record.key] = record
    return last


class Found(NamedTuple):
    """What became of a test, why, and the kinds of the problems that it failed by."""

    outcome: Outcome
    reason: str | None = None
    kinds: tuple[str, ...] = ()


def judged(records: Iterable[Record], program: str, variant: str) -> Mapping[str, Found]:
    """By test: the worst of its cases in their last attempts, and why; of several, one that failed by no judged problem."""
    cases: dict[str, list[Record]] = {}
    for record in latest(records, program, variant):
        cases.setdefault(record.test, []).append(record)
    return {test: _together(held) for test, held in cases.items()}


def _together(cases: Sequence[Record]) -> Found:
    outcome = worst(case.outcome for case in cases)
    bad = [case for case in cases if case.outcome is outcome]
    first = next((case for case in bad if not case.kinds), bad[0])
    alike = all((case.outcome, case.reason) == (outcome, first.reason) for case in cases)
    named = first.reason and first.case and not alike
    return Found(outcome, f"[{first.case}] {first.reason}" if named else first.reason, first.kinds)

"""The requirements of verdict.json, flat and sorted by what they mean to a reader."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.guideline import Flag
from reports.masking import masked
from reports.outcomes import DESELECTED, NOT_SELECTED
from reports.verdict import full_name

WORST_FIRST = ("failed", "blocked", "missing", "skipped")


@dataclass(frozen=True)
class Row:
    """One requirement of one verdict, flat; `flag` says why it does not count at present.

    `kinds` are those of the judged problems that it failed by: a flagged test is known to fail by these, and by nothing else.
    """

    program: str
    status: str
    test: str
    outcome: str
    flagged: bool
    reason: str
    flag: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    @property
    def deselected(self) -> bool:
        return self.outcome == "missing" and self.reason == DESELECTED

    @property
    def heavy(self) -> bool:
        """Whether it is left to `--full`; what is required is missing all the same."""
        return self.outcome == "missing" and self.reason == NOT_SELECTED and self.status != "required"

    @property
    def first(self) -> str:
        """The first line of the reason."""
        return next((line.strip() for line in self.reason.splitlines() if line.strip()), "")


@dataclass(frozen=True)
class Sorted:
    """Rows by what they mean to a reader, each test of a program once, the worst first; `deselected` are numbers by program.

    `heavy` ones were not run for want of `--full`.
    """

    against: list[Row]
    flagged: list[Row]
    otherwise: list[Row]
    mended: list[Row]
    unseen: list[Row]
    optional: list[Row]
    heavy: list[Row]
    deselected: dict[str, int]


def rows(document: Mapping[str, Any]) -> Iterator[Row]:
    """Every requirement of every verdict; those of removed capabilities are of no concern any more."""
    for entry in document["verdicts"]:
        for capability in entry["capabilities"]:
            if capability["status"] != "removed":
                yield from (_row(full_name(entry), capability["status"], found) for found in capability["requirements"])


def _row(program: str, status: str, found: Mapping[str, Any]) -> Row:
    flag = str(Flag.of(found["flag"])) if found.get("flag") else ""
    reason, kinds = masked(found["reason"] or ""), tuple(found.get("kinds", ()))
    return Row(program, status, found["test"], found["outcome"], found["flagged"], reason, flag, kinds)


def sort(found: Sequence[Row]) -> Sorted:
    """Against the verdict; flagged and failing as known, by something else, passing now, or without a result; not required.

    What nobody asked for is counted, and stands in no list; what only `--full` runs has one of its own.
    """
    once = sorted(dict.fromkeys(found), key=lambda row: WORST_FIRST.index(row.outcome) if not row.passed else 0)
    asked = [row for row in once if not row.deselected and not row.heavy]
    required = {(row.program, row.test) for row in once if row.status == "required"}
    bad = [row for row in asked if not row.passed and not row.flagged]
    flagged = [row for row in asked if row.flagged]
    return Sorted(
        against=[row for row in bad if row.status == "required"],
        flagged=[row for row in flagged if row.outcome == "failed" and row.kinds],
        otherwise=[row for row in flagged if row.outcome == "failed" and not row.kinds],
        mended=[row for row in flagged if row.passed],
        unseen=[row for row in flagged if row.outcome in ("blocked", "skipped")],
        optional=[row for row in bad if (row.program, row.test) not in required],
        heavy=[row for row in once if row.heavy and (row.program, row.test) not in required],
        deselected=dict(Counter(program for program, _ in {(row.program, row.test): 0 for row in once if row.deselected})),
    )

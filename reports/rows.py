"""The requirements of verdict.json, flat and sorted by what they mean to a reader."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.guideline import Flag
from reports.masking import masked
from reports.verdict import full_name

WORST_FIRST = ("failed", "blocked", "missing", "skipped")


@dataclass(frozen=True)
class Row:
    """One requirement of one verdict, flat; `flag` says why it does not count at present."""

    program: str
    status: str
    test: str
    outcome: str
    flagged: bool
    reason: str
    flag: str = ""

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    @property
    def first(self) -> str:
        """The first line of the reason."""
        return next((line.strip() for line in self.reason.splitlines() if line.strip()), "")


@dataclass(frozen=True)
class Sorted:
    """Rows by what they mean to a reader, each test of a program once, the worst first."""

    against: list[Row]
    flagged: list[Row]
    mended: list[Row]
    unseen: list[Row]
    optional: list[Row]


def rows(document: Mapping[str, Any]) -> Iterator[Row]:
    """Every requirement of every verdict; those of removed capabilities are of no concern any more."""
    for entry in document["verdicts"]:
        for capability in entry["capabilities"]:
            if capability["status"] != "removed":
                yield from (_row(full_name(entry), capability["status"], found) for found in capability["requirements"])


def _row(program: str, status: str, found: Mapping[str, Any]) -> Row:
    flag = str(Flag.of(found["flag"])) if found.get("flag") else ""
    return Row(program, status, found["test"], found["outcome"], found["flagged"], masked(found["reason"] or ""), flag)


def sort(found: Sequence[Row]) -> Sorted:
    """Against the verdict; flagged and still failing, passing now, or not run to an end; not required and not passing."""
    once = sorted(dict.fromkeys(found), key=lambda row: WORST_FIRST.index(row.outcome) if not row.passed else 0)
    required = [row for row in once if row.status == "required"]
    named = {(row.program, row.test) for row in required}
    return Sorted(
        against=[row for row in required if not row.passed and not row.flagged],
        flagged=[row for row in once if row.flagged and row.outcome == "failed"],
        mended=[row for row in once if row.flagged and row.passed],
        unseen=[row for row in once if row.flagged and row.outcome not in ("passed", "failed")],
        optional=[
            r for r in once if not r.passed and not r.flagged and r.status != "required" and (r.program, r.test) not in named
        ],
    )

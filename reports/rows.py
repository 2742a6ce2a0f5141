"""The requirements of verdict.json, flat and sorted by what they mean to a reader."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.masking import masked
from reports.verdict import full_name

WORST_FIRST = ("failed", "blocked", "missing", "skipped")


@dataclass(frozen=True)
class Row:
    """One requirement of one verdict, flat."""

    program: str
    status: str
    test: str
    outcome: str
    flagged: bool
    reason: str

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"


@dataclass(frozen=True)
class Sorted:
    """Rows by what they mean to a reader, each test of a program once, the worst first."""

    against: list[Row]
    flagged: list[Row]
    mended: list[Row]
    optional: list[Row]


def rows(document: Mapping[str, Any]) -> Iterator[Row]:
    """Every requirement of every verdict; those of removed capabilities are of no concern any more."""
    for entry in document["verdicts"]:
        for capability in entry["capabilities"]:
            if capability["status"] != "removed":
                for found in capability["requirements"]:
                    reason = masked(found["reason"] or "")
                    yield Row(full_name(entry), capability["status"], found["test"], found["outcome"], found["flagged"], reason)


def sort(found: Sequence[Row]) -> Sorted:
    """Against the verdict; flagged and failing; flagged and passing now; not required and failing."""
    once = sorted(dict.fromkeys(found), key=lambda row: WORST_FIRST.index(row.outcome) if not row.passed else 0)
    required = [row for row in once if row.status == "required"]
    named = {(row.program, row.test) for row in required}
    return Sorted(
        against=[row for row in required if not row.passed and not row.flagged],
        flagged=[row for row in once if not row.passed and row.flagged],
        mended=[row for row in once if row.passed and row.flagged],
        optional=[
            r for r in once if not r.passed and not r.flagged and r.status != "required" and (r.program, r.test) not in named
        ],
    )

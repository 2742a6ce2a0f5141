"""The document of verdict.json on a terminal, as a table; as plain lines elsewhere."""

from collections import Counter
from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import Any

from rich.console import Console
from rich.table import Table

from reports.outcomes import NOT_SELECTED
from reports.rows import WORST_FIRST, Row, rows, sort
from reports.verdict import full_name, sentence, share_text

SHOWN = 20  # tests
WIDE = 120  # characters of a reason, whose whole text stands elsewhere


def show(document: Mapping[str, Any], console: Console, files: Mapping[str, str]) -> None:
    """Print the verdicts: a table where there is a terminal, else a line each; then what stands against them, and the files."""
    entries = document["verdicts"]
    if console.is_terminal:
        console.print(table(entries))
    for entry in entries:
        _line(console, sentence(entry), style="bold green" if entry["compliant"] else "bold red")
    found = sort(list(rows(document)))
    _list(console, "", [_failed(row) for row in found.against])
    for program, count in found.deselected.items():
        _line(console, f"  missing {program}  {count} deselected")
    for program, count in Counter(row.program for row in found.heavy).items():
        _line(console, f"  missing {program}  {count} {NOT_SELECTED}")
    _list(console, "Flagged, still failing (these change no verdict):", [_flagged(row) for row in found.flagged])
    _list(console, "Flagged, failing by something else (these change no verdict):", [_failed(row) for row in found.otherwise])
    _list(console, "Flagged, passes now (the flags can go):", [_flagged(row) for row in found.mended])
    _list(console, "Flagged, no result:", [_flagged(row) for row in found.unseen])
    _list(console, "Not required, not passing (these change no verdict):", [_failed(row) for row in found.optional])
    for what, where in files.items():
        _line(console, f"{what}: {where}")


def _list(console: Console, title: str, lines: Sequence[str]) -> None:
    more = [f"  … and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    for line in [*([title] if title and lines else []), *lines[:SHOWN], *more]:
        _line(console, line)


def _failed(row: Row) -> str:
    return _told(row, shorten(row.first, WIDE, placeholder=" …"))


def _flagged(row: Row) -> str:
    """With why it is flagged, and what was found today, whose whole text stands in the reports."""
    today = f"; today: {shorten(row.first, WIDE, placeholder=' …')}" if row.first else ""
    return _told(row, " ".join(row.flag.split()) + today)


def _told(row: Row, why: str) -> str:
    return f"  {row.outcome:8}{row.program}  {row.test}" + (f": {why}" if why else "")


def _line(console: Console, text: str, style: str | None = None) -> None:
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def table(entries: Sequence[Mapping[str, Any]]) -> Table:
    """One row a verdict."""
    made = Table("program", "lab", "guideline", "required", "without flagged", "not passed", "compliant")
    for entry in entries:
        answer = "[bold green]YES" if entry["compliant"] else "[bold red]NO"
        shares = share_text(entry["required"]), share_text(entry["non_flagged"])
        lab = str(entry["lab"].get("name", "")) if entry["lab"] else ""
        made.add_row(full_name(entry), lab, entry["guideline"], *shares, _counts(entry) or "–", answer)
    return made


def _counts(entry: Mapping[str, Any]) -> str:
    """ "1 failed, 2 missing", of the required tests."""
    required = [held for held in entry["capabilities"] if held["status"] == "required"]
    count = Counter(found["outcome"] for held in required for found in held["requirements"])
    return ", ".join(f"{count[outcome]} {outcome}" for outcome in WORST_FIRST if count[outcome])

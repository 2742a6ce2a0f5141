"""The document of verdict.json for people: a table on a terminal (plain lines elsewhere), and summary.md."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from reports.masking import masked
from reports.verdict import full_name, sentence, share_text

SQUARES = {"passed": "🟩", "failed": "🟥", "blocked": "🟧", "missing": "⬜", "skipped": "🟦"}
FLAGGED = "🟨"
WORST_FIRST = ("failed", "blocked", "missing", "skipped")
SHOWN = 20  # lines of a reason, or tests of a list on a terminal


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


def show(document: Mapping[str, Any], console: Console, files: Mapping[str, str]) -> None:
    """Print the verdicts: a table where there is a terminal, else a line each; then what stands against them, and the files."""
    entries = document["verdicts"]
    if console.is_terminal:
        console.print(table(entries))
    for entry in entries:
        console.print(sentence(entry), style="bold green" if entry["compliant"] else "bold red", markup=False, highlight=False)
    against = sort(list(rows(document))).against
    for row in against[:SHOWN]:
        _line(console, f"  {row.outcome:8}{row.program}  {row.test}{_first(row.reason)}")
    if len(against) > SHOWN:
        _line(console, f"  … and {len(against) - SHOWN} more")
    for what, where in files.items():
        _line(console, f"{what}: {where}")


def _line(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _first(reason: str) -> str:
    line = next((line.strip() for line in reason.splitlines() if line.strip()), "")
    return f": {line}" if line else ""


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


def markdown(document: Mapping[str, Any], files: Mapping[str, str]) -> str:
    """summary.md; `files` are addresses by what they are, relative to where it will stand."""
    found = sort(list(rows(document)))
    parts = [
        *_head(document),
        *(line for entry in document["verdicts"] for line in _overview(entry)),
        *_section("Against the verdict", "", found.against),
        *_section("Flagged, still not passing", "These change no verdict.", found.flagged),
        *_section("Flagged, passing now", "The flags can go.", found.mended),
        *_section("Not required, not passing", "These change no verdict.", found.optional),
        *(["", "## Files", "", *(f"- [{_plain(what)}]({where})" for what, where in files.items())] if files else []),
    ]
    return "\n".join(parts) + "\n"


def _head(document: Mapping[str, Any]) -> Iterator[str]:
    entries = document["verdicts"]
    yes = sum(entry["compliant"] for entry in entries)
    yield f"# {yes} of {len(entries)} programs comply" if len(entries) != 1 else f"# Compliant: {'YES' if yes else 'NO'}"
    yield ""
    yield f"Begun {document['started']}, {document['seconds']} s, Labproof {document['harness']}"


def _overview(entry: Mapping[str, Any]) -> Iterator[str]:
    lab = entry["lab"] or {}
    software = ", ".join(f"{name} {version}" for name, version in lab.get("software", {}).items())
    yield from ("", f"## {'✅' if entry['compliant'] else '❌'} {_plain(full_name(entry))}", "", _plain(sentence(entry)))
    if lab:
        yield from ("", _plain(f"Lab: {lab.get('name')} ({lab.get('kind')})" + (f", {software}" if software else "")))
    yield from ("", "| capability | status | passed | tests |", "|---|---|---|---|")
    for held in entry["capabilities"]:
        if held["status"] != "removed":
            marks = "".join(_square(found) for found in held["requirements"])
            yield f"| {_plain(held['name'])} | {held['status']} | {held['passed']}/{held['count']} | {marks} |"
    legend = " ".join(f"{square} {outcome}" for outcome, square in {**SQUARES, "flagged, not passing": FLAGGED}.items())
    yield from ("", legend)


def _square(found: Mapping[str, Any]) -> str:
    return FLAGGED if found["flagged"] and found["outcome"] != "passed" else SQUARES[found["outcome"]]


def _section(title: str, about: str, found: Sequence[Row]) -> Iterator[str]:
    if not found:
        return
    yield from ("", f"## {title} ({len(found)})", "", *([about, ""] if about else []))
    for row in found:
        yield f"- {SQUARES[row.outcome]} **{row.outcome}** {_plain(row.program)}: `{row.test}`"
        yield from _quoted(row.reason)


def _quoted(reason: str) -> Iterator[str]:
    lines = reason.strip().splitlines()
    if not lines:
        return
    more = [f"… and {len(lines) - SHOWN} more lines"] if len(lines) > SHOWN else []
    # A fence longer than any run of backticks in the text, so that no reason can end it.
    fence = "`" * max(
        3, max(len(run) for line in lines for run in "".join(c if c == "`" else " " for c in line).split(" ")) + 1
    )
    yield from ("", *(f"  {line}" for line in (f"{fence}text", *lines[:SHOWN], *more, fence)), "")


def _plain(text: str) -> str:
    """Text that Markdown takes for nothing else, in a table cell too."""
    return "".join(f"\\{sign}" if sign in "\\`*[]<>|" else sign for sign in " ".join(text.split()))

"""The document of verdict.json as a page for people: summary.md."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.rows import Row, rows, sort
from reports.verdict import full_name, sentence

SQUARES = {"passed": "🟩", "failed": "🟥", "blocked": "🟧", "missing": "⬜", "skipped": "🟦"}
FLAGGED = "🟨"
LEGEND = " ".join(f"{square} {outcome}" for outcome, square in {**SQUARES, "flagged, not passing": FLAGGED}.items())
SHOWN = 20  # lines of a reason


def markdown(document: Mapping[str, Any], files: Mapping[str, str]) -> str:
    """summary.md; `files` are addresses by what they are, relative to where it will stand."""
    found = sort(list(rows(document)))
    parts = [
        *_head(document),
        *(line for entry in document["verdicts"] for line in _overview(entry)),
        "",
        LEGEND,
        *_section("Against the verdict", "", found.against),
        *_deselected(found.deselected),
        *_flagged("Flagged, still failing", "Known failures; they change no verdict.", found.flagged),
        *_section("Flagged, failing by something else", "They change no verdict.", found.otherwise),
        *_flagged("Flagged, passes now", "The flags can go.", found.mended),
        *_flagged("Flagged, no result", "They change no verdict.", found.unseen),
        *_section("Not required, not passing", "These change no verdict.", found.optional),
        *_section("Not selected", "Heavy tests, which `--full` runs; they change no verdict.", found.heavy),
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
    settings = f", settings: {lab['settings']}" if "settings" in lab else ""
    if lab:
        yield from ("", _plain(f"Lab: {lab.get('name')} ({lab.get('kind')}{settings})" + (f", {software}" if software else "")))
    yield from ("", "| capability | status | passed | tests |", "|---|---|---|---|")
    for held in entry["capabilities"]:
        if held["status"] != "removed":
            marks = "".join(_square(found) for found in held["requirements"])
            yield f"| {_plain(held['name'])} | {held['status']} | {held['passed']}/{held['count']} | {marks} |"


def _square(found: Mapping[str, Any]) -> str:
    return FLAGGED if found["flagged"] and found["outcome"] not in ("passed", "missing") else SQUARES[found["outcome"]]


def _section(title: str, about: str, found: Sequence[Row]) -> Iterator[str]:
    if not found:
        return
    yield from ("", f"## {title} ({len(found)})", "", *([about, ""] if about else []))
    for row in found:
        lines = row.reason.strip().splitlines()
        short = f": {_plain(lines[0])}" if len(lines) == 1 else ""
        yield f"- {SQUARES[row.outcome]} **{row.outcome}** {_plain(row.program)}: `{row.test}`{short}"
        if len(lines) > 1:
            yield from _quoted(lines)


def _deselected(found: Mapping[str, int]) -> Iterator[str]:
    if found:
        yield from ("", "## Not asked for", "")
        yield from (f"- {_plain(program)}: {count} deselected" for program, count in found.items())


def _flagged(title: str, about: str, found: Sequence[Row]) -> Iterator[str]:
    """A line each: why it is flagged, and below it what was found today."""
    if not found:
        return
    yield from ("", f"## {title} ({len(found)})", "", about, "")
    for row in found:
        yield f"- {SQUARES[row.outcome]} **{row.outcome}** {_plain(row.program)}: `{row.test}`: {_plain(row.flag)}"
        if row.first:
            yield f"  - today: {_plain(row.first)}"


def _quoted(lines: Sequence[str]) -> Iterator[str]:
    more = [f"… and {len(lines) - SHOWN} more lines"] if len(lines) > SHOWN else []
    # A fence longer than any run of backticks in the text, so that no reason can end it.
    fence = "`" * max(
        3, max(len(run) for line in lines for run in "".join(c if c == "`" else " " for c in line).split(" ")) + 1
    )
    yield from ("", *(f"  {line}" for line in (f"{fence}text", *lines[:SHOWN], *more, fence)), "")


def _plain(text: str) -> str:
    """Text that Markdown takes for nothing else, in a table cell too."""
    return "".join(f"\\{sign}" if sign in "\\`*[]<>|" else sign for sign in " ".join(text.split()))

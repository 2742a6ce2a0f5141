"""`python -m reports guideline carry OLD.json`: what an official guideline means for the Tempest that is installed."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from reports import source_text
from reports.carry.carried import Carried, Line, carry, counts
from reports.command_line import Commands, Parser, UsageError, command
from reports.masking import shown
from reports.tempest import installed
from reports.tempest.installed import InstalledError

WORDS = {"name": "kept", "alias": "renamed", "id": "moved", "gone": "gone"}


def add(commands: Commands) -> None:
    made: Parser = commands.add_parser("guideline", help="what guidelines say", description="What guidelines say.")
    actions = made.add_subparsers(dest="action", required=True, metavar="ACTION")
    text = "write an official guideline anew for the Tempest that is installed, and say what became of each test"
    new = command(actions, "carry", run, text)
    new.add_argument("old", metavar="FILE_OR_URL", help="the guideline")
    new.add_argument("-o", "--output", type=Path, metavar="FILE", help="where the new one goes (ID.json here)")


def run(asked: argparse.Namespace) -> None:
    """Show what became of its tests, and write the new guideline; a file that says something else is not overwritten."""
    try:
        there = installed.tests()
    except InstalledError as error:
        raise UsageError(str(error)) from None
    carried = carry(source_text.fetch(asked.old), shown(asked.old), there)
    path = asked.output or Path(f"{carried.id}.json")
    _write(path, json.dumps(carried.document, indent=2, ensure_ascii=False) + "\n")
    show(carried, Console(highlight=False))
    print(f"Guideline {carried.id}: {path}")


def _write(path: Path, text: str) -> None:
    try:
        if path.exists() and path.read_text(encoding="utf-8", errors="replace") != text:
            raise UsageError(f"{path}: is there already and says something else; give another file with -o FILE")
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give another file with -o FILE") from None


def show(carried: Carried, console: Console) -> None:
    """Counts of each program, a table where there is a terminal; then each test that has another name today, or none."""
    if console.is_terminal:
        console.print(_table(carried))
    for line in [*([] if console.is_terminal else _programs(carried)), *_changes(carried), *_notes(carried)]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _table(carried: Carried) -> Table:
    title = f"{carried.old.id}: what became of its required tests in Tempest {carried.installed.version}"
    made = Table("program", "required", *WORDS.values(), title=title)
    for name, program in carried.old.programs.items():
        lines = carried.of(program)
        made.add_row(name, str(len(lines)), *map(str, counts(lines).values()))
    return made


def _programs(carried: Carried) -> Iterator[str]:
    for name, program in carried.old.programs.items():
        lines = carried.of(program)
        told = ", ".join(f"{count} {WORDS[how]}" for how, count in counts(lines).items())
        yield f"{carried.old.id} {name}: {len(lines)} required: {told}"


def _changes(carried: Carried) -> Iterator[str]:
    for line in carried.lines:
        if line.resolution.how != "name":
            now = f" -> {line.resolution.name} ({_how(line)})" if line.resolution.name else ""
            yield f"  {WORDS[line.resolution.how]:8}{line.requirement.capability}  {line.requirement.test}{now}"


def _how(line: Line) -> str:
    others = len(line.resolution.others)
    by = f"by its {line.resolution.how}" + (f", which {others} more {'has' if others == 1 else 'have'}" if others else "")
    return f"{by}; {line.change}"


def _notes(carried: Carried) -> Iterator[str]:
    """What seems gone and may not be; what has no test left, and what are one test now."""
    for module, why in carried.installed.broken.items():
        yield f"note: {module} could not be imported, and its tests are not found: {why}"
    for package, count in carried.absent.items():
        yield f"note: no test of {package} is installed, so its {count} tests seem gone; install that plugin, and carry again"
    for name in carried.emptied:
        yield f"note: capability {name}: no test is left, so it is asked for no more"
    for name, lines in carried.joined.items():
        yield f"note: {' and '.join(line.requirement.test for line in lines)} are one test today: {name}"

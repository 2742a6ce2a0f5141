"""`python -m reports judge FILE --guideline … --program …`: the verdict on results that were made elsewhere."""

import argparse
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from reports import summary, terminal, verdict
from reports.command_line import Code, Commands, UsageError, command
from reports.judge import foreign, judging
from reports.judge.foreign import ForeignError
from reports.results_folder import FolderError, claimed

SHOWN = 20  # notes
PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def add(commands: Commands) -> None:
    made = command(commands, "judge", judge, "judge results that were made elsewhere; the exit code is the verdict")
    made.add_argument("file", type=Path, metavar="FILE", help="a subunit stream, RefStack results (JSON), or an outcomes.jsonl")
    made.add_argument("--guideline", action="append", default=[], metavar="FILE_OR_URL", help="judge by it (repeatable)")
    made.add_argument("--program", action="append", default=[], metavar="NAME", help="judge this program (repeatable)")
    made.add_argument("--results", type=Path, default=Path("results/judged"), metavar="DIR", help="where the verdict goes")


def judge(asked: argparse.Namespace) -> int:
    """Print and write the verdicts; 0: every one is a yes, 1: one is not, 5: no test of the programs was run."""
    programs = judging.select(asked.guideline, asked.program)
    try:
        found = foreign.read(asked.file)
    except ForeignError as error:
        raise UsageError(str(error)) from None
    verdicts = judging.judged(found, asked.file, programs)
    document = verdict.report(verdicts, found.started, found.seconds, _version())
    if asked.file.resolve().is_relative_to(asked.results.resolve()):
        raise UsageError(f"{asked.results}: holds {asked.file.name} itself; give another folder with --results DIR")
    try:
        with claimed(asked.results) as aside:
            _write(asked.results, document)
    except FolderError as error:
        raise UsageError(str(error)) from None
    _show(document, [*found.notes, *judging.moved(found, programs, verdicts)], asked.results, aside)
    if judging.nothing_run(verdicts):
        return Code.NOTHING
    return Code.GOOD if all(each.compliant for each in verdicts) else Code.NO


def _version() -> str:
    return str(tomllib.loads(PROJECT.read_text())["project"]["version"])


def _write(folder: Path, document: dict[str, Any]) -> None:
    (folder / "verdict.json").write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / "summary.md").write_text(summary.markdown(document, {}), encoding="utf-8")


def _show(document: dict[str, Any], notes: Sequence[str], folder: Path, aside: Path | None) -> None:
    console = Console(highlight=False)
    terminal.show(document, console, {})
    more = [f"… and {len(notes) - SHOWN} more notes"] if len(notes) > SHOWN else []
    told = [*(f"note: {note}" for note in notes[:SHOWN]), *more, *([f"earlier results: moved to {aside}"] if aside else [])]
    for line in [*told, f"Verdict: {folder / 'verdict.json'}", f"Summary: {folder / 'summary.md'}"]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

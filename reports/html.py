"""The HTML report: `allure` (version 3) run on the results."""

import json
import re
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from reports.allure_files import configuration

# Allure's page calls Google Analytics and has no option against it; a report on somebody's infrastructure calls nobody.
ANALYTICS = re.compile(r"<script[^>]*googletagmanager[^>]*></script>\s*(?:<script>[^<]*gtag\([^<]*</script>)?")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LIMIT = 600.0  # seconds; a report of 3,000 tests takes about 10


class ReportError(Exception):
    """The report cannot be made: one line, why."""


@dataclass(frozen=True)
class Html:
    """The start page of the folder, and the one self-contained file."""

    folder: Path
    file: Path


def generate(allure: Sequence[str], results: Path, out: Path, *, name: str = "Labproof") -> Html:
    """Make `out`/allure/index.html with its files and `out`/allure.html, of `results`/allure-results."""
    source = _source(results)
    out = out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".allure-") as scratch, ThreadPoolExecutor(2) as side_by_side:
        config = Path(scratch, "allurerc.json")
        config.write_text(json.dumps(configuration(name)))
        common = [str(source), "--config", str(config), "--report-name", name, "--output"]
        commands = [("generate", *common, f"{scratch}/folder"), ("awesome", "--single-file", *common, f"{scratch}/single")]
        list(side_by_side.map(lambda command: _run([*allure, *command], Path(scratch)), commands))
        return _placed(Path(scratch), out)


def _source(results: Path) -> Path:
    source = results / "allure-results"
    if not source.is_dir() or not any(source.glob("*-result.json")):
        raise ReportError(f"{source}: no results to report on; run `tox -e conformance` first")
    return source.resolve()


def _run(command: Sequence[str], scratch: Path) -> None:
    try:
        done = subprocess.run(command, cwd=scratch, capture_output=True, timeout=LIMIT, stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        raise ReportError(f"allure {command[-6]}: not done within {LIMIT:.0f} s") from None
    except OSError as error:
        raise ReportError(f"{command[0]}: allure cannot be started: {error.strerror}") from None
    if done.returncode:
        said = _telling((done.stdout + done.stderr).decode(errors="replace"))
        raise ReportError(f"allure ended with exit code {done.returncode}: {said}")


def _telling(text: str) -> str:
    """The first line that names an error, else the last."""
    lines = [line.strip() for line in COLOUR.sub("", text).splitlines() if line.strip()] or ["it said nothing"]
    return next((line for line in lines if "error" in line.lower()), lines[-1])


def _placed(scratch: Path, out: Path) -> Html:
    made = Html(scratch / "folder" / "index.html", scratch / "single" / "index.html")
    for page in (made.folder, made.file):
        if not page.is_file() or not page.stat().st_size:
            raise ReportError(f"allure made no {page.parent.name} report, though it ended with exit code 0")
        page.write_text(ANALYTICS.sub("", page.read_text(encoding="utf-8")), encoding="utf-8")
    placed = Html(out / "allure" / "index.html", out / "allure.html")
    if placed.folder.parent.exists():  # a folder cannot be replaced in one step; the old one goes with the scratch
        placed.folder.parent.rename(scratch / "old")
    made.folder.parent.rename(placed.folder.parent)
    made.file.replace(placed.file)
    return placed

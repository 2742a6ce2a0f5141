"""A folder for what a command writes: an earlier one's is moved aside, and somebody else's is left alone.

The rules are those of a run's results, and so is the mark: a file `.lock` whose text begins with `SIGNED`.
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from reports.command_line import UsageError

LOCK = ".lock"
SIGNED = "the run of pid"
WHERE = "give another folder with --results DIR"


@contextmanager
def claimed(path: Path) -> Iterator[Path | None]:
    """Hold the folder, made anew; yields where an earlier one's went, if there was one. UsageError where it cannot be had."""
    try:
        aside = _set_aside(path)
        path.mkdir(parents=True, exist_ok=True)
        with _locked(path) as lock:
            _sign(lock)
            yield aside
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; {WHERE}") from None


def _set_aside(path: Path) -> Path | None:
    if not path.is_dir() or not {entry.name for entry in path.iterdir()} - {LOCK}:
        return None
    lock = path / LOCK
    if not lock.is_file() or not lock.read_text(errors="replace").startswith(SIGNED):
        raise UsageError(f"{path}: holds files that are no run's results; {WHERE}")
    with _locked(path):
        stamp = f"{path.name}.{datetime.fromtimestamp(lock.stat().st_mtime):%Y%m%dT%H%M%S}"
        names = (path.with_name(stamp + suffix) for suffix in ("", *(f".{number}" for number in range(2, 1000))))
        return path.rename(next(name for name in names if not name.exists()))


@contextmanager
def _locked(path: Path) -> Iterator[IO[str]]:
    with (path / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise UsageError(f"{path}: in use by {lock.read().strip() or 'another run'}; wait for it, or {WHERE}") from None
        yield lock


def _sign(lock: IO[str]) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(f"{SIGNED} {os.getpid()}, started {datetime.now().astimezone():%Y-%m-%d %H:%M:%S} ({' '.join(sys.argv[1:])})")
    lock.flush()

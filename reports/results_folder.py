"""A folder for what a command writes: one command at a time; an earlier one's is moved aside, somebody else's is left alone.

Its mark is a file `.lock`, which begins with `SIGNED`.
"""

import errno
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

LOCK = ".lock"
PLAN = "plan.json"
ROOM = ".room"
SIGNED = "the run of pid"
WHERE = "give another folder with --results DIR"


class FolderError(Exception):
    """The folder cannot be had: one line, why."""


@contextmanager
def claimed(path: Path) -> Iterator[Path | None]:
    """Hold the folder, made anew, for as long as the block takes; yields where an earlier one's went, if there was one."""
    aside = set_aside(path)
    lock = hold(path)
    try:
        yield aside
    finally:
        lock.close()


def hold(path: Path) -> IO[str]:
    """Make the folder if need be, and its lock, which is held until it is closed; FolderError when it cannot be written to."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = _sign(_locked(path))
        (path / ROOM).write_bytes(b"\0" * 65536)
        (path / ROOM).unlink()
    except OSError as error:
        raise FolderError(f"{path}: {_reason(error)}; {WHERE}") from error
    return lock


def set_aside(path: Path) -> Path | None:
    """Rename the folder of an earlier command after the time at which that was planned; where it went, None if there was none.

    FolderError when it is in use, or holds anything that no command of ours wrote. A command whose folder is inside another
    (a proof, a judgement) makes the one around it, too.
    """
    try:
        return _set_aside(path) if path.is_dir() else None
    except OSError as error:
        raise FolderError(f"{path}: {_reason(error)}; {WHERE}") from error


def _set_aside(path: Path) -> Path | None:
    inside = [entry for entry in path.iterdir() if entry.name not in (LOCK, ROOM)]
    if not inside:
        return None
    if not _signed(path) and not all(map(_signed, inside)):
        raise FolderError(f"{path}: holds files that are no run's results; {WHERE}")
    locks = [_locked(folder) for folder in (path, *filter(_signed, inside))]
    plan = path / PLAN
    stamp = datetime.fromtimestamp((plan if plan.exists() else path).stat().st_mtime)
    aside = path.rename(_free(path.with_name(f"{path.name}.{stamp:%Y%m%dT%H%M%S}")))
    for lock in locks:
        lock.close()
    return aside


def _locked(path: Path) -> IO[str]:
    """Its lock, held; FolderError names who holds it."""
    lock = (path / LOCK).open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "another run"
        lock.close()
        raise FolderError(f"{path}: in use by {holder}; wait for it, or {WHERE}") from None
    return lock


def _sign(lock: IO[str]) -> IO[str]:
    """Say whose it is, for the one who finds it held, and for the one who finds the folder later."""
    lock.seek(0)
    lock.truncate()
    lock.write(f"{SIGNED} {os.getpid()}, started {datetime.now().astimezone():%Y-%m-%d %H:%M:%S} ({' '.join(sys.argv[1:])})")
    lock.flush()
    return lock


def _signed(path: Path) -> bool:
    """Whether a command has claimed the folder at any time."""
    lock = path / LOCK
    return lock.is_file() and lock.read_text(errors="replace").startswith(SIGNED)


def _free(path: Path) -> Path:
    """The name, or the first of its numbered kin that is not taken."""
    candidates = (path, *(path.with_name(f"{path.name}.{number}") for number in range(2, 1000)))
    return next(candidate for candidate in candidates if not candidate.exists())


def _reason(error: OSError) -> str:
    reasons = {errno.EACCES: "not writable", errno.EROFS: "not writable", errno.EPERM: "not writable"}
    full = {errno.ENOSPC: "no space is left on its disk", errno.EDQUOT: "the disk quota is used up"}
    return (reasons | full).get(error.errno or 0, f"cannot be used: {error.strerror}")

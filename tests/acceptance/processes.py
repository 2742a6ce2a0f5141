"""What a test of kill -9 looks at: the processes of a run, and what the host has of interfaces and mounts."""

import time
from pathlib import Path
from typing import Any

import pytest

GONE_SECONDS = 3.0


def parents() -> dict[int, int]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
    return found


def family(root: int) -> set[int]:
    """A process and all its descendants, those in other PID namespaces included."""
    by = parents()
    members = {root}
    while True:
        more = {pid for pid, parent in by.items() if parent in members} - members
        if not more:
            return members
        members |= more


def identity(pid: int) -> tuple[int, str] | None:
    """A pid with its start time, so that a pid used again is not taken for the dead; None for a zombie too."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else (pid, fields[19])


def marked(mark: str) -> set[tuple[int, str]]:
    """Processes with the mark in their environment."""
    found = set()
    for pid in parents():
        try:
            if mark.encode() in Path(f"/proc/{pid}/environ").read_bytes() and (one := identity(pid)):
                found.add(one)
        except OSError:
            continue
    return found


def cmdline(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def comm(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


def surroundings() -> tuple[set[str], set[str]]:
    """Interfaces and mounts of the host."""
    mounts = {line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()}
    return {path.name for path in Path("/sys/class/net").iterdir()}, mounts


def wait_for(condition: Any, within: float, what: str, every: float = 0.02) -> Any:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(every)
    pytest.fail(f"{what}: not so after {within} s")


def alive(some: set[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of them that have not ended."""
    return {one for one in some if identity(one[0]) == one}

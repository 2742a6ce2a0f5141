"""Tools that run beside us while a part is made, and parts that are made of others."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from labs.binaries import Part, Progress, install, need
from labs.binaries.background import Background
from labs.binaries.command import Commands
from labs.errors import LabError
from labs.wait import until

GENTLE = 'trap "echo ended; exit 5" TERM; echo began; while :; do sleep 0.05; done'


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABPROOF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def began(log: Path) -> None:
    until(lambda: "began" in log.read_text(), within=10, what="the tool")


def test_it_is_asked_to_end_and_its_output_is_kept(tmp_path: Path) -> None:
    with Background(["sh", "-c", GENTLE], tmp_path / "logs" / "tool.log") as tool:
        began(tool.log)
        assert tool.exit_code is None
        tool.end(10)
        assert tool.exit_code == 5
    assert tool.log.read_text() == "began\nended\n"


def test_one_that_does_not_end_is_told_and_killed(tmp_path: Path) -> None:
    with Background(["sh", "-c", "trap '' TERM; echo began; while :; do sleep 0.05; done"], tmp_path / "tool.log") as tool:
        began(tool.log)
        with pytest.raises(LabError, match=r"^tool does not end: 0 s after SIGTERM it still runs$"):
            tool.end(0.2)
    assert tool.exit_code is not None


def test_a_tool_goes_though_what_ran_it_died_first(tmp_path: Path) -> None:
    with Background(["sh", "-c", "echo $$; while :; do sleep 0.05; done"], tmp_path / "tool.log") as tool:
        until(lambda: tool.log.read_text().strip(), within=10, what="the tool")
        pid = int(tool.log.read_text())
        os.kill(os.getpgid(pid), signal.SIGKILL)
        until(lambda: tool.exit_code is not None, within=10, what="the end of what ran it")
        assert lives(pid)
    until(lambda: not lives(pid), within=10, what="the end of the tool")


def test_one_that_is_asked_to_end_at_once_ends(tmp_path: Path) -> None:
    for number in range(5):
        with Background(["sh", "-c", "sleep 60"], tmp_path / "tool.log") as tool:
            time.sleep(0.01 * number)
            tool.end(10)
        assert tool.exit_code is not None


def lives(pid: int) -> bool:
    """Dead and not buried yet is dead."""
    status = Path(f"/proc/{pid}/status")
    try:
        return "State:\tZ" not in status.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@dataclass(frozen=True)
class Made:
    """A part that needs others; one without any fails where it is told to."""

    name: str
    of: tuple[Part, ...] = ()
    fails: bool = False
    pinned = True

    def key(self) -> str:
        return "any"

    def make(self, folder: Path, say: Progress) -> dict[str, str]:
        for entry in need(self.of, say).values():
            (folder / entry.name).write_text((entry.path / "content").read_text())
        if self.fails:
            raise Commands(self.name, f"{self.name} 1.0", say, "set A_PROXY").error("network unreachable")
        (folder / "content").write_text(self.name)
        time.sleep(0.05)
        return {self.name: "1.0"}


def test_a_part_is_made_of_others_whoever_asked_for_them_first() -> None:
    base = Made("base")
    middle = Made("middle", (base,))
    top = Made("top", (middle, base))
    lines: list[str] = []
    entries = install([top, middle, base], lines.append)
    assert {path.name for path in entries["top"].path.iterdir() if not path.name.startswith(".")} == {
        "base",
        "content",
        "middle",
    }
    assert sum("base: ready" in line for line in lines) == 1, "two asked for it, it was made once"


def test_what_cannot_be_had_is_told_once_for_all_that_is_made_of_it(cache: Path) -> None:
    base = Made("base", fails=True)
    with pytest.raises(LabError) as error:
        install([Made("one", (base,)), Made("two", (base,)), base], print)
    assert str(error.value) == "base 1.0 could not be had: network unreachable; set A_PROXY"

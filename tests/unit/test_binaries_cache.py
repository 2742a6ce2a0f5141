"""The cache of binaries: made once, verified, mended, shared by runs, unharmed by a killed one."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from labs.binaries import fetch, install, listing, start
from labs.binaries.part import Entry, Progress
from labs.errors import LabError

REPOSITORY = Path(__file__).parents[2]


@dataclass
class Tiny:
    """A part of two files and a link; counts how often it is made."""

    name: str = "tiny"
    recipe: str = "1"
    content: str = "#!/bin/sh\necho tiny\n"
    pinned: bool = True
    made: list[Path] = field(default_factory=list)

    def key(self) -> str:
        return f"any-{self.recipe}"

    def make(self, folder: Path, say: Progress) -> dict[str, str]:
        say("making")
        self.made.append(folder)
        (folder / "bin").mkdir()
        (folder / "bin" / "tiny").write_text(self.content)
        (folder / "bin" / "tiny").chmod(0o755)
        (folder / "bin" / "link").symlink_to("tiny")
        (folder.parent / "scratch").write_text("not kept")
        return {"tiny": "1.0"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABPROOF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def lines() -> list[str]:
    return []


def have(part: Tiny, lines: list[str]) -> Entry:
    return install([part], lines.append)[part.name]


def test_an_entry_is_made_once_and_said_at_begin_and_end(cache: Path, lines: list[str]) -> None:
    part = Tiny()
    first, second = have(part, lines), have(part, lines)
    assert first == second
    assert len(part.made) == 1
    assert lines[0] == "tiny: making"
    assert lines[1].startswith("tiny: ready after ")
    assert len(lines) == 2


def test_an_entry_says_what_it_holds(cache: Path, lines: list[str]) -> None:
    entry = have(Tiny(), lines)
    assert entry.versions == {"tiny": "1.0"}
    assert entry.path.parent == cache / "entries" / "tiny"
    assert entry.size == sum(path.lstat().st_size for path in (entry.path / "bin").iterdir())
    assert listing() == [entry]
    assert not list((cache / "making").iterdir())


def test_another_recipe_is_another_entry(lines: list[str]) -> None:
    assert have(Tiny(recipe="1"), lines).path != have(Tiny(recipe="2"), lines).path
    assert len(listing()) == 2


DAMAGE: dict[str, Callable[[Path], object]] = {
    "content": lambda entry: (entry / "bin/tiny").write_text("#!/bin/sh\necho evil\n"),
    "truncated": lambda entry: os.truncate(entry / "bin/tiny", 3),
    "mode": lambda entry: (entry / "bin/tiny").chmod(0o644),
    "gone": lambda entry: (entry / "bin/tiny").unlink(),
    "link": lambda entry: ((entry / "bin/link").unlink(), (entry / "bin/link").symlink_to("/bin/false")),
    "manifest": lambda entry: (entry / ".manifest.json").write_text("{"),
    "manifest of another kind": lambda entry: (entry / ".manifest.json").write_text(json.dumps({"files": 3})),
    "no manifest": lambda entry: (entry / ".manifest.json").unlink(),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_entry_is_made_anew_and_said(kind: str, cache: Path, lines: list[str]) -> None:
    part = Tiny()
    good = have(part, lines)
    DAMAGE[kind](good.path)
    again = have(part, lines)
    assert len(part.made) == 2
    assert (again.path / "bin/tiny").read_text() == part.content
    assert sum("damaged" in line for line in lines) == 1
    assert listing() == [again]
    assert not list((cache / "making").iterdir())
    have(part, lines)
    assert len(part.made) == 2


def test_a_part_that_cannot_be_made_leaves_nothing(cache: Path, lines: list[str]) -> None:
    class Refused(Tiny):
        def make(self, folder: Path, say: Progress) -> dict[str, str]:
            super().make(folder, say)
            raise LabError("tiny could not be had: its server is away")

    with pytest.raises(LabError, match="its server is away"):
        have(Refused(), lines)
    assert listing() == []
    assert not list((cache / "making").iterdir())


def test_parts_that_are_ready_do_not_wait_for_others(lines: list[str]) -> None:
    class Late(Tiny):
        def make(self, folder: Path, say: Progress) -> dict[str, str]:
            self.early.result(timeout=20)  # the deadline stands for a deadlock
            return super().make(folder, say)

    late = Late(name="late")
    early = Tiny(name="early")
    futures = start([early], lines.append)
    late.early = futures["early"]  # type: ignore[attr-defined]
    assert start([late], lines.append)["late"].result(timeout=20).name == "late"


def test_labs_of_one_process_wait_for_the_same(lines: list[str]) -> None:
    class Held(Tiny):
        def make(self, folder: Path, say: Progress) -> dict[str, str]:
            go.wait(10)
            return super().make(folder, say)

    go, part = threading.Event(), Held()
    first, second = start([part], lines.append), start([part], lines.append)
    go.set()
    assert first["tiny"].result(10) == second["tiny"].result(10)
    assert len(part.made) == 1
    assert [line for line in lines if "waiting" in line] == []


def test_fetch_asks_again_for_what_is_not_pinned(lines: list[str]) -> None:
    part = Tiny(pinned=False)
    first = have(part, lines)
    same = fetch([part], lines.append)["tiny"]
    part.content = "newer"
    newer = fetch([part], lines.append)["tiny"]
    assert len(part.made) == 3
    assert same.path == first.path != newer.path
    assert have(part, lines).path == newer.path
    assert first.path.exists(), "a lab may still run from it"


def test_fetch_leaves_what_is_pinned(lines: list[str]) -> None:
    part = Tiny()
    have(part, lines)
    fetch([part], lines.append)
    assert len(part.made) == 1


def test_fetch_mends_what_is_damaged(lines: list[str]) -> None:
    part = Tiny(pinned=False)
    (have(part, lines).path / "bin/tiny").write_text("evil")
    assert (fetch([part], lines.append)["tiny"].path / "bin/tiny").read_text() == part.content


def test_what_nobody_used_for_a_month_goes_when_a_new_one_is_made(lines: list[str]) -> None:
    old, recent = have(Tiny(recipe="old"), lines), have(Tiny(recipe="recent"), lines)
    other = have(Tiny(name="other"), lines)
    month = time.time() - 31 * 86400
    for entry in (old, other):
        os.utime(entry.path / ".manifest.json", (month, month))
    have(Tiny(recipe="new"), lines)
    assert not old.path.exists()
    assert recent.path.exists()
    assert other.path.exists()


def test_use_keeps_an_entry_young(lines: list[str]) -> None:
    used = have(Tiny(recipe="used"), lines)
    month = time.time() - 31 * 86400
    os.utime(used.path / ".manifest.json", (month, month))
    have(Tiny(recipe="used"), lines)
    have(Tiny(recipe="new"), lines)
    assert used.path.exists()


def test_a_cache_folder_that_cannot_be_is_one_line(cache: Path, lines: list[str]) -> None:
    cache.write_text("a file")
    with pytest.raises(LabError, match=r"^tiny: the cache folder .* cannot be used: .*LABPROOF_CACHE") as error:
        have(Tiny(), lines)
    assert "\n" not in str(error.value)


def test_the_cache_is_the_users_or_the_one_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from labs.binaries import store

    monkeypatch.delenv("LABPROOF_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert store.root() == tmp_path / "xdg" / "labproof"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert store.root() == tmp_path / "home" / ".cache" / "labproof"


RUN = """
import sys
from labs.binaries import install
from labs.binaries.command import Commands
class Slow:
    name, pinned = "slow", True
    def key(self): return "any"
    def make(self, folder, say):
        (folder / "half").write_text("half")
        commands = Commands("slow", "slow", say, "nothing helps")
        commands.run(["sh", "-c", sys.argv[1]], "making")
        (folder / "whole").write_text("whole")
        return {"slow": "1"}
with open(sys.argv[2], "a") as began: print("began", file=began)
print(install([Slow()], lambda line: print(line, flush=True))["slow"].path, flush=True)
"""


def run(script: str, began: Path = Path("/dev/null")) -> subprocess.Popen[str]:
    """Another run of the harness that makes a part by a shell script, and writes a line when it begins."""
    env = {**os.environ, "PYTHONPATH": ":".join([str(REPOSITORY / "fixtures"), *sys.path]), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen([sys.executable, "-c", RUN, script, began], env=env, stdout=subprocess.PIPE, text=True)


def test_two_runs_that_fill_it_at_once_do_it_once(tmp_path: Path) -> None:
    both_began = f"while [ $(wc -l < {tmp_path}/began) -lt 2 ]; do sleep 0.02; done"
    runs = [run(f"echo made >> {tmp_path}/made; {both_began}; sleep 0.2", tmp_path / "began") for _ in range(2)]
    outputs = [each.communicate(timeout=30)[0].splitlines() for each in runs]
    assert [each.returncode for each in runs] == [0, 0]
    assert outputs[0][-1] == outputs[1][-1]
    assert (tmp_path / "made").read_text() == "made\n"


def _group(leader: int) -> list[Path]:
    """The processes of a group that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, group, *_ = path.read_text().rpartition(")")[2].split()
            found += [path.parent] if int(group) == leader and state != "Z" else []
    return found


def test_a_killed_fill_leaves_nothing_that_hurts(cache: Path, tmp_path: Path) -> None:
    from labs.wait import until

    told = tmp_path / "pid"
    killed = run(f"cut -d ' ' -f 5 /proc/$$/stat > {told}.new; mv {told}.new {told}; sleep 1000; true")
    until(told.exists, within=20, what="the fill has begun")
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=20)
    until(lambda: not _group(int(told.read_text())), within=3, what="its tool, and what that started, are gone too")
    assert list((cache / "making").iterdir())
    have(Tiny(), [])
    assert not list((cache / "making").iterdir()), "the next start, of any part, cleans up"
    after = run("true")
    place = Path(after.communicate(timeout=30)[0].splitlines()[-1])
    assert sorted(file.name for file in place.iterdir()) == [".manifest.json", "half", "whole"]

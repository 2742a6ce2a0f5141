"""Python environments of their own: what their keys follow from, what is kept of them, how their programs are run."""

import argparse
import marshal
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from labs import binaries
from labs.binaries import Entry, pip, pypi
from labs.binaries.catalogue import ALL, REFSTACK, unfit
from labs.binaries.command import Commands
from labs.binaries.pypi import PyPiEnvironment
from labs.commands import binaries_
from labs.errors import LabError

LOCK = "dependency==2.0\nthing==1.5 \\\n    --hash=sha256:00\n"
PROGRAM = "import os, sys\ndef main():\n    print(sys.argv, sys.path, os.path.basename(__file__))\n    return 3\n"
PINNED = [part for part in ALL if isinstance(part, PyPiEnvironment)]


@pytest.fixture
def thing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PyPiEnvironment:
    """An environment whose lock may be written over."""
    (tmp_path / "pypi" / "thing").mkdir(parents=True)
    (tmp_path / "pypi" / "thing" / "requirements.txt").write_text(LOCK)
    monkeypatch.setattr(pypi, "ENVIRONMENTS", tmp_path / "pypi")
    monkeypatch.setenv("LABPROOF_CACHE", str(tmp_path / "cache"))
    return PyPiEnvironment("thing")


@pytest.fixture
def entry(thing: PyPiEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """It made out of files that stand for PyPI's, and moved to its place as the cache does."""
    monkeypatch.setattr(pip, "install", _installed)
    (tmp_path / "making" / "entry").mkdir(parents=True)
    versions = thing.make(tmp_path / "making" / "entry", print)
    (tmp_path / "making" / "entry").rename(tmp_path / "place")
    return Entry("thing", tmp_path / "place", versions, 0)


def _installed(requirements: Path, folder: Path, commands: Commands) -> None:
    for name, text in {
        "bin/thing": "#!/usr/bin/python3",
        "hook.pth": "import os",
        "thing/__init__.py": "",
        "thing/program.py": PROGRAM,
        "thing/tests/test_thing.py": "",
        "thing/locale/de/messages.mo": "",
        "thing/speed.c": "",
        "thing-1.5.dist-info/METADATA": "Metadata-Version: 2.1\nName: thing\nVersion: 1.5\n",
        "thing-1.5.dist-info/entry_points.txt": "[things]\nmain = thing.program:main\n",
        "thing-1.5.dist-info/RECORD": "",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_a_key_follows_from_the_lock_and_from_what_compiled_packages_fit(
    thing: PyPiEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = thing.key()
    assert first.startswith(f"1.5-cpython-{sys.version_info.major}{sys.version_info.minor}-")
    assert thing.key() == first
    (tmp_path / "pypi" / "thing" / "requirements.txt").write_text(LOCK.replace("dependency==2.0", "dependency==2.1"))
    second = thing.key()
    monkeypatch.setattr(pypi, "abi", lambda: "cpython-399-sparc-linux-gnu")
    assert len({first, second, thing.key()}) == 3


def test_a_lock_without_the_package_itself_is_told(thing: PyPiEnvironment, tmp_path: Path) -> None:
    (tmp_path / "pypi" / "thing" / "requirements.txt").write_text("other==1\n")
    with pytest.raises(LabError, match=r"thing: it does not stand in .*requirements\.txt"):
        thing.key()


def test_a_python_that_is_too_new_for_a_package_is_told_and_fetch_leaves_that_part_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LABPROOF_CACHE", str(tmp_path))
    monkeypatch.setattr(pip, "install", lambda *_: pytest.fail("it was asked for"))
    fetched: list[str] = []
    monkeypatch.setattr(binaries, "install", lambda parts, _say: fetched.extend(part.name for part in parts))
    for version in ((3, 11), (3, 12)):
        monkeypatch.setattr(pypi, "PYTHON", version)
        assert (REFSTACK.unfit, unfit()) == (None, {})
    monkeypatch.setattr(pypi, "PYTHON", (3, 13))
    why = (
        "RefStack's server needs SQLAlchemy 1.4, which has no package for Python 3.13:"
        " run it by Python 3.11 or 3.12: PYTHON=/path/to/python3.12 ./bootstrap"
    )
    with pytest.raises(LabError, match=f"^{re.escape(why)}$"):
        REFSTACK.make(tmp_path, print)
    binaries_(argparse.Namespace(action="fetch"))
    assert f"refstack: left out: {why}\n" in capsys.readouterr().out
    assert fetched == [part.name for part in ALL if part is not REFSTACK]


def test_a_python_without_pip_is_told_what_mends_that(
    thing: PyPiEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(LabError) as error:
        thing.make(tmp_path / "entry", print)
    why = f"{sys.executable} has no pip; run it by tox, or: python -m ensurepip"
    assert str(error.value) == f"thing 1.5 could not be had: {why}"


@pytest.mark.parametrize("part", PINNED, ids=lambda part: part.name)
def test_locks_pin_every_package_by_hash(part: PyPiEnvironment) -> None:
    lock = (pypi.ENVIRONMENTS / part.name / "requirements.txt").read_text()
    packages = re.findall(r"^(\S+?)==\S+(?: ; [^\\]*)?(.*)$", lock, re.MULTILINE)
    assert len(packages) > 10
    assert {rest.strip() for _, rest in packages} == {"\\"}, "each is followed by its hashes"
    assert "://" not in lock


def test_what_is_never_run_is_left_out_and_the_rest_is_compiled(entry: Entry) -> None:
    site = entry.path / pypi.SITE
    tag = sys.implementation.cache_tag
    kept = sorted(str(path.relative_to(site)) for path in site.rglob("*") if path.is_file())
    assert kept == [
        "thing-1.5.dist-info/METADATA",
        "thing-1.5.dist-info/entry_points.txt",
        "thing/__init__.py",
        f"thing/__pycache__/__init__.{tag}.pyc",
        f"thing/__pycache__/program.{tag}.pyc",
        "thing/program.py",
    ]
    assert entry.versions == {"thing": "1.5"}


def test_a_program_runs_by_its_entry_point_with_its_own_packages_only(entry: Entry) -> None:
    env = {"PATH": os.environ["PATH"], **pypi.environment(entry)}
    done = subprocess.run(pypi.call("thing.program:main", "--flag"), env=env, capture_output=True, text=True, timeout=30)
    assert done.returncode == 3, done.stderr
    assert "['thing.program', '--flag']" in done.stdout
    assert str(entry.path / pypi.SITE) in done.stdout
    assert "site-packages" not in done.stdout
    assert done.stdout.endswith("program.py\n")


def test_entry_points_are_found(entry: Entry) -> None:
    asked = "from importlib.metadata import entry_points; print([point.name for point in entry_points(group='things')])"
    done = subprocess.run(pypi.python("-c", asked), env=pypi.environment(entry), capture_output=True, text=True, timeout=30)
    assert done.stdout == "['main']\n", done.stderr


def test_what_was_compiled_is_used_whatever_the_time_of_the_source(entry: Entry) -> None:
    source = entry.path / pypi.SITE / "thing" / "program.py"
    os.utime(source, (1, 1))
    compiled = source.parent / "__pycache__" / f"program.{sys.implementation.cache_tag}.pyc"
    compiled.write_bytes(compiled.read_bytes()[:16] + marshal.dumps(compile("def main(): return 4", "", "exec")))
    assert subprocess.run(pypi.call("thing.program:main"), env=pypi.environment(entry), timeout=30).returncode == 4

"""The forward-policy lab's tests once more, as an ordinary user: flanneld, etcd and dockerd in a user namespace of one uid."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.binaries import install
from labs.forward_policy.lab import ForwardPolicyLab
from tests.labs.test_flannel_as_user import ROOT, UID, as_user, python  # noqa: F401 - a fixture


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of that user, with a copy of the binaries, where it may go."""
    if os.geteuid() != 0:
        pytest.skip("this is an ordinary user already: the tests themselves have shown it")
    home = Path("/tmp") / f"labproof-forward-{os.getpid()}"
    home.mkdir(mode=0o700)
    try:
        for name, entry in install(ForwardPolicyLab.parts, print).items():
            shutil.copytree(entry.path, home / "cache/entries" / name / entry.path.name, symlinks=True)
        for path in (home, *home.rglob("*")):
            os.chown(path, UID, UID, follow_symlinks=False)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_as_an_ordinary_user(home: Path, python: str) -> None:  # noqa: F811 - the fixture
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml")]
    options += [f"--confcutdir={ROOT / 'tests'}", f"--basetemp={home / 'temporary'}"]
    tests = str(ROOT / "tests/labs/test_forward_policy_lab.py")
    done = as_user(home, python, "-m", "pytest", *options, tests)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout

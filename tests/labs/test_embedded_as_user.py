"""The tests of the embedded node once more, as an ordinary user: the same code, in a user namespace."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UID = "65533"
"""Of nobody on this machine; no account is made."""

NEEDED = "import sys; assert sys.version_info >= (3, 11); import pytest, testinfra, filelock, labs.embedded.site"


def environment(home: Path) -> dict[str, str]:
    sources = [str(ROOT), str(ROOT / "fixtures"), *(entry for entry in sys.path if entry.endswith("site-packages"))]
    path = "/usr/local/bin:/usr/bin:/bin"
    return {"PATH": path, "HOME": str(home), "PYTHONPATH": os.pathsep.join(sources), "PYTHONDONTWRITEBYTECODE": "1"}


def as_user(home: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    drop = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
    # env, because setpriv itself executes with the rights that it is about to lose
    return subprocess.run([*drop, "env", *argv], cwd=home, env=environment(home), capture_output=True, text=True, check=False)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of that user, where it may go: pytest's own are closed to others."""
    if os.geteuid() != 0:
        pytest.skip("this is an ordinary user already: the tests themselves have shown it")
    home = Path("/tmp") / f"labproof-user-{os.getpid()}"
    home.mkdir(mode=0o700)
    os.chown(home, int(UID), int(UID))
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def python(home: Path) -> str:
    """An interpreter that this user may run, with what the tests import."""
    said = ""
    for candidate in (sys.executable, "/usr/bin/python3"):
        done = as_user(home, candidate, "-c", NEEDED)
        if done.returncode == 0:
            return candidate
        said = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
    pytest.skip(f"no interpreter and sources that another user may read: {said}")


def test_as_an_ordinary_user(home: Path, python: str) -> None:
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml")]
    done = as_user(home, python, "-m", "pytest", *options, str(ROOT / "tests/labs/embedded"))
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout

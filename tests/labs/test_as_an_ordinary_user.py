"""The tests of labs once more, as an ordinary user: the same code and daemons, in a user namespace."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.binaries import install
from labs.binaries.catalogue import DOCKER, MARIADB, REFSTACK, TOOLS
from labs.binaries.part import Part
from labs.flannel.lab import FlannelLab
from labs.forward_policy.lab import ForwardPolicyLab
from labs.kafka.parts import VERSIONS
from labs.openstack.identity import IdentityLab
from labs.refstack.lab import RefStackLab

ROOT = Path(__file__).parents[2]
UID = 65532
"""Of nobody on this machine; no account is made."""

NEEDED = "import sys; assert sys.version_info >= (3, 11); import pytest, testinfra, filelock, labs.forward_policy.lab"
NOT_HERE = {"embedded", "test_refstack_lab.py"}
"""Tests that partly skip themselves: for an ordinary user, or where this user may read no official guidelines."""
PARTS: dict[str, tuple[Part, ...]] = {
    "embedded": (TOOLS,),
    "test_drops.py": (TOOLS,),
    "test_docker_engine.py": (TOOLS, DOCKER),
    "test_mariadb.py": (TOOLS, MARIADB),
    "test_flannel_lab.py": FlannelLab.parts,
    "test_flannel_vxlan_lab.py": FlannelLab.parts,
    "test_forward_policy_lab.py": ForwardPolicyLab.parts,
    "test_identity_lab.py": IdentityLab.parts,
    "test_kafka_lab.py": (TOOLS, *VERSIONS["4"].parts),
    "test_refstack_lab.py": RefStackLab.parts,
}
"""What each is run with."""


def as_user(home: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    drop = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
    sources = [str(ROOT), str(ROOT / "fixtures"), *(entry for entry in sys.path if entry.endswith("site-packages"))]
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "LABPROOF_CACHE": str(home / "cache")}
    env |= {"PYTHONPATH": os.pathsep.join(sources), "PYTHONDONTWRITEBYTECODE": "1"}
    # env, because setpriv itself executes with the rights that it is about to lose
    return subprocess.run([*drop, "env", *argv], cwd=home, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def home(tests: str) -> Iterator[Path]:
    """A folder of that user, with a copy of the binaries, where it may go: pytest's own folders are closed to others."""
    if os.geteuid() != 0:
        pytest.skip("this is an ordinary user already: the tests themselves have shown it")
    if REFSTACK in PARTS[tests] and REFSTACK.unfit:
        pytest.skip(REFSTACK.unfit)
    home = Path("/tmp") / f"labproof-user-{os.getpid()}"
    home.mkdir(mode=0o700)
    try:
        for name, entry in install(PARTS[tests], print).items():
            shutil.copytree(entry.path, home / "cache/entries" / name / entry.path.name, symlinks=True)
        for path in (home, *home.rglob("*")):
            os.chown(path, UID, UID, follow_symlinks=False)
        yield home
    finally:
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


@pytest.mark.parametrize("tests", PARTS)
def test_as_an_ordinary_user(home: Path, python: str, tests: str) -> None:
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml")]
    # a folder of its own: pytest's is named after the user, and who has no account shares one with all who have none
    options += [f"--confcutdir={ROOT / 'tests'}", f"--basetemp={home / 'temporary'}"]
    done = as_user(home, python, "-m", "pytest", *options, str(ROOT / "tests/labs" / tests))
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    assert tests in NOT_HERE or "skipped" not in done.stdout

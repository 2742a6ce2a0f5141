"""`./bootstrap` and `.ci/run`, in a copy of what they need, as on a machine where nothing is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"


def bootstrap(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TOX_", "PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(
        ["./bootstrap"], cwd=folder, env=kept | more, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "a clone"
    folder.mkdir()
    for name in ("bootstrap", "requirements-tox.lock"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture
def without_ensurepip(tmp_path: Path) -> dict[str, str]:
    """Python as Debian splits it: without the module that brings pip."""
    (tmp_path / "split").mkdir()
    (tmp_path / "split/ensurepip.py").write_text('raise SystemExit("No module named ensurepip")')
    return {"PYTHONPATH": str(tmp_path / "split")}


def tox_runs(folder: Path) -> bool:
    return subprocess.run([".venv/bin/tox", "--version"], cwd=folder, capture_output=True, check=False).returncode == 0


def one_line(ended: subprocess.CompletedProcess[str], *words: str) -> None:
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    for word in ("bootstrap: ", *words):
        assert word in ended.stderr


def test_set_up_once_and_again_where_it_was_moved_to(clone: Path) -> None:
    first = bootstrap(clone)
    assert first.returncode == 0, first.stderr
    assert tox_runs(clone)
    again = bootstrap(clone)
    assert again.stdout == "bootstrap: ready: .venv/bin/tox -e conformance\n"
    moved = clone.rename(clone.with_name("moved"))
    assert bootstrap(moved).returncode == 0
    assert tox_runs(moved)


@pytest.mark.skipif(not shutil.which("apt-get"), reason="pip comes from Debian's own package, and this is no Debian")
def test_pip_is_had_from_debian_where_python_brings_none(clone: Path, without_ensurepip: dict[str, str]) -> None:
    ended = bootstrap(clone, **without_ensurepip)
    assert ended.returncode == 0, ended.stderr
    assert "python3-pip-whl" in ended.stdout
    assert tox_runs(clone)
    assert not (clone / ".venv/bootstrap").exists()


@pytest.mark.skipif(not shutil.which("apt-get"), reason="pip comes from Debian's own package, and this is no Debian")
def test_what_debian_refuses_is_one_line(clone: Path, without_ensurepip: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "apt.conf").write_text(
        f'Acquire::http::Proxy "{NOWHERE}"; Acquire::https::Proxy "{NOWHERE}"; Acquire::Retries "0";'
    )
    ended = bootstrap(clone, APT_CONFIG=str(tmp_path / "apt.conf"), **without_ensurepip)
    one_line(ended, "python3-pip-whl could not be had", "127.0.0.1", "Acquire::http::Proxy")


def test_what_pypi_refuses_is_one_line_and_the_next_run_goes_on(clone: Path) -> None:
    refused = bootstrap(clone, PIP_PROXY=NOWHERE, PIP_RETRIES="0", PIP_NO_CACHE_DIR="1", PIP_NO_INDEX="0")
    one_line(refused, "tox could not be had from PyPI", "PIP_INDEX_URL")
    ended = bootstrap(clone)
    assert ended.returncode == 0, ended.stderr
    assert tox_runs(clone)


def test_a_python_that_is_too_old_is_one_line(clone: Path) -> None:
    one_line(bootstrap(clone, PYTHON="/bin/false"), "Python 3.11 or newer is needed", "/bin/false")
    assert not (clone / ".venv").exists()


def test_what_cannot_be_replaced_is_one_line(clone: Path) -> None:
    shutil.copy("/bin/false", clone / "rm")  # root could remove anything
    one_line(bootstrap(clone, PATH=f"{clone}:{os.environ['PATH']}"), ".venv cannot be replaced")


@pytest.fixture
def checks(tmp_path: Path) -> Path:
    """`.ci/run` with a set-up and a tox that do nothing but tell; the environments named in `red` fail."""
    for name in (".ci", ".venv/bin"):
        (tmp_path / name).mkdir(parents=True)
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci")
    red = 'grep -qs "^$env$" red && { echo "1 failed"; echo "$env: exit 1 (0.1 seconds)"; exit 1; }'
    tox = f'for env; do :; done; {red}; echo "$env passed"'
    for name, script in (("bootstrap", "exit 0"), (".venv/bin/tox", tox)):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("red", ["", "lint", "type", "tests"])
def test_ci_runs_everything_and_fails_when_anything_does(checks: Path, red: str) -> None:
    (checks / "red").write_text(f"{red}\n")
    ended = subprocess.run([checks / ".ci/run"], cwd="/", capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ended.returncode == (1 if red else 0)
    said = [line for line in ended.stdout.splitlines() if line.startswith("== ")]
    assert [line.split()[-1] for line in said] == ["./bootstrap", "lint", "type", "tests"]
    assert ended.stdout.splitlines()[-1] == ("1 failed" if red == "tests" else "tests passed")

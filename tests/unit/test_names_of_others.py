"""PyPI's `fixtures`, which tempest imports, and `kafka` are never shadowed by folders of ours."""

import subprocess
import sys
from pathlib import Path

import kafka
import pytest

import fixtures

ROOT = Path(__file__).parents[2]
TEST = """
import fixtures, kafka, labs, suites
def test_imports():
    assert "site-packages" in fixtures.__file__
    assert "site-packages" in kafka.__file__
"""


def test_here() -> None:
    assert "site-packages" in fixtures.__file__
    assert "site-packages" in kafka.__file__
    assert not (ROOT / "fixtures/__init__.py").exists()


@pytest.mark.parametrize("command", [["-m", "pytest"], ["-m", "pytest", "-n", "2"], ["-m", "pytest", "-p", "proof.plugin"]])
def test_however_pytest_is_started(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "test_imports.py").write_text(TEST)
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{ROOT / 'fixtures'}"}
    arguments = [*command, "-q", "-c", str(ROOT / "pyproject.toml"), str(tmp_path)]
    run = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr

"""A project of its own for each test: toy suites on a real flannel lab, run as a user runs them."""

import json
import os
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HEAD = """
from collections.abc import Iterator
import os, signal, time
import pytest
from labs.errors import LabError
from labs.fault import fault
from labs.problem import Problem
from proof import eventually, holds, instance, proven_by, requirement

@fault("process")
def paused(lab) -> Iterator[None]:
    daemon = lab.nodes[0].daemons["flanneld"]
    daemon.pause()
    yield
    daemon.resume()

def judged(lab):
    state = lab.nodes[0].daemons["flanneld"].state
    return [] if state == "running" else [Problem("toy-paused", "n1", "running", state)]
"""
FAULTS = "@proven_by(paused, kind='toy-paused')"


@dataclass
class Project:
    """A checkout in small: its own suites and guideline, this checkout's plugin."""

    path: Path
    tests: dict[str, dict[str, Any]] = field(default_factory=dict)
    _code: list[str] = field(default_factory=lambda: [HEAD])

    def test(self, name: str, body: str, status: str = "required", flagged: bool = False, above: str = FAULTS) -> str:
        """Add a test with an id, a seeded fault and a place in the guideline; returns its name there."""
        id = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
        flag = {"flagged": {"reason": "D404 known", "action": "reported upstream", "date": "2026-11-21"}} if flagged else {}
        full = f"suites.flannel.test_toy.{name}"
        self.tests[full] = {"status": status, "entry": {"idempotent_id": f"id-{id}", **flag}}
        arguments = "flannel, case" if "parametrize" in above else "flannel"
        lines = "".join(f"    {line}\n" for line in dedent(body).strip().splitlines())
        self._code.append(f"@requirement('{id}')\n{above}\ndef {name}({arguments}):\n{lines}")
        return full

    def guideline(self, id: str = "labproof.2026.11", program: str = "flannel") -> dict[str, Any]:
        statuses = ("required", "advisory", "deprecated", "removed")
        capabilities = {
            f"toy-{status}": {
                "description": f"toy {status}", "project": "flannel", "required_since": "2026.11",
                "achievements": [], "admin": False,
                "tests": {test: held["entry"] for test, held in self.tests.items() if held["status"] == status},
            }
            for status in statuses
        }  # fmt: skip
        used = {name: held for name, held in capabilities.items() if held["tests"]}
        listed = {status: [f"toy-{status}"] if f"toy-{status}" in used else [] for status in statuses}
        approval = {"target_approval": "2026.11", "replaces": "", "releases": ["2026.11"], "status": "approved"}
        return {
            "metadata": {"id": id, "schema": "2.0", "source": "here", "scoring": {}, "os_trademark_approval": approval},
            "platforms": {program: {"description": "toys", "components": [{"name": "toys"}]}},
            "components": {"toys": {"capabilities": listed}},
            "capabilities": used,
        }

    def write(self) -> None:
        suite = self.path / "suites/flannel"
        suite.mkdir(parents=True, exist_ok=True)
        for folder in (suite.parent, suite):
            (folder / "__init__.py").touch()
        (suite / "test_toy.py").write_text("\n\n".join(self._code))
        (self.path / "guidelines").mkdir(exist_ok=True)
        (self.path / "guidelines/labproof.2026.11.json").write_text(json.dumps(self.guideline()))
        (self.path / "conftest.py").write_text((ROOT / "conftest.py").read_text())
        (self.path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "proof", *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "TOX_"))}
        path = os.pathsep.join([str(self.path), str(ROOT), str(ROOT / "fixtures")])
        return kept | {"PYTHONPATH": path, "COLUMNS": "160"} | more

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        self.write()
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
        return subprocess.Popen(
            self.command(*arguments), cwd=self.path, env=self.environment(**environment), text=True, start_new_session=True,
            **pipes,
        )  # fmt: skip

    def run(self, *arguments: str, within: float = 40, **environment: str) -> "Ended":
        started = self.start(*arguments, **environment)
        output, _ = started.communicate(timeout=within)
        return Ended(started.returncode, output)

    @property
    def results(self) -> Path:
        return self.path / "results"

    def verdict(self, results: str = "results") -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.path / results / "verdict.json").read_text())
        return document

    def outcomes(self, results: str = "results") -> dict[str, str]:
        """Outcome by the short name of each requirement, from the first verdict."""
        [verdict, *_] = self.verdict(results)["verdicts"]
        return {
            requirement["test"].rpartition(".")[2]: requirement["outcome"]
            for capability in verdict["capabilities"]
            for requirement in capability["requirements"]
        }


@dataclass(frozen=True)
class Ended:
    """How a command ended, and all that it said."""

    code: int
    output: str


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)

"""A project of its own for each test: toy suites on a real flannel lab, run as a user runs them."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
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
from labs.errors import LabError, NotStarted
from labs.fault import fault
from labs.problem import Problem
from proof import eventually, full, holds, instance, proven_by, requirement

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
    """A checkout in small: its own suites and guideline, a folder for drafts and one for labs, this checkout's plugin.

    `more` are programs beside the first, by name, each with what its entry has besides the toys.
    """

    path: Path
    tests: dict[str, dict[str, Any]] = field(default_factory=dict)
    more: dict[str, dict[str, Any]] = field(default_factory=dict)
    _code: dict[str, str] = field(default_factory=dict)

    def test(
        self, name: str, body: str, status: str = "required", flagged: bool = False, above: str = FAULTS, fixtures: str = ""
    ) -> str:
        """Add a test with an id, a seeded fault and a place in the guideline; returns its name there."""
        id = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
        flag = {"flagged": {"reason": "D404 known", "action": "reported upstream", "date": "2026-11-21"}} if flagged else {}
        full = f"suites.flannel.test_toy.{name}"
        self.tests[full] = {"status": status, "entry": {"idempotent_id": f"id-{id}", **flag}}
        arguments = ", ".join(filter(None, ("flannel", "case" if "parametrize" in above else "", fixtures)))
        lines = "".join(f"    {line}\n" for line in dedent(body).strip().splitlines())
        self.code(name, f"@requirement('{id}')\n{above}\ndef {name}({arguments}):\n{lines}")
        return full

    def code(self, name: str, text: str) -> None:
        """Put a function into the suite as it is, in the place of one of that name."""
        self._code[name] = text

    def uncode(self, name: str) -> None:
        """Take a function out of the suite; the guideline still names it."""
        del self._code[name]

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
            "platforms": {
                name: {"description": "toys", "components": [{"name": "toys"}], **extra}
                for name, extra in {program: {}, **self.more}.items()
            },
            "components": {"toys": {"capabilities": listed}},
            "capabilities": used,
        }

    def write(self) -> None:
        suite = self.path / "suites/flannel"
        suite.mkdir(parents=True, exist_ok=True)
        for folder in (self.scratch, self.state):
            folder.mkdir(exist_ok=True)
        for folder in (suite.parent, suite):
            (folder / "__init__.py").touch()
        (suite / "test_toy.py").write_text("\n\n".join([HEAD, *self._code.values()]))
        (self.path / "guidelines").mkdir(exist_ok=True)
        (self.path / "guidelines/labproof.2026.11.json").write_text(json.dumps(self.guideline()))
        (self.path / "conftest.py").write_text((ROOT / "conftest.py").read_text())
        (self.path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "proof", *arguments]

    @property
    def scratch(self) -> Path:
        return self.path / "tmp"

    @property
    def state(self) -> Path:
        return self.path / "state"

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "TOX_"))}
        path = os.pathsep.join([str(self.path), str(ROOT), str(ROOT / "fixtures")])
        folders = {"TMPDIR": str(self.scratch), "LABPROOF_STATE": str(self.state)}
        return kept | folders | {"PYTHONPATH": path, "COLUMNS": "160"} | more

    def start(self, *arguments: str, under: Sequence[str] = (), **environment: str) -> subprocess.Popen[str]:
        """Begin a run; `under` is a command that runs it, `unshare` for one."""
        self.write()
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
        return subprocess.Popen(
            [*under, *self.command(*arguments)], cwd=self.path, env=self.environment(**environment), text=True,
            start_new_session=True, **pipes,
        )  # fmt: skip

    def run(self, *arguments: str, within: float = 90, under: Sequence[str] = (), **environment: str) -> "Ended":
        started = self.start(*arguments, under=under, **environment)
        output, _ = started.communicate(timeout=within)
        return Ended(started.returncode, output)

    def lab(self, *arguments: str) -> None:
        """What a person does with a kept lab."""
        command = [sys.executable, "-m", "labs", *arguments]
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    def sweep(self) -> None:
        """What a person does after a kill -9, or the next run at its start."""
        self.lab("sweep")

    def left_behind(self) -> list[str]:
        """Drafts and labs that are still there, by their paths; pytest tidies up its own folder of the last few runs."""
        entries = [entry for folder in (self.scratch, self.state / "labs") if folder.is_dir() for entry in folder.iterdir()]
        return [str(entry.relative_to(self.path)) for entry in entries if not entry.name.startswith("pytest-of-")]

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
def project(tmp_path: Path) -> Iterator[Project]:
    """However a run ended, nothing of it is left behind."""
    made = Project(tmp_path)
    yield made
    assert made.left_behind() == []


def own_mounts(script: str) -> list[str]:
    """A command that runs what follows it where `script` has changed the mounts, for itself alone."""
    user = [] if os.geteuid() == 0 else ["-U", "-r"]
    return ["unshare", *user, "--mount", "--propagation", "private", "sh", "-c", f'{script} && exec "$@"', "sh"]

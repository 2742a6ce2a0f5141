"""Who knows of a Kafka lab what stands in a lab file, and is where clients are: its network is that of node `outside`."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

import yaml

from labs.embedded.machine import tool
from labs.kafka.lab import KafkaLab
from labs.kafka.way import Tls

ROOT = Path(__file__).parents[2]
CD = 'cd "$1" && shift && exec "$@"'


@dataclass(frozen=True)
class Outsider:
    """`folder` has the lab files and the certificates that they name."""

    lab: KafkaLab
    folder: Path

    def lab_file(self, name: str = "mykafka", *, tls: Tls | None, **more: object) -> Path:
        """Write one; `more` are keys in the place of those that are right, or beside them (None leaves one out)."""
        told = {"lab": name, "subject": "kafka", "bootstrap": list(self.lab.outside.bootstrap)}
        if not self.lab.kraft:
            told["mode"] = "zookeeper"
        told |= {"tls": self._files(name, tls)} if tls else {}
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump({key: value for key, value in (told | more).items() if value is not None}))
        return path

    def _files(self, name: str, tls: Tls) -> dict[str, str]:
        """Copies: nothing is read of the lab's own folder."""
        given = {"ca": tls.cafile, "certificate": tls.certfile, "key": tls.keyfile}
        for kind, path in given.items():
            if path:
                copyfile(path, self.folder / f"{name}.{kind}")
        return {kind: f"{name}.{kind}" for kind, path in given.items() if path}

    def start(self, *argv: str, at: Path | None = None, python: Sequence[str] = ()) -> subprocess.Popen[str]:
        """Begin `python ARGV` there; `at` is its folder, `python` what is on the path before this checkout."""
        node = self.lab.site.nodes["outside"]
        inner = ["sh", "-c", CD, "sh", str(at or self.folder), sys.executable, *argv]
        path = os.pathsep.join([*python, str(ROOT), str(ROOT / "fixtures")])
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "TOX_"))}
        folders = {"LABPROOF_STATE": str(self.folder / "state"), "TMPDIR": str(self.folder)}
        return subprocess.Popen(
            node.fabric.door.command(node.pid, inner),
            executable=tool("nsenter"),
            env={**kept, **folders, "PYTHONPATH": path, "COLUMNS": "160"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *argv: str, within: float = 120, at: Path | None = None, python: Sequence[str] = ()) -> tuple[int, str]:
        """Its exit code and all that it said."""
        with self.start(*argv, at=at, python=python) as running:
            try:
                output, _ = running.communicate(timeout=within)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                raise
        return running.returncode, output

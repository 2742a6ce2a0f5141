"""Tempest's identity tests on one Keystone: by tempest alone, serial and parallel, and by this harness, in turn.

PYTHONPATH=.:fixtures python benchmarks/identity.py [--rounds N] [--concurrency N …]

Each is the whole command, as a user would type it, on the same kept lab. A run in which a test fails ends it.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
TESTS = r"^tempest\.api\.identity"
LAB = "bench-identity"


LONGEST = 1800
"""Seconds of one command."""


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    """Its output; the end of all when it fails."""
    done = subprocess.run(
        command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False, timeout=LONGEST
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.returncode}\n{done.stdout[-5000:]}{done.stderr[-2000:]}")
    return done.stdout


def timed(action: Callable[[], int]) -> tuple[float, int]:
    """Seconds, and how many tests passed."""
    start = time.monotonic()
    passed = action()
    return time.monotonic() - start, passed


class Bench:
    """A workspace of tempest, and a results folder of ours, for the kept lab."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = f"{ROOT}{os.pathsep}{ROOT / 'fixtures'}"
        self.environment = {**os.environ, "PYTHONPATH": path, "LABPROOF_STATE": str(folder / "state")}
        # the folder stands in for tempest's own of the user, where it notes workspaces
        self.tempest = {**os.environ, "HOME": str(folder), "PYTHONPATH": ""}

    def up(self) -> None:
        run([sys.executable, "-m", "labs", "up", "identity", "--name", LAB], ROOT, self.environment)
        run(self._tempest("init", str(self.folder / "workspace")), self.folder, self.tempest)
        conf = self.folder / "state/labs" / LAB / "tempest.conf"
        (self.folder / "workspace/etc/tempest.conf").write_text(conf.read_text())

    def down(self) -> None:
        subprocess.run(
            [sys.executable, "-m", "labs", "down", LAB], cwd=ROOT, env=self.environment, check=False, timeout=LONGEST
        )

    def by_tempest(self, *options: str) -> int:
        """How many tests passed."""
        told = run(self._tempest("run", "--regex", TESTS, *options), self.folder / "workspace", self.tempest)
        return int(re.findall(r"Passed: (\d+)", told)[-1])

    def by_us(self) -> int:
        results = self.folder / "results"
        options = ["--lab", LAB, "--program", "identity", "--results", str(results)]
        run([sys.executable, "-m", "proof", *options], ROOT, self.environment)
        outcomes = [json.loads(line)["outcome"] for line in (results / "outcomes.jsonl").read_text().splitlines()]
        return outcomes.count("passed")

    def _tempest(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tempest.cmd.main", *arguments]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--concurrency", type=int, nargs="+", default=[2, 3, 4])
    asked = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the lab goes with the folder that tells of it
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        try:
            bench.up()
            report(measure(bench, asked.rounds, asked.concurrency))
        finally:
            bench.down()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


def measure(bench: Bench, rounds: int, concurrency: list[int]) -> dict[str, list[float]]:
    """Seconds of each way, in turn."""
    ways: dict[str, Callable[[], int]] = {"tempest --serial": lambda: bench.by_tempest("--serial")}
    for number in concurrency:
        ways[f"tempest --concurrency {number}"] = lambda number=number: bench.by_tempest("--concurrency", str(number))
    ways["this harness"] = bench.by_us
    found: dict[str, list[float]] = {name: [] for name in ways}
    counts = set()
    for _ in range(rounds):
        for name, way in ways.items():
            seconds, passed = timed(way)
            found[name].append(seconds)
            counts.add(passed)
            print(f"{name}: {seconds:.1f} s, {passed} passed", flush=True)
    if len(counts) != 1:
        sys.exit(f"not all ran the same tests: {sorted(counts)} passed")
    return found


def report(found: dict[str, list[float]]) -> None:
    medians = {name: median(seconds) for name, seconds in found.items()}
    serial, *parallel, ours = medians.values()
    best = min(parallel)
    for name, seconds in medians.items():
        print(f"{name}: median {seconds:.1f} s ({min(found[name]):.1f} to {max(found[name]):.1f})")
    print(f"this harness: {serial / ours:.2f} times as fast as serial, {ours / best:.2f} of the time of the best parallel run")


if __name__ == "__main__":
    main()

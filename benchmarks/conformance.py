"""How long a conformance run takes, and what part of that is the harness's own: neither a test running nor a lab coming up.

PYTHONPATH=.:fixtures python benchmarks/conformance.py [RUNS [OPTIONS OF A RUN]]

Without options all default programs are judged. A run whose verdicts are not all YES ends it.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median

Span = tuple[float, float]


def covered(spans: Iterable[Span]) -> float:
    """Seconds during which at least one span lasts."""
    total, until = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total


def run(folder: Path, options: Sequence[str]) -> tuple[float, float]:
    """Seconds of the whole command, and of those in which something of a lab or a test went on."""
    began, clock = time.time(), time.monotonic()
    command = [sys.executable, "-m", "proof", *options, "--results", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall = time.monotonic() - clock
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    cases = [json.loads(line) for line in (folder / "outcomes.jsonl").read_text().splitlines()]
    starts = [datetime.fromisoformat(case["start"]).timestamp() for case in cases]
    spans = [(start, start + case["seconds"]) for start, case in zip(starts, cases, strict=True)]
    states = [json.loads(path.read_text()) for path in folder.glob("labs/*/state.json")]
    first = min(starts) - began
    spans.append((min(starts) - min(first, max(state["seconds"] for state in states)), min(starts)))
    return wall, covered(spans)


def main(runs: int, options: Sequence[str]) -> None:
    rows = []
    for number in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            wall, busy = run(Path(folder, "results"), options)
        rows.append((wall, wall - busy))
        print(f"run {number + 1}: {wall:.1f} s, the harness's own {wall - busy:.1f} s ({(wall - busy) / wall:.1%})", flush=True)
    wall, own = median(row[0] for row in rows), median(row[1] for row in rows)
    print(f"median of {runs}: {wall:.1f} s, the harness's own {own:.1f} s ({own / wall:.1%})")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 3, sys.argv[2:])

"""How long the audit of all nodes' routes takes, on real labs: `python benchmarks/audit.py [--rounds N] [--nodes N …]`."""

import argparse
import os
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "fixtures"))

from labs.flannel.lab import FlannelLab
from suites.flannel.routes import audit

QUIET = 2.0
"""Seconds to look at a new lab before it is measured: its flannelds still work on what they were told."""


def measure(lab: FlannelLab) -> dict[str, float]:
    """Seconds: reading routes and rules of every node, reading the leases, judging; the audit has to find nothing."""
    marks = [time.perf_counter()]
    routing = lab.routing()
    marks.append(time.perf_counter())
    leases = lab.leases()
    marks.append(time.perf_counter())
    found = audit(routing, leases, lab.network)
    marks.append(time.perf_counter())
    assert not found, found[:3]
    read, asked, judged = (after - before for before, after in pairwise(marks))
    return {"routes and rules": read, "leases": asked, "judging": judged, "all": marks[-1] - marks[0]}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=10)
    arguments.add_argument("--nodes", type=int, nargs="+", default=[3, 30, 100])
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for nodes in asked.nodes:
            up = {"variant": "default", "nodes": nodes, "logs": Path(folder), "owner": os.getpid(), "progress": print}
            lab = FlannelLab.up(f"audit-{nodes}-{os.getpid()}", **up)
            try:
                quiet = time.perf_counter() + QUIET
                while time.perf_counter() < quiet:
                    measure(lab)
                rounds = [measure(lab) for _ in range(asked.rounds)]
            finally:
                lab.down()
            columns = {name: [each[name] for each in rounds] for name in rounds[0]}
            shown = [f"{name} {statistics.median(all_):.3f} ({max(all_):.3f})" for name, all_ in columns.items()]
            print(f"{nodes:4} nodes, {nodes * (nodes - 1)} routes to peers: {', '.join(shown)}; median (max) s")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

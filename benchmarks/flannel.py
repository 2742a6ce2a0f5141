"""How long a flannel lab takes to come up with a filled cache: `python benchmarks/flannel.py [--rounds N] [--nodes N …]`."""

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


def measure(variant: str, nodes: int, folder: Path) -> dict[str, float]:
    """Seconds: until all routes and pods are right; settling on a healthy lab; every ordered pair of pods; the end."""
    marks = [time.perf_counter()]
    name = f"bench-{os.getpid()}"
    lab = FlannelLab.up(name, variant=variant, nodes=nodes, logs=folder, owner=os.getpid(), progress=print)
    try:
        marks.append(time.perf_counter())
        lab.settle()
        marks.append(time.perf_counter())
        lost = [str(each) for each in lab.deliver(lab.pairs()) if not each.arrived]
        assert not lost, lost[:3]
        marks.append(time.perf_counter())
    finally:
        lab.down()
    marks.append(time.perf_counter())
    names = ("up", "settled", "all pairs", "down")
    return {name: after - before for name, (before, after) in zip(names, pairwise(marks), strict=True)}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--nodes", type=int, nargs="+", default=[3, 30])
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for nodes in asked.nodes:
            rounds = {v: [measure(v, nodes, Path(folder)) for _ in range(asked.rounds)] for v in ("nft", "legacy")}
            for variant, each in rounds.items():
                columns = {name: [one[name] for one in each] for name in each[0]}
                shown = [f"{name} {statistics.median(all_):.3f} ({max(all_):.3f})" for name, all_ in columns.items()]
                print(f"flannel@{variant}, {nodes} nodes: {', '.join(shown)}; median (max) s")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

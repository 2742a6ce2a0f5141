"""How long a lab's topology takes, without daemons: `python benchmarks/topology.py [--rounds N] [--nodes N …]`, as any user."""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fixtures"))

from labs.embedded.machine import privileged
from labs.embedded.site import Site

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def measure(nodes: int, folder: Path) -> dict[str, float]:
    """Seconds: until all nodes are up with their addresses and frames pass; a command; power off and on; the end."""
    start = time.perf_counter()
    site = Site.create("bench", logs=folder / "logs", environment={"PATH": PATH}, owner=os.getpid())
    site.add({f"n{i}": f"10.0.{i // 200}.{i % 200 + 1}/16" for i in range(1, nodes + 1)})
    seconds = {"up": time.perf_counter() - start}
    node = site.nodes["n1"]
    for name, act in {
        "command": lambda: node.host.run("true"),
        "off and on": lambda: (node.power_off(), node.power_on()),
    }.items():
        start = time.perf_counter()
        act()
        seconds[name] = time.perf_counter() - start
    start = time.perf_counter()
    site.destroy()
    return {**seconds, "down": time.perf_counter() - start}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--nodes", type=int, nargs="+", default=[3, 30, 100])
    asked = arguments.parse_args()
    user = "root" if privileged() else "an ordinary user"
    print(f"as {user}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; median (max) s")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LABPROOF_STATE"] = f"{folder}/state"
        for nodes in asked.nodes:
            rounds = [measure(nodes, Path(folder)) for _ in range(asked.rounds)]
            columns = {name: [each[name] for each in rounds] for name in rounds[0]}
            shown = [f"{name} {statistics.median(all_):.3f} ({max(all_):.3f})" for name, all_ in columns.items()]
            print(f"{nodes:4} nodes: {', '.join(shown)}")


if __name__ == "__main__":
    main()

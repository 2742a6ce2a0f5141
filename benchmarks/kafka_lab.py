"""From nothing to a ready Kafka lab: with the lab's Java options and with those of Kafka's own start script, in turn.

PYTHONPATH=.:fixtures python benchmarks/kafka_lab.py [--rounds N] [VARIANT …]

Ready is: every broker registered, a topic of three partitions with full ISR at every broker, by both listeners.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from labs.kafka.lab import KafkaLab
from labs.kafka.parts import KafkaParts

OURS = KafkaParts.jvm


def stock(parts: KafkaParts, *_: object) -> list[str]:
    """Kafka's own options."""
    return parts.stock_jvm()


def measured(variant: str, options: Callable[..., list[str]], folder: Path) -> tuple[float, float, int]:
    """Seconds, seconds of processor, MiB of the largest broker."""
    KafkaParts.jvm = options  # type: ignore[method-assign]
    start = time.monotonic()
    name = f"bench-{os.getpid()}"
    lab = KafkaLab.up(name, variant=variant, nodes=3, logs=folder, owner=os.getpid(), progress=lambda _: None)
    try:
        seconds = time.monotonic() - start
        return seconds, sum(processor(service.pid) for service in lab.services if service.pid), max(lab.memory().values())
    finally:
        lab.down()


def processor(pid: int) -> float:
    """Seconds that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:13]) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variants", nargs="*", default=["4", "2.4-single"])
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    for variant in asked.variants:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["LABPROOF_STATE"] = f"{folder}/state"
            measured(variant, OURS, Path(folder))  # what is fetched or made once
            rounds = [[measured(variant, each, Path(folder)) for each in (OURS, stock)] for _ in range(asked.rounds)]
        for place, called in enumerate(("the lab's options", "Kafka's own")):
            seconds, cpu, memory = (median(each[place][column] for each in rounds) for column in range(3))
            print(f"{variant:12} {called:18} {seconds:6.2f} s   {cpu:6.1f} s of processor   {memory:4.0f} MiB a broker")
        ratio = median(ours[0] / stock[0] for ours, stock in rounds)
        print(f"{variant:12} ratio {ratio:.2f} (load {os.getloadavg()[0]:.1f})")


if __name__ == "__main__":
    sys.exit(main())

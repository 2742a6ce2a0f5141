"""How long a history of a million records takes to be judged: `python benchmarks/history.py [--records N] [--rounds N]`.

Its records are written once and read three times: by two consumers as they come, and by the last one; one in a thousand is
lost, as that costs most. Each round is a process of its own, so that its memory is what one judgement takes.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "fixtures"))

from labs.kafka.history import Recorder, load
from labs.kafka.operations import End, Finished, Header, Operation, Read, Reserved, Write, value_of
from suites.kafka.accounting import balance

PARTITIONS, WRITERS = 6, 2
POLL, LAST_POLL = 3, 500
"""Records that a consumer is given at a time: while they come, and at the end."""


def operations(records: int, lost_every: int) -> Iterator[Operation]:
    """As a workload would have it, in the order in which it becomes known."""
    logs: list[list[int]] = [[] for _ in range(PARTITIONS)]
    for number in range(records // WRITERS):
        for writer in range(WRITERS):
            if number % 1000 == 0:
                yield Reserved(writer, number, number + 1000)
            partition, at = number % PARTITIONS, 5 * number
            log = logs[partition]
            yield Write(writer, number, f"k{partition}", partition, at, at + 3, "ok", len(log))
            log.append(value_of(writer, number))
            if len(log) % POLL == 0:
                for reader in ("reader-0", "reader-1"):
                    yield from _read(reader, partition, at + 4, log, len(log) - POLL, POLL, lost_every)
    yield from (Finished(writer, 5 * records, records // WRITERS) for writer in range(WRITERS))
    for partition, log in enumerate(logs):
        for first in range(0, len(log), LAST_POLL):
            yield from _read("final", partition, 6 * records, log, first, LAST_POLL, lost_every)
        yield End(partition, 5 * records, len(log), len(log))


def _read(reader: str, partition: int, at: int, log: list[int], first: int, count: int, lost_every: int) -> Iterator[Operation]:
    run: list[int] = []
    begin = first
    for offset, value in enumerate(log[first : first + count], first):
        if lost_every and offset % lost_every == lost_every - 1:
            if run:
                yield Read(reader, partition, at, begin, tuple(run))
            run, begin = [], offset + 1
        else:
            run.append(value)
    if run:
        yield Read(reader, partition, at, begin, tuple(run))


def judge(path: Path) -> None:
    """In a process of its own: the figures as JSON."""
    begun, busy = time.perf_counter(), time.process_time()
    found = balance(load(path))
    told = {"seconds": time.perf_counter() - begun, "busy": time.process_time() - busy}
    told["MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**told, "acknowledged": found.counts["acknowledged"], "found": dict(found.found)}))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.judge:
        judge(asked.judge)
        return
    for name, lost_every in (("healthy", 0), ("one in 1000 lost", 1000)):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "history"
            begun = time.perf_counter()
            with Recorder(path, Header("bench", PARTITIONS)) as recorder:
                for operation in operations(asked.records, lost_every):
                    recorder.add(operation)
            wrote, size = time.perf_counter() - begun, path.stat().st_size / 2**20
            told = [
                json.loads(subprocess.check_output([sys.executable, __file__, "--judge", str(path)]))
                for _ in range(asked.rounds)
            ]
        columns = {what: [each[what] for each in told] for what in ("seconds", "busy", "MiB")}
        shown = [f"{what} {statistics.median(all_):.1f} ({max(all_):.1f})" for what, all_ in columns.items()]
        print(f"{name}: {told[0]['acknowledged']} records, {size:.0f} MiB, recorded in {wrote:.1f} s; found {told[0]['found']}")
        print(f"  judged: {', '.join(shown)}; median (max), busy in seconds of one core")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

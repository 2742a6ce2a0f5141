"""How long nothing was acknowledged, and how much was a second: what an outage looks like from a client."""

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from labs.kafka.operations import History, Read, Write


@dataclass(frozen=True)
class Outage:
    """The longest time of a partition without an acknowledgement while records were sent; `began` in seconds on the
    monotonic clock, as time.monotonic() has it."""

    partition: int
    ms: float
    began: float

    def __str__(self) -> str:
        return f"partition {self.partition}: nothing acknowledged for {self.ms:.0f} ms"


def outage(history: History, partition: int | None = None, *, since: float | None = None, until: float | None = None) -> Outage:
    """The outage of a partition, without one that of the partition whose is longest.

    With `since` and `until` (seconds, time.monotonic()) only what reaches into that time counts, in its whole length.
    The time before the first record was sent, and after the last one's outcome was known, does not count.
    ValueError: nothing was sent there.
    """
    clock = history.header.clock
    window = (since - clock) * 1e6 if since is not None else 0.0, (until - clock) * 1e6 if until is not None else float("inf")
    found = [each.longest(number, clock, window) for number, each in _writing(history, partition).items()]
    if not found:
        raise ValueError(f"nothing was sent to {history.header.topic}" + (f"/{partition}" if partition is not None else ""))
    return max(found, key=lambda each: each.ms)


@dataclass
class _Writing:
    first: int
    last: int = 0
    acknowledged: "array[int]" = field(default_factory=lambda: array("q"))

    def longest(self, partition: int, clock: float, window: tuple[float, float]) -> Outage:
        times = [self.first, *sorted(self.acknowledged), self.last]
        gaps = [(after - before, before) for before, after in pairwise(times) if after > window[0] and before < window[1]]
        length, began = max(gaps, default=(0, self.first))
        return Outage(partition, length / 1e3, clock + began / 1e6)


def _writing(history: History, partition: int | None) -> Mapping[int, _Writing]:
    found: dict[int, _Writing] = {}
    for each in history.operations:
        if isinstance(each, Write) and partition in (None, each.partition):
            writing = found.setdefault(each.partition, _Writing(each.begun))
            writing.first, writing.last = min(writing.first, each.begun), max(writing.last, each.ended)
            if each.outcome == "ok":
                writing.acknowledged.append(each.ended)
    return found


@dataclass(frozen=True)
class Rate:
    """What happened from `start` (seconds since the history began) until the next one's: records."""

    start: float
    acknowledged: int
    refused: int
    indeterminate: int
    read: int


def rates(history: History, every: float = 1.0) -> list[Rate]:
    """Counts for each `every` seconds, from the history's beginning to its last operation: by when an outcome was known."""
    counts: Counter[tuple[str, int]] = Counter()
    for each in history.operations:
        if isinstance(each, Write):
            counts[each.outcome, int(each.ended / 1e6 / every)] += 1
        elif isinstance(each, Read):
            counts["read", int(each.at / 1e6 / every)] += len(each.values)
    last = max((step for _, step in counts), default=-1)
    kinds = ("ok", "fail", "info", "read")
    return [Rate(step * every, *(counts[kind, step] for kind in kinds)) for step in range(last + 1)]

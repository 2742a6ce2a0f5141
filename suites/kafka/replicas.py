"""The judges of replicas by their segment files: each holds every record, with the same offset, epoch and checksum."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from labs.kafka.segments import Batch, ReplicaLog
from labs.problem import Problem

SHOWN = 3
"""Offsets of a replica that are named."""


def replica_problems(where: str, logs: Mapping[int, ReplicaLog], acknowledged: Collection[int] = ()) -> list[Problem]:
    """What is wrong with the replicas of a partition, by broker: in themselves, against each other, and what was acknowledged.

    The others are held to the longest: whoever leads has all records that another can have.
    """
    found = [problem for broker, log in logs.items() for problem in _own(f"{where}, broker {broker}", log, acknowledged)]
    whole = max(logs, key=lambda broker: logs[broker].end)
    return found + [
        problem
        for broker, log in logs.items()
        if broker != whole
        for problem in _against(f"{where}, broker {broker}", log, whole, logs[whole])
    ]


def _own(where: str, log: ReplicaLog, acknowledged: Collection[int]) -> Iterator[Problem]:
    for batch in log.batches:
        if batch.sound is False:
            yield Problem("wrong-checksum", where, f"the content of {_told(batch)}", "another content")
    for name, left in log.torn.items():
        yield Problem("torn-log", f"{where}: {name}", "whole batches", f"{left} bytes after the last whole one")
    lost = missing(log, acknowledged)
    if lost:
        yield Problem("records-missing", where, f"{len(acknowledged)} acknowledged records", f"none at {_some(lost)}")


def missing(log: ReplicaLog, offsets: Collection[int]) -> list[int]:
    """Which of these offsets no batch holds."""
    held = {offset for batch in log.batches for offset in range(batch.base, batch.last + 1)}
    return sorted(set(offsets) - held)


def _against(where: str, log: ReplicaLog, other: int, whole: ReplicaLog) -> Iterator[Problem]:
    for here, there in zip(log.batches, whole.batches, strict=False):
        if _identity(here) != _identity(there):
            yield Problem("replicas-differ", where, f"as broker {other} has it: {_told(there)}", _told(here))
            return
    if log.end < whole.end:
        told = f"all up to offset {whole.end - 1}, as broker {other} has them"
        yield Problem("records-missing", where, told, f"up to {log.end - 1}" if log.batches else "none")


def _identity(batch: Batch) -> tuple[int, ...]:
    return batch.base, batch.last, batch.epoch, batch.crc, batch.size


def _told(batch: Batch) -> str:
    return f"offsets {batch.base} to {batch.last}, epoch {batch.epoch}, CRC {batch.crc:08x}"


def _some(offsets: Sequence[int]) -> str:
    more = f" and {len(offsets) - SHOWN} more" if len(offsets) > SHOWN else ""
    return f"offset{'s' * (len(offsets) > 1)} {', '.join(map(str, offsets[:SHOWN]))}{more}"


def lacking(where: str, log: ReplicaLog, offset: int) -> list[Problem]:
    """One record that a replica does not have."""
    return [Problem("records-missing", where, "an acknowledged record", f"none at {offset}")] if missing(log, [offset]) else []


# --- before it is committed


@dataclass(frozen=True)
class Look:
    """How far a partition could be read: `end` by a broker's word, `read` the last offset that a consumer was given (-1: none).

    `begun` and `ended` are seconds since a replica in sync went silent. An `end` of -1 was not told in time.
    """

    begun: float
    ended: float
    end: int
    read: int

    @property
    def answered(self) -> bool:
        return self.end >= 0

    def shows(self, offset: int) -> bool:
        return self.end > offset or self.read >= offset


def hidden(where: str, offset: int, look: Look) -> list[Problem]:
    """A record that every replica has by now, and that cannot be read."""
    if look.end > offset and look.read >= offset:
        return []
    told = f"end {look.end}, read up to {look.read}"
    return [Problem("not-visible", f"{where}, offset {offset}", "it is read, and the end is behind it", told)]


def visibility_problems(where: str, offset: int, looks: Sequence[Look], hold: float) -> list[Problem]:
    """A record that could be read though a replica in sync had it not: that one is waited for, at least `hold` seconds.

    Looks that nobody answers have seen nothing.
    """
    place, timely = f"{where}, offset {offset}", [look for look in looks if look.ended < hold]
    if early := next((look for look in timely if look.shows(offset)), None):
        told = f"invisible for {hold:.2f} s while a replica in sync lacks it"
        seen = f"after {early.ended:.2f} s: end {early.end}, read up to {early.read}"
        return [Problem("visible-too-early", place, told, seen)]
    if any(look.answered for look in timely):
        return []
    expected = f"the end is told while a replica is silent, for {hold:.2f} s"
    return [Problem("end-not-told", place, expected, f"no answer to {len(timely)} looks")]

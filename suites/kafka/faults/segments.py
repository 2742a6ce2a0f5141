"""Seeded faults in a replica's segment files, while its broker runs: it does not look at what it has written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labs.fault import fault
from labs.kafka.lab import KafkaLab
from labs.kafka.segments import Batch
from labs.timeline import note
from labs.wait import until
from suites.kafka.segment_files import of_the_lab, replicas
from suites.kafka.writing import offsets, write

EPOCH = 15
"""Where a batch has the last byte of its leader's epoch, which its checksum does not cover."""
COPIED = 10.0
"""Seconds until each replica has what was acknowledged."""


@fault("process")
def byte_flipped(kafka: KafkaLab) -> Iterator[None]:
    """A follower's last batch with one bit that is another."""
    file, batch = _last_batch(kafka)
    with rewritten(file, batch.position + batch.size - 1):
        yield


@fault("process")
def epoch_forged(kafka: KafkaLab) -> Iterator[None]:
    """A follower's last batch with another leader's epoch, which no checksum tells."""
    file, batch = _last_batch(kafka)
    with rewritten(file, batch.position + EPOCH):
        yield


@fault("process")
def segment_cut(kafka: KafkaLab) -> Iterator[None]:
    """A follower's last segment without its last batch."""
    file, batch = _last_batch(kafka)
    content = file.read_bytes()[batch.position :]
    note(f"{file}: cut at {batch.position}")
    os.truncate(file, batch.position)
    try:
        yield
    finally:
        _write(file, batch.position, content)


@contextmanager
def rewritten(file: Path, position: int) -> Iterator[None]:
    """One bit of a file is another, until it is turned back."""
    byte = file.read_bytes()[position]
    note(f"{file}: the byte at {position} is changed")
    _write(file, position, bytes([byte ^ 1]))
    try:
        yield
    finally:
        _write(file, position, bytes([byte]))


def _write(file: Path, position: int, content: bytes) -> None:
    with file.open("r+b") as opened:
        opened.seek(position)
        opened.write(content)


def _last_batch(kafka: KafkaLab) -> tuple[Path, Batch]:
    """The last one of a partition of the lab's own topic, which nobody else writes to, as the last broker has it; its file."""
    place, *others = of_the_lab(kafka)
    acknowledged = offsets(write(kafka, place[0], 1 + len(others)))
    end = max(acknowledged[place]) + 1
    until(lambda: all(log.end == end for log in replicas(kafka, place).values()), within=COPIED, what=f"{place} up to {end}")
    log = replicas(kafka, place)[max(kafka.brokers)]
    batch = log.batches[-1]
    return log.path / batch.segment, batch

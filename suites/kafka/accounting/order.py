"""Acknowledged records of one producer in one partition that are not in the order in which they were sent.

Indeterminate ones are left aside: what a client gave up on may still arrive, after what it sent later.
"""

from collections.abc import Iterator

from labs.kafka.operations import NUMBERS, UNKNOWN, shown
from suites.kafka.accounting.finding import Finding
from suites.kafka.accounting.ledger import OK, Ledger
from suites.kafka.accounting.sightings import Sightings


def reordered(ledger: Ledger, sightings: Sightings) -> Iterator[Finding]:
    """Each record that lies before one that was sent earlier."""
    highest: dict[tuple[int, int], tuple[int, int]] = {}
    outcomes, first, partitions = ledger.outcomes, sightings.first, ledger.partitions
    for value, slot in sorted(ledger.slots.items()):
        offset = first[slot]
        if outcomes[slot] != OK or offset == UNKNOWN:
            continue
        key = value // NUMBERS, partitions[slot]
        before = highest.get(key)
        if before is not None and offset < before[0]:
            yield Finding("reordered", key[1], offset, value, f"sent after {shown(before[1])}, which is at {before[0]}")
        else:
            highest[key] = offset, value

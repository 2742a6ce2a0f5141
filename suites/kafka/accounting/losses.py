"""Acknowledged records that nobody read, and partitions that were not read to their end."""

from collections.abc import Iterator

from labs.kafka.operations import UNKNOWN
from suites.kafka.accounting.finding import Finding, seconds
from suites.kafka.accounting.ledger import OK, Ledger
from suites.kafka.accounting.sightings import Sightings


def losses(ledger: Ledger, sightings: Sightings) -> Iterator[Finding]:
    """A record is lost if reading went past its place; what lies behind what was read is an unseen tail."""
    if OK not in ledger.outcomes:
        yield Finding("nothing-acknowledged", UNKNOWN, UNKNOWN, UNKNOWN, f"{len(ledger.outcomes)} sent, none acknowledged")
    for value, slot in ledger.slots.items():
        if ledger.outcomes[slot] == OK and sightings.first[slot] == UNKNOWN and ledger.due(slot):
            kind = "lost-acknowledged" if ledger.passed(slot) else "unseen-tail"
            yield Finding(kind, ledger.partitions[slot], UNKNOWN, value, _acknowledged(ledger, slot))
    for partition, end in ledger.ends.items():
        if end.reached < end.end:
            yield Finding("unseen-tail", partition, UNKNOWN, UNKNOWN, f"read up to {end.reached} of {end.end}")


def _acknowledged(ledger: Ledger, slot: int) -> str:
    offset = ledger.offsets[slot]
    place = f" as offset {offset}" if offset != UNKNOWN else ""
    return f"acknowledged{place} at {seconds(ledger.ended[slot])}"

"""Consumers: offsets that go back, records that are passed over, and two that read different things at one offset."""

from collections.abc import Iterable, Iterator, Mapping

from labs.kafka.operations import UNKNOWN, shown
from suites.kafka.accounting.finding import Finding
from suites.kafka.accounting.ledger import Ledger


def reading(ledger: Ledger) -> Iterator[Finding]:
    for consumer, partition, due, came in ledger.backwards:
        yield Finding("offset-went-back", partition, came, UNKNOWN, f"{consumer}, which had read up to {due}")
    for consumer, partition, due, came in ledger.jumps:
        log = ledger.logs[partition]
        for offset in between(log, due, came):
            yield Finding("skipped", partition, offset, log[offset], f"{consumer} went on from {due} to {came}")
    for partition, offset, value in ledger.conflicts:
        yield Finding("offset-differs", partition, offset, value, f"others read {shown(ledger.logs[partition][offset])}")


def between(log: Mapping[int, int], first: int, after: int) -> Iterable[int]:
    """The offsets of a log in [first, after); what is a transaction's marker, or not for this reader, is not in it."""
    if after - first <= len(log):
        return [offset for offset in range(first, after) if offset in log]
    return sorted(offset for offset in log if first <= offset < after)

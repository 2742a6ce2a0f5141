"""Transactions: nothing of an aborted or an open one is read, and no part of any."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from labs.kafka.operations import UNKNOWN, History, Read
from suites.kafka.accounting.finding import Finding, seconds
from suites.kafka.accounting.ledger import OK, Ledger
from suites.kafka.accounting.sightings import Sightings


def transactions(ledger: Ledger, sightings: Sightings, history: History) -> Iterator[Finding]:
    members: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for value, slot in ledger.slots.items():
        if ledger.transaction[slot] != UNKNOWN:
            members[ledger.transaction[slot]].append((value, slot))
    if not members:
        return
    for number, records in members.items():
        yield from _ended(ledger, sightings, number, records)
    yield from _early(ledger, history, {value: number for number, records in members.items() for value, _ in records})


def _ended(ledger: Ledger, sightings: Sightings, number: int, records: list[tuple[int, int]]) -> Iterator[Finding]:
    """By how it ended: aborted, never asked to end (by a producer that finished), indeterminate; losses has the committed."""
    ended = ledger.transactions.get(number)
    seen = [(value, slot) for value, slot in records if sightings.first[slot] != UNKNOWN]
    if ended is None or ended.ending == "aborted":
        if ended is None and not all(value // 10**9 in ledger.finished for value, _ in records):
            return
        kind, told = ("aborted-read", f"transaction {number}") if ended else ("uncommitted-read", f"transaction {number}, open")
        yield from (Finding(kind, ledger.partitions[slot], sightings.first[slot], value, told) for value, slot in seen)
    elif ended.ending == "info" and seen:
        for value, slot in records:
            if ledger.outcomes[slot] == OK and sightings.first[slot] == UNKNOWN and ledger.passed(slot):
                told = f"not read, others of transaction {number} are"
                yield Finding("part-of-transaction", ledger.partitions[slot], UNKNOWN, value, told)


def _early(ledger: Ledger, history: History, number_of: Mapping[int, int]) -> Iterator[Finding]:
    """What was read before the producer asked for the commit."""
    told: set[int] = set()
    for read in history.operations:
        if not isinstance(read, Read):
            continue
        for offset, value in enumerate(read.values, read.offset):
            ended = ledger.transactions.get(number_of.get(value, UNKNOWN))
            if ended is not None and ended.ending != "aborted" and read.at < ended.begun and value not in told:
                told.add(value)
                late = f"transaction {ended.number}, whose commit was asked for at {seconds(ended.begun)}"
                yield Finding("uncommitted-read", read.partition, offset, value, late)

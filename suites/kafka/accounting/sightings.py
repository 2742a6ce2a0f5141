"""Where each record was read, and what was read that nobody wrote."""

from array import array
from collections.abc import Iterator

from labs.kafka.operations import UNKNOWN
from suites.kafka.accounting.finding import Finding
from suites.kafka.accounting.ledger import FAIL, OK, Ledger


class Sightings:
    """`first` has, by slot, the lowest offset at which a record was read, UNKNOWN if it never was; `findings` the rest."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.first = array("q", [UNKNOWN]) * len(ledger.outcomes)
        self.findings: list[Finding] = []
        self._copies: dict[int, set[int]] = {}
        self._pending: dict[int, tuple[int, int]] = {}
        for partition, log in ledger.logs.items():
            self._look(partition, log)
        for partition, offset, value in ledger.conflicts:
            self._look(partition, {offset: value})
        self.findings += self._strangers()
        self.findings += self._elsewhere()

    def _look(self, partition: int, log: dict[int, int]) -> None:
        slots, first, outcomes, partitions = self.ledger.slots, self.first, self.ledger.outcomes, self.ledger.partitions
        for offset, value in log.items():
            slot = slots.get(value)
            if slot is None:
                self._unwritten(partition, offset, value)
            elif outcomes[slot] == FAIL or partitions[slot] not in (partition, UNKNOWN):
                self._misplaced(partition, offset, value, slot)
            elif first[slot] == UNKNOWN:
                first[slot] = offset
            else:
                self._again(partition, offset, value, first[slot])
                self._copies.setdefault(slot, {first[slot]}).add(offset)
                first[slot] = min(first[slot], offset)

    def _unwritten(self, partition: int, offset: int, value: int) -> None:
        """A value whose outcome is not in the history."""
        if not self.ledger.pending(value):
            self._add("phantom", partition, offset, value, "never sent")
        elif value in self._pending:
            self._again(partition, offset, value, self._pending[value][1])
        else:
            self._pending[value] = partition, offset

    def _misplaced(self, partition: int, offset: int, value: int, slot: int) -> None:
        told = (
            "refused when it was sent"
            if self.ledger.outcomes[slot] == FAIL
            else f"sent to partition {self.ledger.partitions[slot]}"
        )
        self._add("phantom", partition, offset, value, told)

    def _again(self, partition: int, offset: int, value: int, before: int) -> None:
        self._add("duplicate", partition, max(offset, before), value, f"and at {min(offset, before)}")

    def _add(self, kind: str, partition: int, offset: int, value: int, told: str) -> None:
        self.findings.append(Finding(kind, partition, offset, value, told))

    def _strangers(self) -> Iterator[Finding]:
        seen = {(each.partition, each.offset): each for each in reversed(self.ledger.foreign)}
        for (partition, offset), each in sorted(seen.items()):
            yield Finding("phantom", partition, offset, UNKNOWN, f"holds {each.text[:40]!r}")

    def _elsewhere(self) -> Iterator[Finding]:
        """Acknowledged records that were read, and never where it was acknowledged."""
        ledger = self.ledger
        for value, slot in ledger.slots.items():
            offset, found = ledger.offsets[slot], self.first[slot]
            if ledger.outcomes[slot] != OK or UNKNOWN in (offset, found) or offset == found:
                continue
            if offset not in self._copies.get(slot, ()):
                yield Finding(
                    "acknowledged-elsewhere", ledger.partitions[slot], found, value, f"acknowledged as offset {offset}"
                )

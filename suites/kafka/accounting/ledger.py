"""What a history says, gone through once and kept by record, by offset and by consumer."""

from array import array
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Self

from labs.errors import UsageError
from labs.kafka.operations import (
    NUMBERS,
    UNKNOWN,
    End,
    Finished,
    Foreign,
    Header,
    History,
    Positioned,
    Read,
    Reserved,
    Transaction,
    Write,
)

OK, FAIL, INFO = 1, 2, 3
CODES = {"ok": OK, "fail": FAIL, "info": INFO}


class Ledger:
    """A million records fit in 300 MiB: writes stand in arrays, `slots` has their places there by value."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.slots: dict[int, int] = {}
        self.outcomes = bytearray()
        self.partitions, self.offsets, self.ended, self.transaction = (array("q") for _ in range(4))
        self.reserved: dict[int, int] = {}
        self.finished: dict[int, int] = {}
        self.transactions: dict[int, Transaction] = {}
        self.logs: defaultdict[int, dict[int, int]] = defaultdict(dict)
        """By partition: the value that was read first at each offset."""
        self.conflicts: dict[tuple[int, int, int], None] = {}
        """Partition, offset and value of what was read later, and was another."""
        self.foreign: list[Foreign] = []
        self.backwards: list[tuple[str, int, int, int]] = []
        """Consumer, partition, the offset that was due and the one that came; `jumps` the same, onwards."""
        self.jumps: list[tuple[str, int, int, int]] = []
        self.spans: defaultdict[int, list[list[int]]] = defaultdict(list)
        """By partition: [from, to) that one consumer went through without leaving out what it was not given."""
        self.ends: dict[int, End] = {}
        self.records_read = 0
        self._current: dict[tuple[str, int], list[int]] = {}

    @classmethod
    def of(cls, history: History) -> Self:
        """UsageError for numbers that no history has."""
        made = cls(history.header)
        takers: dict[type, Callable[[Any], None]] = {
            Write: made.write,
            Read: made.read,
            Foreign: made.stranger,
            Positioned: made.positioned,
            Reserved: lambda each: made.reserved.update({each.producer: each.below}),
            Finished: lambda each: made.finished.update({each.producer: each.below}),
            Transaction: made.ending,
            End: lambda each: made.ends.update({each.partition: each}),
        }
        try:
            for operation in history.operations:
                takers[type(operation)](operation)
        except OverflowError as error:
            raise UsageError(f"history of {history.header.topic}: a number is too large: {operation}") from error
        return made

    # --- taking in

    def write(self, write: Write) -> None:
        producer, number, _, partition, _, ended, outcome, offset, transaction, _ = write
        self.slots[producer * NUMBERS + number] = len(self.outcomes)
        self.outcomes.append(CODES[outcome])
        self.partitions.append(partition)
        self.offsets.append(offset)
        self.ended.append(ended)
        self.transaction.append(transaction)

    def read(self, read: Read) -> None:
        consumer, partition, _, offset, values = read
        self._advance(consumer, partition, offset, offset + len(values))
        log = self.logs[partition]
        for place, value in enumerate(values, offset):
            if log.setdefault(place, value) != value:
                self.conflicts[partition, place, value] = None

    def stranger(self, foreign: Foreign) -> None:
        self._advance(foreign.consumer, foreign.partition, foreign.offset, foreign.offset + 1)
        self.foreign.append(foreign)

    def ending(self, ended: Transaction) -> None:
        """The last word counts; but where a commit may have come through, a refused abort says nothing."""
        before = self.transactions.get(ended.number)
        if before is not None and before.ending == "info" and ended.error != "-":
            ended = before
        self.transactions[ended.number] = ended

    def positioned(self, at: Positioned) -> None:
        self._begin(at.consumer, at.partition, at.offset)

    def _begin(self, consumer: str, partition: int, offset: int) -> list[int]:
        span = self._current[consumer, partition] = [offset, offset]
        self.spans[partition].append(span)
        return span

    def _advance(self, consumer: str, partition: int, offset: int, after: int) -> None:
        """A consumer was given [offset, after)."""
        span = self._current.get((consumer, partition)) or self._begin(consumer, partition, offset)
        self.records_read += after - offset
        if offset > span[1]:
            self.jumps.append((consumer, partition, span[1], offset))
        elif offset < span[1]:
            self.backwards.append((consumer, partition, span[1], offset))
            span = self._begin(consumer, partition, offset)
        span[1] = after

    # --- what follows from it

    def pending(self, value: int) -> bool:
        """Whether this may have been sent, though its outcome is not in the history: the client was killed before."""
        producer, number = divmod(value, NUMBERS)
        return 0 <= number < self.finished.get(producer, self.reserved.get(producer, 0))

    def due(self, slot: int) -> bool:
        """Whether an acknowledged record has to be in the log: not if its transaction may have been aborted."""
        number = self.transaction[slot]
        if number == UNKNOWN:
            return True
        ended = self.transactions.get(number)
        return ended is not None and ended.ending == "committed"

    def passed(self, slot: int) -> bool:
        """Whether reading has gone past where an acknowledged record should be."""
        partition, offset = self.partitions[slot], self.offsets[slot]
        end = self.ends.get(partition)
        if end is not None and end.reached >= end.end and self._settled(slot) <= end.at:
            return True
        return offset != UNKNOWN and any(first <= offset < after for first, after in self.spans.get(partition, ()))

    def _settled(self, slot: int) -> int:
        """When its producer knew that the record is there to be read."""
        ended = self.transactions.get(self.transaction[slot])
        return max(self.ended[slot], ended.ended) if ended else self.ended[slot]

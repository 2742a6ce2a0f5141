"""One record, or one step of a consumer, that is not as it was promised."""

from collections.abc import Mapping
from typing import NamedTuple

from labs.kafka.guarantee import Guarantee
from labs.kafka.operations import UNKNOWN, shown


class Finding(NamedTuple):
    """`offset` is where it was read, UNKNOWN if nowhere; `value` the record's, UNKNOWN if there is none; `told` for people."""

    kind: str
    partition: int
    offset: int
    value: int
    told: str

    def __str__(self) -> str:
        record = shown(self.value) if self.value != UNKNOWN else ""
        place = f"at offset {self.offset}" if self.offset != UNKNOWN else ""
        told = f"({self.told})" if self.told and (record or place) else self.told
        return " ".join(word for word in (record, place, told) if word)


EXPECTED: Mapping[str, str] = {
    "lost-acknowledged": "each acknowledged record is read",
    "acknowledged-elsewhere": "each acknowledged record is read at the offset that was acknowledged",
    "duplicate": "each record is in the log once",
    "reordered": "a producer's records are in the order in which they were sent",
    "offset-differs": "every reader reads the same record at an offset",
    "offset-went-back": "a consumer's offsets grow",
    "skipped": "a consumer is given each record that others read",
    "phantom": "no record but what was sent, and not refused, to this partition",
    "unseen-tail": "reading reaches the end that is known",
    "nothing-acknowledged": "some records are acknowledged: without any, a history shows nothing",
    "aborted-read": "nothing of an aborted transaction is read",
    "uncommitted-read": "nothing of a transaction is read before it is committed",
    "part-of-transaction": "a transaction is read as a whole or not at all",
}
"""Every kind, and what should be instead."""


def forbidden(kind: str, guarantee: Guarantee) -> bool:
    """Whether a finding of this kind breaks the guarantee; what does not is allowed, and only counted."""
    match kind:
        case "lost-acknowledged" | "acknowledged-elsewhere":
            return guarantee.durable
        case "duplicate":
            return guarantee.once
        case "reordered":
            return guarantee.ordered
        case "offset-differs" | "offset-went-back" | "skipped":
            return guarantee.settled
        case "aborted-read" | "uncommitted-read" | "part-of-transaction":
            return guarantee.committed_only
    return True


def seconds(microseconds: int) -> str:
    """A time of a history, for people."""
    return f"{microseconds / 1e6:.3f} s"

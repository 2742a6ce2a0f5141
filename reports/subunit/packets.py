"""The packets of a subunit stream of version 2, out of whatever else programs wrote in between."""

import re
import zlib
from collections.abc import Iterator

BEGIN = re.compile(rb"\xb3[\x20-\x2f]")  # the signature, and the version in the upper half of the flags
STRAY = "\udcb3"  # a signature that is no part of a character
LEAST = 8  # bytes: signature, flags, length, checksum


class SubunitError(Exception):
    """What is no subunit stream, or a damaged one: one line."""


def packets(data: bytes) -> Iterator[bytes]:
    """Those whose checksum is right; SubunitError where something else begins as a packet does, and is no text."""
    end = 0
    for begin in BEGIN.finditer(data):
        at = begin.start()
        if at < end:
            continue
        length = _length(data, at)
        _text(data, end, at if length else at + 1)
        if length:
            end = at + length
            yield data[at:end]
    _text(data, end, len(data))


def _length(data: bytes, at: int) -> int:
    """Bytes of the packet that begins here; 0 where none does."""
    width = (data[at + 3] >> 6) + 1 if len(data) - at >= LEAST else 4
    if width > 3:  # a length takes three bytes at most
        return 0
    length = int.from_bytes(data[at + 3 : at + 3 + width], "big") & ((1 << (8 * width - 2)) - 1)
    whole = memoryview(data)[at : at + length]
    right = len(whole) == length >= LEAST and zlib.crc32(whole[:-4]) == int.from_bytes(whole[-4:], "big")
    return length if right else 0


def _text(data: bytes, start: int, end: int) -> None:
    """Output of programs is no concern of ours; a packet that was changed or cut is."""
    text = data[start:end].decode("utf-8", "surrogateescape")
    if (at := text.find(STRAY)) >= 0:
        place = start + len(text[:at].encode("utf-8", "surrogateescape"))
        raise SubunitError(f"a damaged or truncated subunit stream: the packet at byte {place} is not whole")

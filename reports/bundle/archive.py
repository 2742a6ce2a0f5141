"""The zip of a bundle. It is written in one way only, without compression, so that any other bytes are known to be changed."""

import struct
import zlib
from collections.abc import Mapping

LOCAL, CENTRAL, END = (struct.Struct(form) for form in ("<4s5H3L2H", "<4s6H3L5H2L", "<4s4H2LH"))
LOCAL_MARK, CENTRAL_MARK, END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
NEEDS, UTF8, STORED = 20, 0x800, 0
DATED = (0, 0x21)  # the first of January 1980, 0:00: the earliest that a zip can say
UNIX, MODE = 3 << 8 | NEEDS, 0o100644 << 16


def written(files: Mapping[str, bytes], comment: bytes) -> bytes:
    """The zip of files by name, in the order in which they are given, with a comment at its end."""
    body, index = bytearray(), bytearray()
    for name, data in files.items():
        called, offset = name.encode(), len(body)
        about = (UTF8, STORED, *DATED, zlib.crc32(data), len(data), len(data), len(called), 0)
        body += LOCAL.pack(LOCAL_MARK, NEEDS, *about) + called + data
        index += CENTRAL.pack(CENTRAL_MARK, UNIX, NEEDS, *about, 0, 0, 0, MODE, offset) + called
    end = END.pack(END_MARK, 0, 0, len(files), len(files), len(index), len(body), len(comment))
    return bytes(body + index + end + comment)


def read(data: bytes, comment: bytes) -> dict[str, bytes]:
    """The files of a zip that `written` made with this comment; ValueError where one byte is not as that would write it."""
    files: dict[str, bytes] = {}
    at = 0
    try:
        while data[at : at + 4] == LOCAL_MARK:
            head = LOCAL.unpack_from(data, at)
            size, length = head[8], head[9]
            at += LOCAL.size
            name, at = data[at : at + length].decode(), at + length
            files[name], at = data[at : at + size], at + size
    except (struct.error, UnicodeDecodeError):
        raise ValueError("its zip is broken") from None
    if written(files, comment) != data:
        raise ValueError("its zip is not as it was written")
    return files

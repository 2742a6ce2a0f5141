"""Segments and checkpoints, written by hand byte for byte, and their dump."""

import struct
from pathlib import Path

import pytest
from kafka.record.util import calc_crc32c

from labs.kafka.checkpoints import epochs, high_watermarks, leader_epochs, offsets
from labs.kafka.dump import dump
from labs.kafka.segments import Batch, Record, batches_of, records, replica_log

FIRST = f"{0:020}.log"


def record(delta: int, key: bytes, value: bytes) -> bytes:
    """Lengths under 64 are one byte each, doubled (zigzag)."""
    body = bytes([0, 0, 2 * delta, 2 * len(key)]) + key + bytes([2 * len(value)]) + value + b"\0"
    return bytes([2 * len(body)]) + body


def batch(base: int, *values: bytes, epoch: int = 0, attributes: int = 0, producer: int = -1, sequence: int = -1) -> bytes:
    rows = b"".join(record(delta, b"k", value) for delta, value in enumerate(values))
    covered = (
        struct.pack(
            ">hiqqqhii", attributes, len(values) - 1, 1000, 2000, producer, 0 if producer >= 0 else -1, sequence, len(values)
        )
        + rows
    )
    return struct.pack(">qiibI", base, 9 + len(covered), epoch, 2, calc_crc32c(covered)) + covered


def folder(tmp_path: Path, **files: bytes) -> Path:
    path = tmp_path / "a-topic-0"
    path.mkdir()
    for name, content in files.items():
        (path / f"{int(name[1:]):020}.log").write_bytes(content)
    return path


def test_the_checksum_is_castagnoli() -> None:
    """The check value of RFC 3720's CRC-32C."""
    assert calc_crc32c(memoryview(b"123456789")) == 0xE3069283


def test_a_batch_is_read_whole() -> None:
    content = batch(7, b"x", b"y", b"z", epoch=3, attributes=0x10, producer=9, sequence=4)
    crc = struct.unpack(">I", content[17:21])[0]
    assert list(batches_of(content, FIRST)) == [
        Batch(7, 9, 3, crc, True, 9, 0, 4, 3, 2000, "none", True, False, FIRST, 0, len(content))
    ]


def test_attributes_tell_compression_and_control() -> None:
    (found,) = batches_of(batch(0, b"", attributes=0x20 | 4), FIRST)
    assert (found.control, found.transactional, found.compression) == (True, False, "zstd")


def test_a_flipped_bit_is_found_unless_nobody_looks() -> None:
    content = bytearray(batch(0, b"value"))
    content[-3] ^= 1
    assert [found.sound for found in batches_of(bytes(content), FIRST)] == [False]
    assert [found.sound for found in batches_of(bytes(content), FIRST, check=False)] == [None]


def test_the_leader_epoch_is_outside_of_the_checksum() -> None:
    one, other = (next(batches_of(batch(0, b"v", epoch=epoch), FIRST)) for epoch in (1, 2))
    assert (one.crc, one.sound) == (other.crc, other.sound)


def test_a_log_goes_over_its_segments(tmp_path: Path) -> None:
    path = folder(tmp_path, s5=batch(5, b"a", b"b"), s7=batch(7, b"c"))
    (path / f"{3:020}.log.deleted").write_bytes(batch(3, b"gone"))
    log = replica_log(path)
    assert (log.start, log.end, [found.base for found in log.batches], dict(log.torn)) == (5, 8, [5, 7], {})
    assert log.holding(6) == log.batches[0]
    assert log.holding(8) is None


def test_an_empty_segment_still_says_where_the_log_ends(tmp_path: Path) -> None:
    log = replica_log(folder(tmp_path, s12=b""))
    assert (log.start, log.end, list(log.batches)) == (12, 12, [])


def test_a_folder_that_is_not_there_is_an_empty_log(tmp_path: Path) -> None:
    assert replica_log(tmp_path / "no-0").end == 0


WHOLE = batch(0, b"whole")


@pytest.mark.parametrize(
    "tail",
    [batch(1, b"torn")[:-1], batch(1, b"torn")[:30], b"\0" * 200, b"\0", b"\xff" * 100, batch(1, b"x")[:16] + b"\1" * 60],
    ids=["one-byte-short", "half-a-header", "zeros", "one-byte", "ones", "magic-1"],
)
def test_a_torn_tail_is_counted(tmp_path: Path, tail: bytes) -> None:
    log = replica_log(folder(tmp_path, s0=WHOLE + tail))
    assert (log.end, dict(log.torn)) == (1, {FIRST: len(tail)})


def test_records_are_read(tmp_path: Path) -> None:
    path = folder(tmp_path, s0=batch(0, b"zero") + batch(1, b"one", b"two"))
    assert records(path, replica_log(path).batches[1]) == [Record(1, 1000, b"k", b"one"), Record(2, 1000, b"k", b"two")]


def test_records_that_cannot_be_read_are_a_value_error(tmp_path: Path) -> None:
    path = folder(tmp_path, s0=batch(0, b"not zstd", attributes=4))
    with pytest.raises(ValueError, match="cannot be read"):
        records(path, replica_log(path).batches[0])


def test_a_dump_shows_the_record_and_its_neighbours(tmp_path: Path) -> None:
    path = folder(tmp_path, s0=b"".join(batch(base, b"v%d" % base) for base in range(9)))
    (tmp_path / "replication-offset-checkpoint").write_text("0\n1\na-topic 0 9\n")
    text = dump(path, 4)
    assert "begins at offset 0, ends before 9, in 9 batches" in text
    assert "high watermark in replication-offset-checkpoint: 9" in text
    assert "> 4: key b'k', value b'v4'" in text
    assert [f"offsets {base} to {base}" in text for base in range(9)] == [2 <= base <= 6 for base in range(9)]


def test_a_dump_says_that_nothing_is_there(tmp_path: Path) -> None:
    path = folder(tmp_path, s0=batch(0, b"a") + b"torn")
    text = dump(path, 5)
    assert "no batch holds offset 5" in text
    assert "4 bytes after the last whole batch" in text
    assert "offsets 0 to 0, 1 records" in text
    assert "no batch holds offset 0" in dump(tmp_path / "none-1", 0)


def test_checkpoints_are_read(tmp_path: Path) -> None:
    text = "0\n2\n__consumer_offsets 2 17\na-b-topic 0 5\n"
    assert offsets(text) == {("__consumer_offsets", 2): 17, ("a-b-topic", 0): 5}
    assert epochs("0\n2\n0 0\n3 41\n") == ((0, 0), (3, 41))
    (tmp_path / "replication-offset-checkpoint").write_text(text)
    assert high_watermarks(tmp_path)["a-b-topic", 0] == 5
    assert leader_epochs(tmp_path) == ()


def test_a_checkpoint_that_was_not_written_yet_has_nothing() -> None:
    assert offsets("") == {}
    assert list(epochs("")) == []


@pytest.mark.parametrize("text", ["1\n0\n", "0\n2\na 0 1\n", "0\n1\na 0\n"])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        offsets(text)

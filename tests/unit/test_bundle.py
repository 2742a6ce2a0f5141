"""A bundle is whole to the last byte, and signed by whom it should be, or it is not."""

import hashlib
import io
import json
import random
import warnings
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from reports.bundle import archive, packing
from reports.bundle.packing import BundleError, Changed
from reports.signature import PrivateKey

KEY = PrivateKey(rsa.generate_private_key(65537, 2048))
OTHER = PrivateKey(rsa.generate_private_key(65537, 2048))
FILES = {"results.json": b'{"cpid": "x"}', "outcomes.jsonl": "ä\n".encode(), "guidelines/2018.02.json": b""}
SIGNED, UNSIGNED = packing.pack(FILES, KEY), packing.pack(FILES, None)
COMMENT = packing.FORMAT.encode()


def verify(data: bytes) -> None:
    packing.unpack(data).check(KEY.public)


def test_what_was_packed_is_found_whole_and_signed() -> None:
    found = packing.unpack(SIGNED)
    found.check(KEY.public)
    assert found.files == FILES
    assert found.signer == KEY.public.fingerprint
    assert packing.pack(dict(reversed(FILES.items())), KEY) == SIGNED


def test_any_other_program_reads_it_as_a_zip() -> None:
    with zipfile.ZipFile(io.BytesIO(SIGNED)) as file:
        assert file.testzip() is None
        assert file.namelist() == [packing.MANIFEST, packing.SIGNATURE, *sorted(FILES)]
        assert {name: file.read(name) for name in FILES} == FILES
        manifest = json.loads(file.read(packing.MANIFEST))
    assert manifest["files"]["results.json"]["sha256"] == hashlib.sha256(FILES["results.json"]).hexdigest()


def test_an_unsigned_one_is_whole_and_says_so() -> None:
    found = packing.unpack(UNSIGNED)
    assert (found.files, found.signer, found.signature) == (FILES, None, None)
    with pytest.raises(Changed, match="unsigned"):
        found.check(KEY.public)


def test_another_key_did_not_sign_it() -> None:
    with pytest.raises(Changed) as changed:
        packing.unpack(SIGNED).check(OTHER.public)
    assert KEY.public.fingerprint in str(changed.value)
    assert OTHER.public.fingerprint in str(changed.value)


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_each_byte_counts(flip: int) -> None:
    """However a byte is changed, also one of the zip around the files."""
    for at in range(len(SIGNED)):
        data = bytearray(SIGNED)
        data[at] ^= flip
        with pytest.raises(Changed):
            verify(bytes(data))


def test_each_byte_of_an_unsigned_one_counts_too() -> None:
    for at in range(len(UNSIGNED)):
        data = bytearray(UNSIGNED)
        data[at] ^= 0xFF
        with pytest.raises(Changed, match=f"^{packing.CHANGED}"):
            packing.unpack(bytes(data))


def test_a_part_of_it_is_not_it() -> None:
    for end in range(len(SIGNED)):
        with pytest.raises(Changed):
            verify(SIGNED[:end])
        with pytest.raises(Changed):
            verify(SIGNED[end + 1 :])


def test_what_is_put_in_or_taken_out_is_seen() -> None:
    """Bytes anywhere, some thousand times, by a dice that falls the same each time."""
    dice = random.Random(20261128)
    for _ in range(3000):
        at, upto = sorted(dice.choices(range(len(SIGNED) + 1), k=2))
        data = SIGNED[:at] + dice.randbytes(dice.randrange(4)) + SIGNED[dice.choice([at, upto]) :]
        if data != SIGNED:
            with pytest.raises(Changed):
                verify(data)


def zipped(*files: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """As some other program writes a zip."""
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", compression) as file:
        warnings.simplefilter("ignore")  # of names that stand twice
        for name, data in files:
            file.writestr(name, data)
        file.comment = COMMENT
    return target.getvalue()


MEMBERS = list(archive.read(SIGNED, COMMENT).items())


def rebuilt(**changes: bytes) -> bytes:
    """The bundle with other files in it, in the form that ours have."""
    return archive.written({**dict(MEMBERS), **changes}, COMMENT)


@pytest.mark.parametrize(
    "data",
    [
        zipped(*MEMBERS),
        zipped(*MEMBERS, compression=zipfile.ZIP_DEFLATED),
        zipped(*MEMBERS, ("results.json", b"{}")),
        zipped(("results.json", b"{}"), *MEMBERS),
        zipped(*MEMBERS, (packing.MANIFEST, b"{}")),
        rebuilt(extra=b"more"),
        rebuilt(**{"results.json": b"{}"}),
        rebuilt(**{"results.json": b'{"cpid": "y"}'}),
        archive.written(dict(MEMBERS[:-1]), COMMENT),
        archive.written(dict([*MEMBERS[:2], *reversed(MEMBERS[2:])]), COMMENT),
        archive.written(dict(MEMBERS[1:]), COMMENT),
        SIGNED + b"\0",
        SIGNED + SIGNED,
        b"#!/bin/sh\n" + SIGNED,
    ],
)
def test_another_zip_of_the_same_files_is_not_it(data: bytes) -> None:
    with pytest.raises(Changed):
        verify(data)


def test_a_signature_that_was_taken_away_or_added_is_missed() -> None:
    without = archive.written({name: data for name, data in MEMBERS if name != packing.SIGNATURE}, COMMENT)
    with pytest.raises(Changed, match="its signature is missing"):
        packing.unpack(without)
    unsigned = archive.read(UNSIGNED, COMMENT)
    manifest = unsigned.pop(packing.MANIFEST)
    added = {packing.MANIFEST: manifest, packing.SIGNATURE: KEY.sign(manifest), **unsigned}
    with pytest.raises(Changed, match="a signature was added"):
        packing.unpack(archive.written(added, COMMENT))


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (b"[]", "its manifest is broken"),
        (b"{", "its manifest is broken"),
        (b"\xff", "its manifest is broken"),
        (b"[" * 100_000, "its manifest is broken"),
        (b'{"signer": null}', "made by a newer Labproof"),
        (b'{"format": "labproof-bundle", "version": 2, "signer": null, "files": {}}', "made by a newer Labproof"),
        (b'{"format": "labproof-bundle", "version": 1, "signer": null, "files": []}', "not the files of its manifest"),
        (b'{"format": "labproof-bundle", "version": 1, "signer": null, "files": {}}', "results.json is not in it"),
    ],
)
def test_a_manifest_that_is_none_is_no_bundle_that_we_made(manifest: bytes, reason: str) -> None:
    with pytest.raises(Changed, match=reason):
        packing.unpack(archive.written({packing.MANIFEST: manifest}, COMMENT))


@pytest.mark.parametrize(
    "data",
    [b"", b"a letter", b"PK\x03\x04", zipped(("a", b"b"))[:-20], bytes(5000)],
    ids=["empty", "a letter", "a beginning", "cut short", "zeros"],
)
def test_a_file_that_is_something_else_is_no_bundle(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(BundleError, match="not a bundle"):
        packing.read(tmp_path / "file")


def test_a_file_that_cannot_be_read_is_no_bundle(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(BundleError, match="cannot be read"):
            packing.read(path)

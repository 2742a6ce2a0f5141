"""Bundles: results with all that tells how they came about, whole and signed, in one zip that is checked without a network.

The first file of the zip is `manifest.json` with the size and the SHA-256 of every other; then, where it is signed, comes
`manifest.json.sig`, the RSA signature of the manifest's bytes: `openssl dgst -sha256 -verify KEY.pem -signature
manifest.json.sig manifest.json` says the same of it as we do.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.bundle import archive
from reports.masking import shown
from reports.signature import PrivateKey, PublicKey

FORMAT, VERSION = "labproof-bundle", 1
MANIFEST, SIGNATURE, RESULTS = "manifest.json", "manifest.json.sig", "results.json"
LIMIT = 256 * 1024 * 1024  # bytes
CHANGED = "changed since it was made"


class BundleError(Exception):
    """A file that is no bundle, or cannot be read: one line."""


class Changed(Exception):
    """A bundle that is not as it was made, or not by whom it should be: one line, without the name of its file."""


@dataclass(frozen=True)
class Bundle:
    """What was found whole. `signer` is the fingerprint of the key that its manifest names, None where it is unsigned."""

    files: Mapping[str, bytes]
    manifest: bytes
    signer: str | None
    signature: bytes | None

    def check(self, key: PublicKey) -> None:
        """Changed, unless it was signed with the key that belongs to this one."""
        if self.signature is None:
            raise Changed("unsigned, so anyone may have made it")
        if not key.verifies(self.manifest, self.signature):
            by = f"it names {self.signer}, and this is {key.fingerprint}" if self.signer != key.fingerprint else CHANGED
            raise Changed(f"its signature is not by this key: {by}")


def pack(files: Mapping[str, bytes], key: PrivateKey | None) -> bytes:
    """The bytes of a bundle, signed where there is a key; the same files and key always give the same bytes."""
    sums = {name: {"bytes": len(files[name]), "sha256": hashlib.sha256(files[name]).hexdigest()} for name in sorted(files)}
    head = {"format": FORMAT, "version": VERSION, "signer": key.public.fingerprint if key else None, "files": sums}
    manifest = (json.dumps(head, indent=1, ensure_ascii=False) + "\n").encode()
    signed = {SIGNATURE: key.sign(manifest)} if key else {}
    return archive.written({MANIFEST: manifest, **signed, **{name: files[name] for name in sums}}, FORMAT.encode())


def is_bundle(data: bytes) -> bool:
    """Whether it is one, whole or not: the manifest says so, which is not compressed, and the zip's comment once more."""
    return FORMAT.encode() in data


def read(path: Path) -> Bundle:
    """The bundle of a file; BundleError where there is none, Changed where it is not as it was made."""
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BundleError(f"{shown(str(path))}: cannot be read: {reason}") from None
    if len(data) > LIMIT or not is_bundle(data):
        raise BundleError(f"{shown(str(path))}: not a bundle; one that upload wrote is expected (bundle-….zip)")
    return unpack(data)


def unpack(data: bytes) -> Bundle:
    """The bundle in these bytes; Changed where it has not exactly the files and the sums that its manifest says."""
    try:
        found = archive.read(data, FORMAT.encode())
        manifest = found.pop(MANIFEST, b"")
        head = json.loads(manifest)
        signature, signer = found.pop(SIGNATURE, None), head["signer"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Changed(f"{CHANGED}: {error if str(error).startswith('its zip') else 'its manifest is broken'}") from None
    if (head.get("format"), head.get("version")) != (FORMAT, VERSION):
        raise Changed(f"{CHANGED}, or made by a newer Labproof: its manifest is not {FORMAT} {VERSION}")
    if (signature is None) != (signer is None):
        raise Changed(f"{CHANGED}: its signature is missing" if signer else f"{CHANGED}: a signature was added")
    if (slip := _slip(head, found)) is not None:
        raise Changed(f"{CHANGED}: {slip}")
    return Bundle(found, manifest, signer, signature)


def _slip(head: Mapping[str, Any], files: Mapping[str, bytes]) -> str | None:
    """The first thing in which the files are not as the manifest says."""
    sums = head.get("files")
    if not isinstance(sums, dict) or list(sums) != list(files):
        return f"it holds {', '.join(map(shown, files)) or 'nothing'}, which are not the files of its manifest"
    for name, data in files.items():
        if sums[name] != {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}:
            return f"{shown(name)} is not as its manifest says"
    return None if RESULTS in files else f"{RESULTS} is not in it"

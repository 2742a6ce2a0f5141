"""Where bundles are put. Nothing that is there already is overwritten; what was not sent goes wherever it can be."""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from reports.bundle import packing
from reports.bundle.packing import BundleError
from reports.bundle.source import Source
from reports.masking import shown
from reports.signature import PrivateKey


def keep(found: Source, key: PrivateKey | None, wanted: str | None) -> Path:
    """Write a bundle of it to the path that is wanted, else beside the results; its path.

    The same bundle always gets the same name. BundleError where it cannot be written there, or where something else is.
    """
    data = packing.pack(found.files, key)
    return write(data, found.folder / _called(found, data) if wanted is None else Path(wanted).expanduser())


def keep_somewhere(found: Source, key: PrivateKey | None, wanted: str | None) -> Path:
    """Like `keep`, but where it cannot be written there, then wherever it can be; BundleError where that is nowhere."""
    data = packing.pack(found.files, key)
    folders = (found.folder, Path.cwd(), Path(tempfile.gettempdir()))
    places = [*([] if wanted is None else [Path(wanted).expanduser()]), *(folder / _called(found, data) for folder in folders)]
    for place in places[:-1]:
        with suppress(BundleError):
            return write(data, place)
    return write(data, places[-1])


def check(found: Source, key: PrivateKey | None, wanted: str | None) -> None:
    """BundleError where something else is at the path that is wanted for a bundle of it."""
    if wanted is not None and found.kept is None:
        _there(packing.pack(found.files, key), Path(wanted).expanduser())


def write(data: bytes, path: Path) -> Path:
    """Write it whole or not at all, and over nothing else; its path, from here where it is below."""
    if not _there(data, path):
        draft = path.with_name(f".{path.name}.draft")
        try:
            draft.write_bytes(data)
            draft.replace(path)
        except OSError as error:
            raise BundleError(f"{shown(str(path))}: the bundle cannot be written: {error.strerror}") from None
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
    near = os.path.relpath(path)
    return path if near.startswith("..") else Path(near)


def _there(data: bytes, path: Path) -> bool:
    """Whether it is there already; BundleError where something else is."""
    try:
        if not path.exists():
            return False
        same = path.is_file() and path.read_bytes() == data
    except OSError as error:
        raise BundleError(f"{shown(str(path))}: the bundle cannot be written: {error.strerror}") from None
    if not same:
        what = "a folder" if path.is_dir() else "there already and not this bundle"
        raise BundleError(f"{shown(str(path))}: is {what}; give another file with --bundle PATH")
    return True


def _called(found: Source, data: bytes) -> str:
    return f"bundle-{found.path.stem}-{hashlib.sha256(data).hexdigest()[:8]}.zip"

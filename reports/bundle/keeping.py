"""Where bundles are put: nothing is lost because a folder cannot be written to."""

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
    """Write a bundle of it to the path that is wanted, else to the results, else wherever it can be; its path.

    The same bundle always gets the same name. BundleError where it can be written nowhere.
    """
    data = packing.pack(found.files, key)
    called = f"bundle-{found.path.stem}-{hashlib.sha256(data).hexdigest()[:8]}.zip"
    folders = (found.folder, Path.cwd(), Path(tempfile.gettempdir()))
    places = [*([Path(wanted).expanduser()] if wanted else []), *(folder / called for folder in folders)]
    for place in places[:-1]:
        with suppress(BundleError):
            return write(data, place)
    return write(data, places[-1])


def write(data: bytes, path: Path) -> Path:
    """Write it whole or not at all; its path, from here where it is below."""
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

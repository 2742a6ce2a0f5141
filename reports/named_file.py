"""A file that a person named, read no further than it may be long."""

import stat
from pathlib import Path


class NotAFile(Exception):
    """A folder, a pipe or a device, which may have no end."""


class Unreadable(Exception):
    """Why it cannot be read, without its name."""


def read(source: str, limit: int) -> bytes:
    """Its bytes; of a longer one `limit` + 1 of them, by which it is known. NotAFile or Unreadable where there are none."""
    try:
        path = Path(source).expanduser()
        if not stat.S_ISREG(path.stat().st_mode):
            raise NotAFile(source)
        with path.open("rb") as opened:
            return opened.read(limit + 1)
    except (OSError, ValueError, RuntimeError) as error:
        raise Unreadable(getattr(error, "strerror", None) or error) from None

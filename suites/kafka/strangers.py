"""Clients whom a broker must not let in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from labs.certificates import Authority
from labs.kafka.way import Tls


def nobody(tls: Tls) -> Tls:
    """The same client without its certificate."""
    return replace(tls, certfile=None, keyfile=None, password=None)


@lru_cache(1)
def authority() -> Authority:
    """One that was made a moment ago, and that nobody can trust."""
    return Authority.make("nobody's")


@contextmanager
def stranger(tls: Tls) -> Iterator[Tls]:
    """The same client with a certificate of that authority."""
    with TemporaryDirectory() as folder:
        identity = authority().issue("stranger", ["stranger"])
        file = Path(folder, "stranger.pem")
        file.touch(0o600)
        file.write_text(identity.certificate + identity.key)
        yield replace(tls, certfile=file, keyfile=None, password=None)

"""What a person is asked: whether to send, and the passphrase of a key."""

import os
import sys
from getpass import getpass

from reports.masking import shown
from reports.signature import KeyRefused

PASSPHRASE = "LABPROOF_KEY_PASSPHRASE"


def somebody_there() -> bool:
    """Whether there is a terminal to answer at."""
    try:
        return sys.stdin.isatty()
    except (AttributeError, ValueError):  # closed
        return False


def agreed(question: str) -> bool:
    """Whether the answer is yes; no answer is a no."""
    try:
        return input(f"{question} [y/N] ").strip().casefold() in ("y", "yes")
    except EOFError:
        print()
        return False


def passphrase(path: str) -> str:
    """That of a key: out of the environment, or of the person; KeyRefused where there is neither."""
    given = os.environ.get(PASSPHRASE)
    if given is not None:
        return given
    if not somebody_there():
        raise KeyRefused(f"{shown(path)}: encrypted, and there is no terminal to ask at; give its passphrase in {PASSPHRASE}")
    try:
        return getpass(f"Passphrase of {shown(path)}: ")
    except EOFError:
        raise KeyRefused(f"{shown(path)}: encrypted, and no passphrase was given") from None

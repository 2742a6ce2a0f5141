"""`bundle` and `verify` of `python -m reports`."""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from reports import refstack, signature
from reports.bundle import keeping, packing
from reports.bundle.packing import Bundle, BundleError, Changed
from reports.bundle.source import VERDICT, source
from reports.command_line import Code, Commands, UsageError, command
from reports.masking import masked, shown
from reports.question import PASSPHRASE, passphrase
from reports.refstack import ResultsError
from reports.signature import KeyRefused
from reports.verdict import sentence

Told = Callable[[Callable[[argparse.Namespace], int], argparse.Namespace], int]


def add(commands: Commands, told: Told) -> None:
    """Declare them; `told` turns what goes wrong into a line and an exit code."""
    made = command(commands, "bundle", partial(told, make), "keep results with their evidence in one file, without a server")
    made.add_argument("file", metavar="FILE", help="results/refstack/CLOUD.json, or a results folder")
    made.add_argument("--key", metavar="KEY", help=f"sign it with this RSA key, its passphrase asked for or in {PASSPHRASE}")
    made.add_argument("--bundle", metavar="PATH", help="write it there")
    made = command(commands, "verify", partial(told, verify), "check a bundle: whole, and signed by the owner of a key")
    made.add_argument("file", metavar="BUNDLE")
    made.add_argument("--key", metavar="PUBLIC", help="the public key of whom it should be from")


def make(asked: argparse.Namespace) -> int:
    """Write a bundle."""
    found = source(asked.file)
    if found.kept:
        raise UsageError(f"{shown(asked.file)}: is a bundle already")
    key = signature.private(asked.key, partial(passphrase, asked.key)) if asked.key else None
    path = keeping.keep(found, key, asked.bundle)
    lacking = f"; {found.without}" if found.without else ""
    print(f"{path}: {f'signed by {key.public.fingerprint}' if key else 'unsigned'}, {len(found.files)} files{lacking}")
    return Code.GOOD


def verify(asked: argparse.Namespace) -> int:
    """Check without a network: every byte, and the signature by this key alone."""
    name = shown(asked.file)
    try:
        key = signature.public(asked.key) if asked.key else None
        found = packing.read(Path(asked.file).expanduser())
        if key is None and found.signature is not None:
            raise UsageError(f"{name}: whole, and names {found.signer}; give the public key of whom it should be from (--key)")
        if key is None or found.signature is None:
            raise Changed("unsigned; it is whole, but anyone may have made it")
        found.check(key)
    except (BundleError, KeyRefused) as error:
        raise UsageError(str(error)) from None
    except Changed as error:
        print(f"verify: {name}: {error}", file=sys.stderr)
        return Code.NO
    print(f"{name}: whole, signed by {key.fingerprint}")
    for line in told_of(found):
        print(f"  {line}")
    return Code.GOOD


def told_of(found: Bundle) -> list[str]:
    """What is in it, in words; a file in it that is not as we write it is left out."""
    lines = [f"files: {', '.join(found.files)}"]
    try:
        results = refstack.parse(found.files[packing.RESULTS], packing.RESULTS)
        lines.append(f"{len(results.results)} passed tests in {results.duration_seconds} s on the cloud {results.cpid}")
        verdicts = json.loads(found.files.get(VERDICT, b"{}")).get("verdicts", [])
        lines += [sentence(entry) for entry in verdicts]
    except (ResultsError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return [masked(line) if line.isprintable() else repr(line) for line in lines]

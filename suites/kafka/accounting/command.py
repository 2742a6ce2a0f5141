"""The command that judges saved histories again."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from labs.errors import UsageError
from labs.kafka.history import load
from suites.kafka.accounting.balance import balance
from suites.kafka.accounting.gaps import outage

KEPT, BROKEN, USAGE = 0, 1, 4


class Parser(argparse.ArgumentParser):
    """One line for what is wrong."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


def main(arguments: Sequence[str]) -> int:
    """0: each history keeps its guarantee; 1: one does not; 4: one is none, or there are none. All are judged."""
    parser = Parser("history", description="Judge saved histories of Kafka's clients by the guarantee that each declares.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    try:
        return max([_judge(path) for path in parser.parse_args(arguments).files])
    except UsageError as error:
        return _usage(error)


def _judge(path: Path) -> int:
    try:
        history = load(path)
        found = balance(history)
    except UsageError as error:
        return _usage(error)
    print(f"{path}: {'broken' if found.problems else 'kept'}")
    print(found)
    if found.counts["acknowledged"]:
        print(f"  longest outage: {outage(history)}")
    return BROKEN if found.problems else KEPT


def _usage(error: UsageError) -> int:
    print(f"history: {error}", file=sys.stderr)
    return USAGE

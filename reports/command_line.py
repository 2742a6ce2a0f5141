"""What the commands of `python -m reports` have in common: how they are declared, and what a usage error is."""

import argparse
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NoReturn, TypeAlias

Run: TypeAlias = Callable[[argparse.Namespace], int | None]
Commands: TypeAlias = "argparse._SubParsersAction[Any]"


class Code(IntEnum):
    """What a command answers; a run answers the same (DESIGN: Contracts)."""

    GOOD = 0
    NO = 1
    INTERRUPTED = 2
    INTERNAL = 3
    USAGE = 4
    NOTHING = 5
    NOT_REACHED = 7


class UsageError(Exception):
    """What was asked for cannot be done: one line, what is wrong and how to mend it."""


class Parser(argparse.ArgumentParser):
    """One line for what is wrong; its commands' parsers are of this kind too."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see python -m {self.prog} --help")


def command(commands: Commands, name: str, run: Run, text: str) -> argparse.ArgumentParser:
    """Declare a command, and the function that does it; its arguments are for the caller to add."""
    made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    made.set_defaults(run=run)
    return made

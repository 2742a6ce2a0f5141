"""`python -m suites.kafka.accounting FILE…`: judge saved histories again."""

import argparse
import sys
from io import TextIOWrapper
from pathlib import Path

from labs.errors import UsageError
from labs.kafka.history import load
from suites.kafka.accounting.balance import balance


def main(arguments: list[str]) -> int:
    """0: every history keeps its guarantee; 1: one does not; 4: one is none."""
    parser = argparse.ArgumentParser("history", description="judge saved histories of Kafka's clients again")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    broken = False
    for path in parser.parse_args(arguments).files:
        try:
            found = balance(load(path))
        except UsageError as error:
            print(error, file=sys.stderr)
            return 4
        print(f"{path}: {'broken' if found.problems else 'kept'}\n{found}")
        broken = broken or bool(found.problems)
    return int(broken)


if __name__ == "__main__":
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:]))

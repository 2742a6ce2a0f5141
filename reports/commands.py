"""The commands of `python -m reports`: judge results that were made elsewhere, carry a guideline forward, upload and verify."""

import sys
import traceback
from collections.abc import Sequence

from reports.carry import command as carry
from reports.command_line import Code, Parser, UsageError
from reports.guideline import GuidelineError
from reports.judge import command as judge
from reports.upload import command as upload


def parser() -> Parser:
    """Every command; each module adds its own."""
    top = Parser(prog="reports", description="Results without a run: judged, carried forward, sent.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    judge.add(commands)
    carry.add(commands)
    upload.add(commands)
    return top


def main(arguments: Sequence[str]) -> int:
    """Run one command; what goes wrong is one line, but a defect of ours, which is told whole."""
    try:
        asked = parser().parse_args(arguments)
        return int(asked.run(asked) or Code.GOOD)
    except (UsageError, GuidelineError) as error:
        print(f"reports: {error}", file=sys.stderr)
        return Code.USAGE
    except KeyboardInterrupt:
        return Code.INTERRUPTED
    except Exception:
        traceback.print_exc()
        return Code.INTERNAL

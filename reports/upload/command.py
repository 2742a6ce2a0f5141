"""`upload`, `bundle` and `verify` of `python -m reports`."""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from reports import signature
from reports.bundle import command as bundle
from reports.bundle import keeping
from reports.bundle.packing import BundleError
from reports.bundle.source import SourceError, source
from reports.command_line import Code, Commands, UsageError, command
from reports.masking import shown
from reports.question import PASSPHRASE, agreed, passphrase, somebody_there
from reports.refstack_server.server import IDENTIFIER, Owner, Rejected, Server, Unreached, address
from reports.signature import KeyRefused
from reports.upload import owned
from reports.upload.patience import Patience
from reports.upload.run import overheard, send
from reports.upload.sending import Different

OPENID = "LABPROOF_OPENID"
SECONDS = 30.0
PRIVATE = f"a signed result is shown to its owner alone: give your OpenID at the server with --openid or in {OPENID}"


def add(commands: Commands) -> None:
    """Declare them."""
    made = command(commands, "upload", partial(told, upload), "send results to a RefStack server, and read them back")
    made.add_argument("file", nargs="?", metavar="FILE", help="results/refstack/CLOUD.json, a results folder, or a bundle")
    made.add_argument("--server", required=True, metavar="URL", help="the RefStack server that takes them")
    made.add_argument(
        "--key", metavar="KEY", help=f"sign with this RSA key, its passphrase asked for or in {PASSPHRASE}; needs --openid"
    )
    made.add_argument("--openid", metavar="URL", help=f"whom the server knows by that key (or {OPENID})")
    made.add_argument("-y", "--yes", action="store_true", help="do not ask")
    made.add_argument("--again", action="store_true", help="send it although the server has the same result already")
    made.add_argument("--share", action="store_true", help="let everybody see the signed result")
    made.add_argument("--target", help=f"the program that it is held against: {', '.join(owned.TARGETS)}")
    made.add_argument("--guideline", metavar="DATE", help="the official guideline that it is held against, 2018.02 say")
    made.add_argument("--result", metavar="ID", help="in place of FILE: a signed result on the server, to share or to delete")
    made.add_argument("--delete", action="store_true", help="delete that result")
    made.add_argument("--deadline", type=float, default=SECONDS, metavar="SECONDS", help="reach it within (%(default).0f)")
    made.add_argument("--bundle", metavar="PATH", help="where to keep it if the server is not reached")
    bundle.add(commands, told)


def told(run: Callable[[argparse.Namespace], int], asked: argparse.Namespace) -> int:
    """Do it, and turn every way to fail into one line and its exit code."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a server that hangs up while it is written to does not end us
    try:
        return run(asked)
    except (UsageError, KeyRefused, SourceError, BundleError) as error:
        return _said(asked, error, Code.USAGE)
    except (Rejected, Different) as error:
        return _said(asked, error, Code.NO)
    except Unreached as error:
        return _said(asked, error, Code.NOT_REACHED)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # tox sends one Ctrl-C several times
        later = "; the same command looks first whether it had been sent" if run is upload else ""
        return _said(asked, f"interrupted{later}", Code.INTERRUPTED)


def _said(asked: argparse.Namespace, what: object, code: Code) -> Code:
    print(f"{asked.command}: {what}", file=sys.stderr, flush=True)
    return code


def upload(asked: argparse.Namespace) -> int:
    """Check, show, ask, send, read back."""
    try:
        wanted = owned.meta(share=asked.share, target=asked.target, guideline=asked.guideline)
        url = address(asked.server)
    except ValueError as error:
        raise UsageError(error if str(error).startswith("--") else f"--server: {error}") from None
    _check(asked, wanted)
    if not asked.yes and not somebody_there():
        raise UsageError("there is no terminal to ask at; with -y it is sent without being asked")
    if asked.result:
        return _change(asked, Server(url, _owner(asked)), wanted)
    found, owner = source(asked.file), _owner(asked)
    keeping.check(found, owner.key if owner else None, asked.bundle)
    return send(found, Server(url, owner), wanted, asked, say)


def _check(asked: argparse.Namespace, wanted: dict[str, str]) -> None:
    """What does not go together."""
    openid = asked.openid or os.environ.get(OPENID)
    if bool(asked.file) == bool(asked.result):
        raise UsageError("give either FILE, to send it, or --result ID, for one that the server has")
    if asked.delete and (wanted or not asked.result):
        raise UsageError("--delete goes with --result ID, and with none of --share, --target, --guideline")
    if asked.result and not (asked.delete or wanted):
        raise UsageError("--result: say what to do with it: --share, --target, --guideline, or --delete")
    if (wanted or asked.result) and not asked.key:
        raise UsageError("an anonymous result belongs to nobody; give the --key that it is signed with")
    if asked.key and not openid:
        raise UsageError(PRIVATE)
    if not 0 < asked.deadline < 24 * 3600:
        raise UsageError(f"--deadline {asked.deadline:g}: seconds are expected, more than 0 and less than a day")


def _owner(asked: argparse.Namespace) -> Owner | None:
    if not asked.key:
        return None
    key = signature.private(asked.key, partial(passphrase, asked.key))
    return Owner(asked.openid or os.environ[OPENID], key)


def _id(asked: argparse.Namespace) -> str:
    """Of a result; its page's address is taken too."""
    id = str(asked.result.rstrip("/").rpartition("/")[2])
    if not IDENTIFIER.fullmatch(id):
        raise UsageError(f"--result {shown(asked.result)}: the id of a result is expected, or the address of its page")
    return id


def _change(asked: argparse.Namespace, server: Server, wanted: dict[str, str]) -> int:
    """Share a result that the server has, say what it is held against, or delete it."""
    id = _id(asked)
    what = "delete" if asked.delete else ", ".join(f"{key}: {value}" for key, value in wanted.items())
    for line in (f"{server.page(id)}: {what}", *overheard(server)):
        say(line)
    if not asked.yes and not agreed("Do that?"):
        say("nothing was changed")
        return Code.INTERRUPTED
    patience = Patience(asked.deadline, say)
    if asked.delete:
        owned.delete(server, id, patience)
    else:
        owned.write(server, id, wanted, patience)
    say("deleted, and gone" if asked.delete else "done, and read back")
    return Code.GOOD


def say(line: str) -> None:
    """Say it if somebody listens: what was begun is ended all the same."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - until the end

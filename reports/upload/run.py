"""One upload as a person sees it: what will be sent, the question, what becomes of it, the bundle if it could not be sent."""

import argparse
from collections.abc import Mapping

from reports.bundle import keeping
from reports.bundle.packing import BundleError
from reports.bundle.source import Source
from reports.command_line import Code
from reports.masking import shown
from reports.question import agreed
from reports.refstack_server.loopback import on_loopback
from reports.refstack_server.server import Rejected, Server, Stored, Unreached
from reports.refstack_server.token import VALID
from reports.upload import owned
from reports.upload.again import again, marks
from reports.upload.patience import Patience, Say
from reports.upload.sending import Different, Sending

SHOWN = 5  # tests


def send(found: Source, server: Server, wanted: Mapping[str, str], asked: argparse.Namespace, say: Say) -> int:
    """Show it, ask, send it, read it back, print its address; a bundle is written where that could not be done."""
    for line in preview(found, server, wanted):
        say(line)
    if not asked.yes and not agreed("Send it?"):
        say("nothing was sent")
        return Code.INTERRUPTED
    sending = Sending(server, found.results, found.body, Patience(asked.deadline, say), asked.again)
    stored = _stored(sending, found, asked)
    for line in story(sending, stored):
        say(line)
    _read_back(sending, stored, found, asked)
    if (double := sending.doubles(stored)) is not None:
        say(f"a try that got no answer had arrived too: it stands there twice, also as {double.url}; {_rid(double, asked)}")
    _marked(sending, stored, wanted, asked)
    say(f"read back, and equal: {stored.url}")
    return Code.GOOD


def preview(found: Source, server: Server, wanted: Mapping[str, str]) -> list[str]:
    """What will be sent, to whom and under whose name."""
    results, owner = found.results, server.owner
    names = [of.name for of in results.results]
    more = [f"  … and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    signed = owner and f"signed by {owner.key.public.fingerprint} of {shown(owner.openid)}"
    return [
        f"{shown(str(found.path))}: {len(names)} passed tests in {results.duration_seconds} s on the cloud {results.cpid}",
        *(f"  {name}" for name in names[:SHOWN]),
        *more,
        f"to {server.url}, {signed or 'anonymous: all may see it, and nobody can delete it'}",
        *(f"  {key}: {value}" for key, value in wanted.items()),
        *overheard(server),
    ]


def overheard(server: Server) -> list[str]:
    """A warning where the owner's token goes over a network as it is."""
    if server.owner is None or not server.url.startswith("http:") or on_loopback(server.url):
        return []
    return [
        f"warning: not encrypted: who listens can do what {shown(server.owner.openid)} may for {VALID // 60} minutes; use https"
    ]


def story(sending: Sending, stored: Stored) -> list[str]:
    """Why it was not sent, or not once more, where that is so."""
    if sending.sent:
        return []
    if sending.doubtful:
        return ["a try that got no answer had arrived: it is not sent once more"]
    since = f" since {stored.since}" if stored.since else ""
    return [f"the server has the same result already{since}: it is not sent again (--again does)"]


def _stored(sending: Sending, found: Source, asked: argparse.Namespace) -> Stored:
    try:
        return sending.store()
    except Unreached as trouble:
        fate = "it is not known whether the server has it" if sending.doubtful else "not sent"
        raise Unreached(f"{fate}: {trouble}; {_kept(found, sending.server, asked)}") from None


def _read_back(sending: Sending, stored: Stored, found: Source, asked: argparse.Namespace) -> None:
    try:
        sending.read_back(stored)
    except Unreached as trouble:
        kept = _kept(found, sending.server, asked)
        raise Unreached(f"the server says that it is {stored.url}, but it was not read back: {trouble}; {kept}") from None
    except Different as error:
        raise Different(f"{error}; {_rid(stored, asked)}") from None


def _marked(sending: Sending, stored: Stored, wanted: Mapping[str, str], asked: argparse.Namespace) -> None:
    """Shared, and given its target and guideline."""
    if not wanted:
        return
    try:
        owned.write(sending.server, stored.id, wanted, sending.patience)
    except (Unreached, Rejected, Different) as error:
        rest = again(asked, "--result", stored.id, *marks(asked))
        message = f"{stored.url} was read back and is equal, but: {error}; go on with: {rest}"
        raise (Unreached(message) if isinstance(error, Unreached) else Different(message)) from None


def _rid(stored: Stored, asked: argparse.Namespace) -> str:
    """How to be rid of it."""
    return f"delete it with: {again(asked, '--result', stored.id, '--delete')}" if asked.key else "nobody can delete it"


def _kept(found: Source, server: Server, asked: argparse.Namespace) -> str:
    """Write a bundle of what was not sent, and say how it is sent later."""
    try:
        key = server.owner.key if server.owner else None
        path = found.path if found.kept else keeping.keep_somewhere(found, key, asked.bundle)
    except BundleError as error:
        return f"no bundle could be written ({error}); send {shown(str(found.path))} again later"
    lacking = f" ({found.without})" if found.without else ""
    return f"kept as {path}{lacking}, send it later with: {again(asked, str(path), *marks(asked))}"

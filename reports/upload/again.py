"""The command that goes on where this one ended."""

import argparse
import shlex


def again(asked: argparse.Namespace, *what: str) -> str:
    """To the same server and as the same owner, other words in place of the file; what holds a secret is never an argument."""
    given = {"--server": asked.server, "--key": asked.key, "--openid": asked.openid}
    words = [word for option, value in given.items() if value for word in (option, value)]
    return shlex.join(["tox", "-e", "upload", "--", *what, *words])


def marks(asked: argparse.Namespace) -> list[str]:
    """What the result was to be given on the server."""
    given = {"--target": asked.target, "--guideline": asked.guideline}
    return [*(["--share"] if asked.share else []), *(word for key, value in given.items() if value for word in (key, value))]

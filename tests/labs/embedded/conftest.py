"""Labs for the tests of the embedded node: each in a state folder of its own, with the host's tools, or ours if it has none."""

import os
import shlex
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labs import binaries
from labs.binaries.catalogue import TOOLS
from labs.binaries.environment import environment
from labs.embedded.node import EmbeddedNode
from labs.embedded.site import Site

HOST = "/usr/sbin:/usr/bin:/sbin:/bin"
PORT = 4000

Reaches = Callable[..., int]


def wrapped(folder: Path) -> str:
    """A PATH by which the labs' own tools are found in front of the host's, each a script that sets what it needs."""
    settings = environment(binaries.install((TOOLS,), print).values())
    words = [f"{name}={shlex.quote(value)}" for name, value in settings.items() if name != "PATH"]
    for place in reversed(settings["PATH"].removesuffix(HOST).strip(":").split(":")):
        for program in Path(place).iterdir():
            (folder / program.name).write_text(f'#!/bin/sh\nexec env {" ".join(words)} {shlex.quote(str(program))} "$@"\n')
            (folder / program.name).chmod(0o755)
    return f"{folder}:{HOST}"


COMPLETE = all(shutil.which(program, path=HOST) for program in ("ip", "nft"))
WRAPPED = None if COMPLETE else tempfile.TemporaryDirectory(prefix="labproof-tools-")
CLEAN = {"PATH": wrapped(Path(WRAPPED.name)) if WRAPPED else HOST}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABPROOF_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Makes labs of some nodes that this process owns; all are taken down in the end."""
    made: list[Site] = []

    def make(name: str = "lab", nodes: int = 3, owner: int | None = os.getpid()) -> Site:
        site = Site.create(name, logs=tmp_path / "logs" / name, environment=CLEAN, owner=owner)
        made.append(site)
        site.add({f"n{i}": f"192.168.0.{100 + i}/24" for i in range(1, nodes + 1)})
        return site

    yield make
    for site in made:
        if site.folder.exists():
            site.destroy()


@pytest.fixture
def site(make: Callable[..., Site]) -> Site:
    return make()


@pytest.fixture
def reaches() -> Reaches:
    """How many of `count` datagrams from one node arrive at another's address."""

    def reaches(source: EmbeddedNode, target: EmbeddedNode, *, count: int = 1, within: float = 0.5) -> int:
        with (
            source.socket(socket.AF_INET, socket.SOCK_DGRAM) as out,
            target.socket(socket.AF_INET, socket.SOCK_DGRAM) as into,
        ):
            into.bind(("", PORT))
            into.settimeout(within)
            out.setblocking(False)
            return _arrived(out, into, str(target.address.ip), count)

    return reaches


def _arrived(out: socket.socket, into: socket.socket, target: str, count: int) -> int:
    arrived = 0
    for number in range(count):
        try:
            out.sendto(b"%d" % number, (target, PORT))
        except OSError:
            continue
    try:
        while arrived < count:
            into.recv(64)
            arrived += 1
    except TimeoutError:
        return arrived
    return arrived

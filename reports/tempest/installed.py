"""The tests that the installed Tempest and its plugins have, by name, with their ids."""

import hashlib
import json
import os
import site
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

from reports.listed_name import bare, id_in

FORM = 1  # of the cached file
LIMIT = 120.0  # seconds; Tempest alone takes about 1
ROOT = Path(__file__).parents[2]
PLUGINS = "tempest.test_plugins"


class InstalledError(Exception):
    """The tests cannot be listed: one line, why."""


@dataclass(frozen=True)
class Installed:
    """`ids` are UUIDs by the names of tests, None where a test has none; `broken` is what could not be imported, and why.

    `version` is Tempest's, `software` has it too, and those of the plugins.
    """

    version: str
    ids: Mapping[str, str | None]
    software: Mapping[str, str]
    broken: Mapping[str, str]

    def by_id(self, uuid: str) -> tuple[str, ...]:
        """The names of the tests that have this id, sorted: Tempest gives one to several where a class is inherited."""
        return self._names.get(uuid, ())

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        names: dict[str, tuple[str, ...]] = {}
        for name in sorted(self.ids):
            if (id := self.ids[name]) is not None:
                names[id] = (*names.get(id, ()), name)
        return names


def tests() -> Installed:
    """List them, or read the list that was made of the same versions; InstalledError where there is no Tempest.

    Neither a tempest.conf nor what the environment says of one changes the list.
    """
    found = _distributions()
    software = {each.name: each.version for each in found}
    cached = _cache() / f"{hashlib.sha256(json.dumps([FORM, software]).encode()).hexdigest()[:16]}.json"
    fixed = all(map(_fixed, found))
    listed = _cached(cached) if fixed else None
    if listed is None:
        listed = _listed()
        if fixed and not listed["broken"]:  # what is broken may be mended, and no version tells
            _keep(cached, listed)
    ids = {bare(each): id_in(each) for each in listed["tests"]}
    return Installed(software["tempest"], ids, software, listed["broken"])


def _distributions() -> list[metadata.Distribution]:
    """Tempest and those that have plugins for it, each once."""
    try:
        tempest = metadata.distribution("tempest")
    except metadata.PackageNotFoundError:
        raise InstalledError(f"no Tempest is installed for {sys.executable}; install it with: pip install tempest") from None
    plugins = (entry.dist for entry in metadata.entry_points(group=PLUGINS))
    return list({dist.name: dist for dist in (tempest, *plugins) if dist is not None}.values())


def _fixed(distribution: metadata.Distribution) -> bool:
    """Whether the version says what is there: it does not of sources that are installed to be edited."""
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    return not origin.get("dir_info", {}).get("editable")


def _cache() -> Path:
    """Below the folder that $LABPROOF_CACHE names, else below the user's."""
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "labproof"
    return Path(os.environ.get("LABPROOF_CACHE") or user).expanduser().absolute() / "tempest-tests"


def _cached(path: Path) -> dict[str, Any] | None:
    """What was kept; None where there is nothing, or nothing that can be used."""
    with suppress(OSError, ValueError):
        listed = json.loads(path.read_bytes())
        if isinstance(listed, dict) and listed.keys() == {"tests", "broken"}:
            return listed
    return None


def _keep(path: Path, listed: dict[str, Any]) -> None:
    """Put it there in one step; a cache that cannot be written to is none."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".new-", delete=False) as made:
            json.dump(listed, made)
        Path(made.name).replace(path)


def _listed() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="labproof-") as scratch:
        conf, answer = Path(scratch, "tempest.conf"), Path(scratch, "tests.json")
        conf.touch()
        command = [sys.executable, "-P", "-m", "reports.tempest.listing", str(answer)]
        environment = {**_environment(), "HOME": scratch, "TEMPEST_CONFIG_DIR": scratch, "TEMPEST_CONFIG": conf.name}
        try:
            done = subprocess.run(command, env=environment, cwd=scratch, capture_output=True, timeout=LIMIT, check=False)
        except subprocess.TimeoutExpired:
            raise InstalledError(f"Tempest's tests were not listed within {LIMIT:.0f} s") from None
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
            raise InstalledError(f"Tempest's tests cannot be listed: {said[-1]}")
        return json.loads(answer.read_bytes())  # type: ignore[no-any-return]


def _environment() -> dict[str, str]:
    """Ours, without what oslo.config and Tempest read options of."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPEST_", "OS_"))}
    return {**kept, "PYTHONPATH": path, "PYTHONUSERBASE": site.getuserbase(), "PYTHONWARNINGS": "ignore"}

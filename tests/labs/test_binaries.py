"""Binaries for real: Debian packages fetched, unpacked and run, by root and by an ordinary user; damage mended; no network."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
HOSTS = [Path("/var/lib/dpkg/status"), Path("/var/lib/apt/lists"), Path("/var/cache/apt")]
SCRIPT = """
import json, sys
from labs.binaries import install
from labs.binaries.catalogue import ALL
from labs.binaries.debian import Debian
from labs.binaries.environment import environment
from labs.errors import LabError
PARTS = {part.name: part for part in [*ALL, Debian("small", ("iputils-ping",))]}
told = {"progress": []}
try:
    entries = install([PARTS[name] for name in sys.argv[1:]], told["progress"].append)
    told["paths"] = {name: str(entry.path) for name, entry in entries.items()}
    told["environment"] = environment(entries.values())
except LabError as error:
    told["error"] = str(error)
print(json.dumps(told))
"""


@dataclass(frozen=True)
class User:
    """Somebody on this machine whose cache is empty at first; `prefix` runs a command in their name."""

    prefix: tuple[str, ...]
    python: str
    home: Path

    def run(self, *argv: str | Path, offline: bool = False, **env: str) -> str:
        """A command's output; offline, it runs where there is no network."""
        alone = ("/usr/bin/unshare", *(["-r"] if os.geteuid() else []), "-n", "--")
        command = [*(alone if offline else ()), *self.prefix, *argv]
        done = subprocess.run(command, env=env, cwd=self.home, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def install(self, *parts: str, offline: bool = False, **more: str) -> dict[str, Any]:
        """What installing them told: its progress, and paths and environment, or its error."""
        modules = [str(REPOSITORY / "fixtures"), *(place for place in sys.path if place.endswith("site-packages"))]
        env = {name: value for name, value in os.environ.items() if name not in ("GOMODCACHE", "GOCACHE", "GOPATH")}
        env |= {"PYTHONPATH": ":".join(modules), "PYTHONDONTWRITEBYTECODE": "1"}
        env |= {"HOME": str(self.home), "LABPROOF_CACHE": str(self.home / "cache"), **more}
        told: dict[str, Any] = json.loads(self.run(self.python, "-c", SCRIPT, *parts, offline=offline, **env))
        return told


@pytest.fixture(params=["root", "ordinary"])
def user(request: pytest.FixtureRequest) -> Iterator[User]:
    """Each kind of user that this process may act for."""
    if os.geteuid() != 0 and request.param == "root":
        pytest.skip("only root may act for root")
    prefix, python = ((), sys.executable) if os.geteuid() != 0 or request.param == "root" else _nobody()
    home = Path(tempfile.mkdtemp(prefix="labproof-user-"))
    if prefix:
        shutil.chown(home, "nobody")
    yield User(prefix, python, home)
    shutil.rmtree(home)


def _nobody() -> tuple[tuple[str, ...], str]:
    nobody = pwd.getpwnam("nobody")
    # by way of env, since setpriv itself could still run what only root may
    prefix = ("/usr/bin/setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", "/usr/bin/env")
    for python in (sys.executable, "/usr/bin/python3"):
        reads = f"import sys; sys.version_info >= (3, 11) or sys.exit(1); open({__file__!r})"
        if subprocess.run([*prefix, python, "-c", reads], capture_output=True).returncode == 0:
            return prefix, python
    pytest.skip("an ordinary user may not run any Python here, or not read this repository")


def test_packages_are_fetched_unpacked_run_and_mended(user: User) -> None:
    before = [path.stat().st_mtime_ns for path in HOSTS]
    first = user.install("small")
    assert first["progress"][0] == "small: fetching iputils-ping from the host's apt sources"
    assert [path.stat().st_mtime_ns for path in HOSTS] == before, "the host's dpkg and apt stay as they were"
    assert "ping from iputils" in user.run("ping", "-V", **first["environment"])
    place = Path(first["paths"]["small"])
    held = [path.name for path in place.rglob("*")]
    assert "ping" in held
    assert not [name for name in held if name.startswith(("libc.so", "ld-linux"))], "the loader and its libc are the host's"
    assert user.install("small", offline=True)["progress"] == [], "a filled cache needs no network"

    ping = next(path for path in place.rglob("ping") if path.is_file())
    ping.write_bytes(ping.read_bytes()[:-1])
    again = user.install("small")
    assert "is damaged" in again["progress"][0]
    assert again["paths"] == first["paths"]
    assert "ping from iputils" in user.run("ping", "-V", **again["environment"])


def test_a_machine_without_java_and_maven_has_both_out_of_the_cache(user: User) -> None:
    programs = user.home / "programs"
    programs.mkdir(mode=0o755)
    for folder in ("/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/usr/sbin", "/bin", "/sbin"):
        for program in Path(folder).iterdir():
            if program.name not in ("java", "mvn") and not (programs / program.name).is_symlink():
                (programs / program.name).symlink_to(program)
    told = user.install("java", "kafka-2.4", PATH=str(programs), JAVA_HOME="")
    assert "error" not in told, told["error"]
    assert any(line.startswith("kafka-2.4: maven: ready") for line in told["progress"])
    java = Path(told["paths"]["java"], "home", "bin", "java")
    jars = Path(told["paths"]["kafka-2.4"], "jars")
    assert "2.4.1" in user.run(java, "-Xshare:on", "-cp", f"{jars}/*", "kafka.Kafka", "--version")
    assert not (user.home / ".m2").exists(), "Maven has a repository of its own"


def test_without_network_one_line_names_what_is_lacking_and_what_would_help(user: User) -> None:
    settings = user.home / "apt.conf"
    settings.write_text('Acquire::Retries "0";')  # apt would try for seconds
    settings.chmod(0o644)
    error = user.install("small", "flanneld", offline=True, APT_CONFIG=str(settings))["error"]
    assert "\n" not in error
    assert "Debian's iputils-ping could not be had: apt-get: " in error
    assert "resolving" in error
    assert "Acquire::http::Proxy" in error
    assert "flanneld 0.28.4 could not be had: go: " in error or "flanneld 0.28.4 could not be had: python" in error
    assert "HTTPS_PROXY" in error
    assert not list((user.home / "cache" / "making").iterdir())


def test_without_network_and_without_go_pips_settings_are_named(user: User) -> None:
    error = user.install("flanneld", offline=True, PATH="/nonexistent")["error"]
    assert error.startswith("flanneld 0.28.4 could not be had: python")
    assert "install Go 1.25.0 or newer, or set PIP_INDEX_URL, PIP_PROXY or HTTPS_PROXY" in error
    assert "\n" not in error

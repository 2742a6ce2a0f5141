"""Tools that fail: one line, telling, without secrets, with what would help."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from labs.binaries import install
from labs.binaries.command import Commands, NotHad, telling
from labs.binaries.part import Progress
from labs.errors import LabError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABPROOF_CACHE", str(tmp_path))
    return tmp_path


def commands(part: str = "tool") -> Commands:
    return Commands(part, f"{part} 1.0", print, "set A_PROXY")


def failing(output: str) -> list[str | Path]:
    return ["sh", "-c", f"echo '{output}'; exit 3"]


def test_output_is_returned_and_kept(cache: Path) -> None:
    assert commands().run(["sh", "-c", "echo out; echo err >&2"], "trying") == "out\nerr\n"
    assert (cache / "logs" / "tool.log").read_text() == "$ sh -c echo out; echo err >&2\nout\nerr\n"


def test_a_failure_names_the_thing_the_cause_the_setting_and_the_log(cache: Path) -> None:
    with pytest.raises(NotHad) as error:
        commands().run(failing("connection refused"), "trying")
    assert (
        str(error.value) == f"tool 1.0 could not be had: sh: connection refused; set A_PROXY; all output: {cache}/logs/tool.log"
    )


def test_a_silent_failure_tells_its_code() -> None:
    with pytest.raises(NotHad, match="sh: ended with 3; set A_PROXY"):
        commands().run(["sh", "-c", "exit 3"], "trying")


def test_a_full_disk_is_not_blamed_on_the_network(cache: Path) -> None:
    with pytest.raises(NotHad, match=f"make room in {cache} or set LABPROOF_CACHE"):
        commands().run(failing("write x: No space left on device"), "trying")


def test_too_little_room_is_told_before_it_is_used_up(cache: Path) -> None:
    with pytest.raises(NotHad, match=f"no space left: it takes 1000000.00 GB for a while, and .* make room in {cache}"):
        commands().need(1e15)
    commands().need(1)


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("Get:1\nE: Failed to fetch x  Temporary failure resolving y\nE: Unable to locate package z", "resolving y"),
        ("WARNING: Retrying: Failed to establish a new connection\nERROR: No matching distribution", "a new connection"),
        ("reading\nE: Unable to locate package z\nbye", "package z"),
        ("npm error reason: connect ECONNREFUSED\nnpm error If behind a proxy, please set it", "reason: connect ECONNREFUSED"),
        (
            "[ERROR] Plugin p could not be resolved: Failed to read d: Could not transfer artifact a from/to central"
            " (https://r.example): transfer failed for https://r.example/a.pom: PKIX path building failed -> [Help 1]\n"
            "[ERROR] \n[ERROR] Re-run Maven using the -X switch to enable full debug logging.\n"
            "[ERROR] [Help 1] http://cwiki.apache.org/confluence/display/MAVEN/PluginResolutionException",
            "Could not transfer artifact a from/to central (https://r.example): PKIX path building failed",
        ),
        ("one\ntwo\n\n", "two"),
        ("", ""),
    ],
)
def test_the_line_that_tells_most(output: str, line: str) -> None:
    assert telling(output).endswith(line)


def test_passwords_are_not_told() -> None:
    assert telling("cannot connect to http://user:secret@proxy:3128/") == "cannot connect to http://proxy:3128/"


@dataclass
class Refused:
    name: str
    output: str
    pinned = True

    def key(self) -> str:
        return "any"

    def make(self, folder: Path, say: Progress) -> dict[str, str]:
        replace(commands(self.name), say=say, cwd=folder).run(failing(self.output), "trying")
        return {}


def test_one_cause_is_told_once_for_all_that_it_cost(cache: Path) -> None:
    parts = [Refused("a", "network unreachable"), Refused("b", "network unreachable"), Refused("c", "error 404")]
    with pytest.raises(LabError) as error:
        install(parts, print)
    assert str(error.value) == (
        f"a 1.0, b 1.0 could not be had: sh: network unreachable; set A_PROXY; all output: {cache}/logs;"
        f" c 1.0 could not be had: sh: error 404; set A_PROXY; all output: {cache}/logs/c.log"
    )


def test_a_host_without_apt_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from labs.binaries.debian import Debian

    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LabError, match=r"^Debian's hello could not be had: this host \(.*\) has no apt-get; "):
        install([Debian("greeting", ("hello",))], print)

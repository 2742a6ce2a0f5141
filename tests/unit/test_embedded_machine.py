"""What is said when namespaces cannot be made."""

from pathlib import Path

import pytest

from labs.embedded import machine
from labs.errors import LabError
from labs.putting_back import lasting, place


@pytest.mark.parametrize("file", [file for file, _, _ in machine.SWITCHES])
def test_the_switch_that_forbids_is_named(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "privileged", lambda: False)
    monkeypatch.setattr(
        machine, "_read", lambda asked: {each: bad for each, bad, _ in machine.SWITCHES}[asked] if asked == file else None
    )
    mend = next(mend for each, _, mend in machine.SWITCHES if each == file)
    assert (
        machine.diagnosis("unshare failed")
        == f"ordinary users may not make user namespaces here: run `{mend}` as root, or run as root"
    )


def test_a_seccomp_filter_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "privileged", lambda: False)
    monkeypatch.setattr(machine, "_read", lambda _: None)
    monkeypatch.setattr(machine, "_status", lambda key: {"Seccomp": "2"}[key])
    assert machine.diagnosis("unshare: Operation\nnot permitted").startswith(
        "a seccomp filter (a container's?) forbids namespaces (unshare: Operation not permitted)"
    )


def test_else_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_read", lambda _: None)
    monkeypatch.setattr(machine, "_status", lambda _: "0")
    monkeypatch.setattr(machine, "privileged", lambda: False)
    assert (
        machine.diagnosis("oddly refused")
        == "user namespaces cannot be made here (oddly refused): run as root, or outside of a container"
    )
    monkeypatch.setattr(machine, "privileged", lambda: True)
    assert machine.diagnosis("") == "namespaces cannot be made, although this is root: no reason was given"


def test_a_missing_program_is_named_with_its_package(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="bridge is missing: install iproute2"):
        machine.tool("bridge", str(tmp_path))


def test_uids_are_mapped_as_they_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "privileged", lambda: True)
    assert list(machine.isolations()) == [()]
    monkeypatch.setattr(machine, "privileged", lambda: False)
    monkeypatch.setattr(machine, "_has_subordinate_ids", lambda: False)
    assert list(machine.isolations()) == [("-U", "-r")]
    monkeypatch.setattr(machine, "_has_subordinate_ids", lambda: True)
    assert list(machine.isolations()) == [("-U", "-r", "--map-auto"), ("-U", "-r")]


@pytest.mark.parametrize(
    ("route", "where"),
    [
        ("10.1.2.0/24 via 192.168.0.9 dev eth0", ("10.1.2.0/24", "main")),
        ("blackhole 10.1.2.0/24", ("10.1.2.0/24", "main")),
        ("10.1.2.0/24 dev eth0 table 77", ("10.1.2.0/24", "77")),
        ("default via 10.0.0.1", ("default", "main")),
    ],
)
def test_a_routes_place(route: str, where: tuple[str, str]) -> None:
    assert place(route) == where


def test_a_routes_state_is_not_put_back() -> None:
    shown = "10.1.3.0/24 proto boot \\\tnexthop via 192.168.0.102 dev eth0 weight 1 dead linkdown "
    assert lasting(shown) == "10.1.3.0/24 proto boot nexthop via 192.168.0.102 dev eth0 weight 1"

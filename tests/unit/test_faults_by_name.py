"""Faults as they are said on a command line."""

import inspect
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from labs import faults_by_name
from labs.errors import UsageError
from labs.faults_by_name import FAULTS, hold, listing

STARTED = {signal.SIGINT: signal.SIG_IGN, signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_DFL}
LAB: Any = SimpleNamespace(name="lab", nodes=[SimpleNamespace(name=f"n{i}") for i in (1, 2, 3)])


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """A fault that was held leaves the signals ignored that ask us to end."""
    before = {number: signal.getsignal(number) for number in STARTED}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("name", FAULTS)
def test_whatever_a_fault_needs_can_be_said(name: str) -> None:
    [line] = [line for line in listing() if line.split()[0] == name]
    needed = [each for each in inspect.signature(FAULTS[name].steps).parameters.values() if each.default is each.empty]
    for each in needed:
        assert {each.name.upper(), "NODE/DAEMON"} & set(line.split()), line


@pytest.mark.parametrize(
    ("name", "places", "expected"),
    [
        ("route_deleted", ["n1", "10.244.2.0/24"], {"node": "n1", "destination": "10.244.2.0/24"}),
        (
            "route_added",
            ["n2", "10.0.0.0/8 dev eth0", "append"],
            {"node": "n2", "route": "10.0.0.0/8 dev eth0", "how": "append"},
        ),
        ("isolated", ["n1", "n2"], {"a": "n1", "b": "n2"}),
        ("lossy", ["n1", "0.3"], {"node": "n1", "fraction": 0.3}),
        ("one_way", ["n1", "eth1", "out"], {"node": "n1", "interface": "eth1", "direction": "out"}),
        ("cut_between", ["n1", "n2,n3"], {"node": "n1", "others": [SimpleNamespace(name="n2"), SimpleNamespace(name="n3")]}),
    ],
)
def test_what_is_said_becomes_the_arguments(
    monkeypatch: pytest.MonkeyPatch, name: str, places: list[str], expected: dict[str, Any]
) -> None:
    given: list[dict[str, Any]] = []

    @contextmanager
    def noted(**arguments: Any) -> Iterator[None]:
        given.append({key: getattr(value, "name", value) for key, value in arguments.items()})
        yield

    noted.steps = FAULTS[name].steps  # type: ignore[attr-defined]
    monkeypatch.setitem(faults_by_name.FAULTS, name, noted)  # type: ignore[arg-type]
    said: list[str] = []
    hold(LAB, name, places, 0.01, said.append)
    assert given == [expected]
    assert said[-1].endswith(": healed")


@pytest.mark.parametrize("places", [[], ["n1"], ["n1", "10.0.0.0/8", "main", "more"], ["n4", "10.0.0.0/8"]])
def test_too_little_too_much_and_the_unknown_are_refused(places: list[str]) -> None:
    with pytest.raises(UsageError, match=r'route_deleted takes NODE DESTINATION \[TABLE\]|no node "n4"'):
        hold(LAB, "route_deleted", places, 0.01, print)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_heals_even_where_the_shell_has_it_ignored(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """As a background job of a script is started: with SIGINT ignored."""
    for each, how in STARTED.items():
        signal.signal(each, how)
    steps: list[str] = []

    @contextmanager
    def noted(**arguments: Any) -> Iterator[None]:
        steps.append("in force")
        os.kill(os.getpid(), number)
        yield
        steps.append("healed")

    noted.steps = FAULTS["isolated"].steps  # type: ignore[attr-defined]
    monkeypatch.setitem(faults_by_name.FAULTS, "isolated", noted)  # type: ignore[arg-type]
    hold(LAB, "isolated", ["n1", "n2"], 30, print)
    assert {signal.getsignal(each) for each in STARTED} == {signal.SIG_IGN}
    assert steps == ["in force", "healed"]

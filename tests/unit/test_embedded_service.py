"""Daemons that count as started when they answer: what is told of one that does not."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from labs.embedded.service import Service, last_word
from labs.errors import LabError, NotStarted


class Fake:
    """A daemon that never runs for longer than it is looked at so many times."""

    def __init__(self, looks: int, log: str) -> None:
        self.name, self.looks, self.exit_code, self.done = "thing", looks, 3, list[str]()
        self._log = log

    def __str__(self) -> str:
        return "thing of n1"

    @property
    def running(self) -> bool:
        return self.state != "stopped"

    @property
    def state(self) -> str:
        if "started" not in self.done or "killed" in self.done:
            return "stopped"
        self.looks -= 1
        return "running" if self.looks >= 0 else "stopped"

    def mark(self) -> int:
        return 10

    def log(self, since: int = 0) -> str:
        return self._log[since:]

    def start(self) -> None:
        self.done.append("started")

    def kill(self) -> None:
        self.done.append("killed")


@pytest.fixture
def service() -> Callable[..., Service]:
    def service(fake: Fake, answers: bool, **more: Any) -> Service:
        return Service(fake, lambda: answers, prepare=lambda: fake.done.append("prepared"), **more)  # type: ignore[arg-type]

    return service


def test_it_is_prepared_started_and_waited_for(service: Callable[..., Service]) -> None:
    fake = Fake(100, "")
    service(fake, True).start()
    assert fake.done == ["prepared", "started"]
    with pytest.raises(LabError, match="thing of n1: it runs already"):
        service(fake, True).start()


def test_one_that_ends_is_told_with_its_last_word_since_its_start(service: Callable[..., Service]) -> None:
    fake = Fake(3, "ERROR: old\nERROR: no room\nbye\n")
    with pytest.raises(LabError, match=r"^thing of n1: it does not start \(exit code 3\): ERROR: no room$"):
        service(fake, False).start()


def test_one_that_never_answers_is_killed(service: Callable[..., Service]) -> None:
    fake = Fake(1000, "")
    with pytest.raises(LabError, match=r"\(no answer for \d s\): it logged nothing"):
        service(fake, False, within=0.1).start()
    assert fake.done[-1] == "killed"


def test_a_paused_one_is_not_ready() -> None:
    assert not Service(SimpleNamespace(state="paused"), lambda: True).ready  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("log", "word"),
    [
        ("", "it logged nothing"),
        ("one\ntwo\n\n", "two"),
        ("Error: a\ncannot b\nbye", "cannot b"),
        ("x.OddException: b\n\tat x\nERROR: it ends\n", "x.OddException: b"),
    ],
)
def test_the_last_word_is_of_trouble_where_there_is_any(log: str, word: str) -> None:
    assert last_word(log) == word


@pytest.mark.parametrize("gone", [False, True])
def test_one_that_does_not_answer_is_asked_what_it_is_at_and_then_killed(service: Callable[..., Service], gone: bool) -> None:
    fake = Fake(1000, "          ERROR no such port\nit waits")

    def explain() -> None:
        fake.done.append("explained")
        if gone:
            raise LabError("it has ended")

    with pytest.raises(NotStarted, match=r"no answer for 0 s\): ERROR no such port"):
        service(fake, False, explain=explain, within=0.05).start()
    assert fake.done == ["prepared", "started", "explained", "killed"]

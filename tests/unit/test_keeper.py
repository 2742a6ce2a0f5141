"""One lab instance's life: up, broken, renewed, blocked, down; with a lab of straw."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from labs.errors import LabError
from labs.problem import Problem
from labs.wait import until
from proof import supervisor
from proof.lab_state import State, await_lab, broken, report_broken
from proof.plan import Instance
from proof.room import Cost, Room
from proof.supervisor import Keeper


@dataclass
class Straw:
    """What a subject's class and its labs look like to a keeper; counts its lives."""

    name: str = "flannel.1"
    nodes: tuple[str, ...] = ("n1",)
    software: dict[str, str] = field(default_factory=lambda: {"flanneld": "0.28.4"})
    alive: bool = True
    ups: int = 0
    downs: int = 0
    tunable: bool = False
    busy: int = 0
    asked: dict[str, object] = field(default_factory=dict)
    fails: Exception | None = None
    heals: Exception | None = None

    def up(self, *_: object, **asked: object) -> "Straw":
        self.asked = asked
        if self.fails is not None:
            raise self.fails
        self.ups += 1
        self.alive = True
        return self

    def attach(self, name: str) -> "Straw":
        return self.up(name)

    def down(self) -> None:
        self.downs += 1
        if self.heals is not None:
            raise self.heals

    def problems(self) -> list[Problem]:
        return []

    def settle(self) -> None:
        if self.heals is not None:
            raise self.heals


@pytest.fixture
def straw(monkeypatch: pytest.MonkeyPatch) -> Straw:
    lab = Straw()
    monkeypatch.setattr(supervisor, "subject", lambda _: lab)
    monkeypatch.setattr(supervisor.kept, "faults_in_force", lambda _: [])
    return lab


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Callable[..., Keeper]]:
    keepers: list[Keeper] = []

    def start(kept: str | None = None, defaults: bool = False) -> Keeper:
        room = Room(Cost(64, 10_000), ["flannel"])
        instance = Instance("flannel", "flannel", "default", 3, kept, defaults=defaults)
        keeper = Keeper(instance, tmp_path / "flannel", lambda _: None, room)
        keepers.append(keeper)
        keeper.start()
        return keeper

    yield start
    for keeper in keepers:
        keeper.stop()
        keeper.join(5)
        assert not keeper.is_alive()


def generation(keeper: Keeper, number: int) -> None:
    until(lambda: (keeper.state.state, keeper.state.generation) == ("up", number), within=5, what=f"generation {number}")


def test_it_comes_up_and_goes_down(straw: Straw, keep: Callable[..., Keeper]) -> None:
    keeper = keep()
    state = await_lab(keeper.folder)
    assert (state.site, state.generation, state.software) == ("flannel.1", 1, {"flanneld": "0.28.4"})
    keeper.stop()
    keeper.join(5)
    assert (straw.ups, straw.downs) == (1, 1)


@pytest.mark.parametrize(
    ("error", "words"), [(LabError("no bridge: modprobe bridge"), "no bridge: modprobe bridge"), (KeyError("x"), "error.txt")]
)
def test_a_lab_that_cannot_be_had_is_blocked_with_the_reason(
    straw: Straw, keep: Callable[..., Keeper], error: Exception, words: str
) -> None:
    straw.fails = error
    keeper = keep()
    with pytest.raises(LabError, match=words):
        await_lab(keeper.folder)
    assert not keeper.was_up


def test_from_the_moment_a_worker_reports_it_broken_nobody_is_given_it(straw: Straw, keep: Callable[..., Keeper]) -> None:
    keeper = keep()
    first = await_lab(keeper.folder)
    report_broken(keeper.folder, first, "did not settle")
    assert State.read(keeper.folder).generation == 1 or State.read(keeper.folder).state == "up"
    second = await_lab(keeper.folder)
    assert second.generation == 2
    assert (straw.ups, straw.downs) == (2, 1)
    assert broken(keeper.folder, second) == ""


def test_a_report_of_an_earlier_generation_is_of_no_concern(straw: Straw, keep: Callable[..., Keeper]) -> None:
    keeper = keep()
    first = await_lab(keeper.folder)
    report_broken(keeper.folder, first, "did not settle")
    generation(keeper, 2)
    report_broken(keeper.folder, first, "did not settle")
    assert State.read(keeper.folder).state == "up"
    assert straw.ups == 2


@pytest.mark.parametrize(("tunable", "defaults", "asked"), [(True, True, True), (True, False, None), (False, True, None)])
def test_only_a_tunable_lab_is_asked_for_the_products_own_times(
    straw: Straw, keep: Callable[..., Keeper], tunable: bool, defaults: bool, asked: bool | None
) -> None:
    straw.tunable = tunable
    generation(keep(defaults=defaults), 1)
    assert straw.asked.get("defaults") is asked
    assert straw.asked["variant"] == "default"


def test_a_lab_that_died_is_replaced(straw: Straw, keep: Callable[..., Keeper]) -> None:
    keeper = keep()
    generation(keeper, 1)
    straw.alive = False
    generation(keeper, 2)


def test_a_renewal_takes_effect_at_once(straw: Straw, keep: Callable[..., Keeper]) -> None:
    keeper = keep()
    generation(keeper, 1)
    keeper.renew("a worker died")
    assert State.read(keeper.folder).state == "starting" or State.read(keeper.folder).generation == 2
    assert await_lab(keeper.folder).generation == 2


def test_a_lab_that_does_not_go_down_keeps_nobody_waiting(straw: Straw, keep: Callable[..., Keeper]) -> None:
    keeper = keep()
    generation(keeper, 1)
    straw.heals = LabError("still there")
    keeper.renew("a worker died")
    assert await_lab(keeper.folder).generation == 2
    straw.heals = OSError("disk")
    keeper.renew("a worker died")
    with pytest.raises(LabError, match="OSError: disk"):
        await_lab(keeper.folder)


def test_a_kept_lab_settles_and_is_never_made_anew_nor_taken_down(straw: Straw, keep: Callable[..., Keeper]) -> None:
    keeper = keep(kept="mine")
    generation(keeper, 1)
    keeper.renew("a worker died")
    generation(keeper, 2)
    assert (straw.ups, straw.downs) == (1, 0)
    straw.heals = LabError("n1: flanneld stays down")
    keeper.renew("a worker died")
    with pytest.raises(LabError, match="flanneld stays down"):
        await_lab(keeper.folder)
    assert straw.downs == 0


def test_states_are_whole_however_many_write_them(tmp_path: Path) -> None:
    def write(number: int) -> None:
        for _ in range(200):
            State("up", f"lab{number}", number).write(tmp_path)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert State.read(tmp_path).state in ("up", "starting")

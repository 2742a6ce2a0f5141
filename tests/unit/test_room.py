"""One budget for all labs side by side: how many of each, and which wait until others are gone."""

import threading
from collections.abc import Callable

import pytest

from labs.subject import subject
from labs.wait import until
from proof.plan import Instance
from proof.room import NOTHING, Cost, Room, available_memory, cost, share


def test_all_labs_share_one_budget_in_turn() -> None:
    each = Cost(nodes=3, memory=175)
    assert share({"a": (9, each), "b": (2, each)}, Cost(nodes=21, memory=10_000)) == {"a": 5, "b": 2}
    assert share({"a": (9, each), "b": (9, each)}, Cost(nodes=21, memory=10_000)) == {"a": 4, "b": 3}
    assert share({"a": (1, each), "b": (1, each)}, Cost(nodes=21, memory=10_000)) == {"a": 1, "b": 1}


def test_a_lab_of_each_is_the_least_though_it_does_not_fit() -> None:
    each = Cost(nodes=30, memory=850)
    assert share(dict.fromkeys("abcd", (5, each)), Cost(nodes=64, memory=10_000)) == dict.fromkeys("abcd", 1)
    assert share({"a": (5, Cost(100, 2_600))}, Cost(nodes=64, memory=100)) == {"a": 1}


def test_memory_is_reckoned_by_what_each_lab_takes() -> None:
    wanted = {"small": (9, Cost(3, 175)), "large": (9, Cost(3, 325))}
    assert share(wanted, Cost(nodes=64, memory=1_100)) == {"small": 2, "large": 2}


def enters(room: Room, name: str, nodes: int, entered: list[str], given_up: Callable[[], bool] = lambda: False) -> None:
    def enter() -> None:
        if room.enter(name, Cost(nodes, 100), given_up):
            entered.append(name)
        else:
            room.leave(name)

    threading.Thread(target=enter, daemon=True).start()


def test_what_does_not_fit_waits_in_the_order_of_the_plan() -> None:
    room = Room(Cost(nodes=64, memory=10_000), ["a", "b", "c", "d"])
    entered: list[str] = []
    for name, nodes in (("d", 1), ("c", 30), ("b", 30), ("a", 30)):
        enters(room, name, nodes, entered)
    until(lambda: entered == ["a", "b"], within=5, what="all that fit are in")
    room.leave("b")
    until(lambda: entered == ["a", "b", "c", "d"], within=5, what="all that fit are in")


def test_what_is_larger_than_all_there_is_comes_up_alone() -> None:
    room = Room(Cost(nodes=64, memory=10_000), ["a", "b"])
    entered: list[str] = []
    enters(room, "b", 100, entered)
    enters(room, "a", 100, entered)
    until(lambda: entered == ["a"], within=5, what="all that fit are in")
    room.leave("a")
    until(lambda: entered == ["a", "b"], within=5, what="all that fit are in")


def test_who_gives_up_waiting_lets_the_next_in() -> None:
    room = Room(Cost(nodes=64, memory=10_000), ["a", "b", "c"])
    entered: list[str] = []
    gone = threading.Event()
    assert room.enter("a", Cost(60, 100), lambda: False)
    enters(room, "b", 60, entered, gone.is_set)
    enters(room, "c", 4, entered)
    gone.set()
    until(lambda: entered == ["c"], within=5, what="all that fit are in")


def begins(room: Room, busy: int, begun: list[str], name: str, ended: threading.Event, given_up: threading.Event) -> None:
    def come_up() -> None:
        with room.turn(busy, given_up.is_set) as mine:
            begun.append(name if mine else f"{name} gave up")
            ended.wait(5)

    threading.Thread(target=come_up, daemon=True).start()


def test_labs_come_up_in_turn_as_many_at_a_time_as_there_are_cores_for() -> None:
    room = Room(Cost(nodes=64, memory=10_000), [], cores=4)
    begun: list[str] = []
    ends = [threading.Event() for _ in range(5)]
    never = threading.Event()
    for number, end in enumerate(ends[:4]):
        begins(room, 2, begun, str(number), end, never)
        until(lambda number=number: len(begun) == number + 1 or number > 1, within=5, what="turns")  # type: ignore[misc]
    begins(room, 0, begun, "light", ends[4], never)
    until(lambda: begun == ["0", "1", "light"], within=5, what="turns")
    ends[0].set()
    until(lambda: len(begun) == 4, within=5, what="turns")
    for end in ends:
        end.set()
    until(lambda: len(begun) == 5, within=5, what="turns")


def test_one_that_wants_more_cores_than_there_are_comes_up_alone_and_who_gives_up_lets_others() -> None:
    room = Room(Cost(nodes=64, memory=10_000), [], cores=2)
    begun: list[str] = []
    first, others, gone = threading.Event(), threading.Event(), threading.Event()
    begins(room, 9, begun, "a", first, threading.Event())
    until(lambda: begun == ["a"], within=5, what="turns")
    begins(room, 9, begun, "b", others, gone)
    begins(room, 1, begun, "c", others, threading.Event())
    gone.set()
    until(lambda: begun == ["a", "b gave up"], within=5, what="turns")
    first.set()
    until(lambda: begun == ["a", "b gave up", "c"], within=5, what="turns")
    others.set()


def test_a_node_costs_what_it_weighs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject("flannel"), "weight", 5)
    assert cost(Instance("flannel", "flannel", "default", 3)) == Cost(15, 175)


def test_what_is_up_already_costs_nothing() -> None:
    assert cost(Instance("flannel", "flannel", "default", 30)).nodes == 30
    assert cost(Instance("mine", "flannel", "default", 30, kept="mine")) == NOTHING


def test_memory_is_read_from_the_kernel() -> None:
    assert 100 < available_memory() < 10_000_000

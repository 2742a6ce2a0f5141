"""One budget for all labs side by side: how many of each, and which wait until others are gone."""

import threading
from collections.abc import Callable

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


def test_what_is_up_already_costs_nothing() -> None:
    assert cost(Instance("flannel", "flannel", "default", 30)).nodes == 30
    assert cost(Instance("mine", "flannel", "default", 30, kept="mine")) == NOTHING


def test_memory_is_read_from_the_kernel() -> None:
    assert 100 < available_memory() < 10_000_000

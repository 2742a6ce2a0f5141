"""Views of a failover, written by hand, and the watch that records such views."""

import socket
import struct
import threading
import time

import pytest

from labs.errors import LabError
from labs.kafka.metadata import Partition
from labs.kafka.views import (
    Condition,
    Membership,
    View,
    at,
    everywhere,
    first,
    full_isr,
    isr_without,
    leaders,
    led_by_another,
    lost,
    preferred,
)
from labs.kafka.watching import Watch, watched
from labs.kafka.wire import string
from labs.wait import until

PLACE = ("t", 0)


def view(moment: float, broker: int, leader: int | None = None, epoch: int = 0, isr: tuple[int, ...] = (1, 2, 3)) -> View:
    seen = None if leader is None else Partition(0, leader, epoch, (1, 2, 3), isr, ())
    return View(moment, broker, *PLACE, seen, "" if seen else "silent")


FAILOVER = [
    *(view(0, broker, 1) for broker in (1, 2, 3)),
    view(10.1, 1),
    view(12.0, 2, 2, 1, (2, 3)),
    view(12.3, 3, 2, 1, (2, 3)),
    view(20.0, 1, 2, 1, (2, 3)),
    view(22.0, 3, 2, 1),
    view(22.1, 1, 2, 1),
    view(22.4, 2, 2, 1),
    view(25.0, 2, 1, 2),
    view(25.1, 1, 1, 2),
    view(25.2, 3, 1, 2),
]


def led_by(broker: int) -> Condition:
    return lambda seen: seen.leader == broker


def near(found: float | None, seconds: float) -> bool:
    return found is not None and abs(found - seconds) < 1e-6


def test_a_new_leader_is_first_seen_by_whoever_sees_it() -> None:
    assert near(first(FAILOVER, PLACE, led_by_another(1), since=10), 2.0)
    assert near(everywhere(FAILOVER[:6], PLACE, led_by_another(1), since=10, brokers=(2, 3)), 2.3)


def test_what_was_so_already_takes_no_time() -> None:
    assert first(FAILOVER, PLACE, led_by(2), since=13) == 0
    assert everywhere(FAILOVER[:3], PLACE, full_isr, since=5, brokers=(1, 2, 3)) == 0


def test_the_isr_shrinks_and_is_full_again() -> None:
    assert near(first(FAILOVER, PLACE, isr_without(1), since=10), 2.0)
    assert near(everywhere(FAILOVER, PLACE, full_isr, since=20, brokers=(1, 2, 3)), 2.4)


def test_the_preferred_leader_is_back_when_all_see_it() -> None:
    assert near(everywhere(FAILOVER, PLACE, preferred, since=20, brokers=(1, 2, 3)), 5.2)
    assert everywhere(FAILOVER[:-1], PLACE, preferred, since=20, brokers=(1, 2, 3)) is None


def test_what_never_comes_or_does_not_last_is_none() -> None:
    assert first(FAILOVER, PLACE, led_by(3), since=0) is None
    assert everywhere(FAILOVER, PLACE, led_by(2), since=0, brokers=(1, 2, 3)) is None
    assert everywhere(FAILOVER, PLACE, full_isr, since=0, brokers=(1, 2, 3, 4)) is None
    assert first(FAILOVER, ("t", 1), full_isr, since=0) is None


def test_a_silent_broker_shows_nothing() -> None:
    """It began silent and stays so: what the others show does not speak for it."""
    views = [view(0, 1), view(0, 2, 2)]
    assert everywhere(views, PLACE, led_by(2), since=0, brokers=(1, 2)) is None


def test_two_leaders_of_one_epoch_are_kept_both() -> None:
    assert leaders(FAILOVER, PLACE) == {0: {1}, 1: {2}, 2: {1}}
    assert leaders([*FAILOVER, view(12, 3, 3, 1)], PLACE)[1] == {2, 3}


def test_the_state_at_a_moment() -> None:
    assert {broker: str(each) for broker, each in at(FAILOVER, PLACE, 12.1).items()} == {
        1: "broker 1: t-0: silent",
        2: "broker 2: t-0: leader 2, epoch 1, ISR 2,3",
        3: "broker 3: t-0: leader 1, epoch 0, ISR 1,2,3",
    }


def test_a_lost_broker_is_told_by_another() -> None:
    memberships = [Membership(1, 1, None), Membership(2, 2, (1, 2, 3)), Membership(4.5, 3, (2, 3))]
    assert lost(memberships, 1, since=3) == 1.5
    assert lost(memberships, 2, since=3) is None


def body(leader: int, brokers: tuple[int, ...] = (1,)) -> bytes:
    rows = b"".join(struct.pack(">i", broker) + string("h") + struct.pack(">ih", 9092, -1) for broker in brokers)
    head = struct.pack(">ii", 0, len(brokers)) + rows + string("c") + struct.pack(">ii", 1, 1)
    partition = struct.pack(">hiii", 0, 0, leader, 7) + struct.pack(">ii", 1, 1) * 2 + struct.pack(">i", 0)
    return head + struct.pack(">h", 0) + string("t") + b"\0" + struct.pack(">i", 1) + partition


class FakeBroker:
    """Answers with a body, or with nothing while there is none; connections to it are refused while it is down."""

    def __init__(self) -> None:
        self.body: bytes | None = body(1)
        self.down = False

    def dial(self, host: str, port: int, within: float) -> socket.socket:
        if self.down:
            raise ConnectionRefusedError(f"{host}:{port} refused within {within} s")
        here, there = socket.socketpair()
        threading.Thread(target=self._serve, args=(there,), daemon=True).start()
        return here

    def _serve(self, sock: socket.socket) -> None:
        with sock:
            while sock.recv(1000):
                if self.body is not None:
                    sock.sendall(struct.pack(">ii", len(self.body) + 4, 1) + self.body)


def shown(watch: Watch) -> list[int | str]:
    return [each.seen.leader if each.seen else each.trouble.split()[0] for each in watch.views]


def test_a_watch_keeps_changes_and_silence() -> None:
    broker = FakeBroker()
    with watched(broker.dial, {1: ("host", 9092)}, "t", every=0.005, silent=1.0) as watch:
        until(lambda: len(watch.views) == 1, within=10, what="a first view")
        broker.body = body(2)
        until(lambda: len(watch.views) == 2, within=10, what="a change")
        broker.body, before = None, time.monotonic()
        until(lambda: len(watch.views) == 3, within=10, what="silence")
        assert before - 1 < watch.views[2].at < before + 1
        broker.down = True
        until(lambda: len(watch.views) == 4, within=10, what="a refusal")
        broker.body, broker.down = body(2, (1, 2)), False
        until(lambda: len(watch.views) == 5, within=10, what="an answer again")
    assert shown(watch) == [1, 2, "timed", "host:9092", 2]
    assert [each.brokers for each in watch.memberships] == [(1,), None, (1, 2)]
    assert all(one.at <= other.at for one, other in zip(watch.views, watch.views[1:], strict=False))


def test_a_look_that_does_not_end_is_told_beside_what_failed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labs.kafka.watching.END_SECONDS", 0.1)
    hangs = threading.Event()

    def dial(host: str, port: int, within: float) -> socket.socket:
        hangs.wait(30)
        raise TimeoutError

    late = r"^a last look has not ended after 0 s and more: watches broker 1$"
    try:
        with pytest.raises(LabError, match=late), watched(dial, {1: ("h", 1)}, "t", silent=0.1):
            pass
        with pytest.raises(KeyError) as raised, watched(dial, {1: ("h", 1)}, "t", silent=0.1):
            raise KeyError("x")
        assert raised.value.__notes__ == [f"and then, at the end: LabError: {late[1:-1]}"]
    finally:
        hangs.set()

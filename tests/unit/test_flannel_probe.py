"""Bursts of datagrams, over loopback: what is late is not lost, and what is lost is not waited for again and again."""

import socket
import time
from ipaddress import IPv4Address
from typing import Any, cast

from labs.flannel import probe
from labs.flannel.pod import Endpoint

HERE = IPv4Address("127.0.0.1")


class Sender(socket.socket):
    """Takes a while for each datagram, and loses those whose number (from 0) is named."""

    pause = 0.0
    lost: frozenset[int] = frozenset()
    sent = 0

    def sendto(self, data: Any, to: Any) -> int:  # type: ignore[override]
        self.sent += 1
        time.sleep(self.pause)
        return len(data) if self.sent - 1 in self.lost else super().sendto(data, to)


class Place:
    """An endpoint on loopback."""

    port = 0

    def __init__(self, name: str, pause: float = 0.0, lost: frozenset[int] = frozenset()) -> None:
        self.name, self.address, self.pause, self.lost = name, HERE, pause, lost

    def socket(self, kind: int) -> socket.socket:
        made = Sender(socket.AF_INET, kind)
        made.pause, made.lost = self.pause, self.lost
        return made


def burst(within: float, *, pause: float = 0.0, lost: frozenset[int] = frozenset()) -> int:
    source, target = (cast(Endpoint, place) for place in (Place("slow", pause, lost), Place("target")))
    return probe.burst(source, target, count=48, size=100, within=within)


def test_a_burst_that_is_sent_slowly_loses_nothing_by_that() -> None:
    assert burst(0.3, pause=0.01) == 48


def test_losses_are_counted_and_waited_for_once() -> None:
    began = time.monotonic()
    assert burst(0.5, lost=frozenset({3, 20, 40})) == 45
    assert time.monotonic() - began < 1.2

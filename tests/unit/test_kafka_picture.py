"""The picture of a failover, and what it is made of."""

import struct
import subprocess
import sys
from dataclasses import replace

import pytest

from labs.kafka.metadata import Partition
from labs.kafka.operations import Header, History, Read, Write
from labs.kafka.views import View
from suites.kafka.failover import Failover
from suites.kafka.picture import Count, Gap, Moment, Strip, Timeline, drawn
from suites.kafka.showing import states, timeline

PICTURE = Timeline(
    "leader 1 is killed",
    0.25,
    [Count(number / 4 - 2, 0 if 8 < number < 18 else 100, 3 if number == 12 else 0, 90) for number in range(40)],
    [Moment(0.0, "fault"), Moment(4.0, "heal begins"), Moment(6.0, "healed")],
    [
        *(Strip(broker, 0, -2.0, 0.1, 1, (1, 2, 3), full=True) for broker in (1, 2, 3)),
        Strip(1, 0, 0.1, 6.0, None),
        *(Strip(broker, 0, 0.1, 8.0, 2, (2, 3)) for broker in (2, 3)),
        Strip(1, 0, 6.0, 8.0, -1, ()),
    ],
    [Gap(0, 0.05, 2.4)],
)


def size(png: bytes) -> tuple[int, int]:
    """Width and height, out of the first chunk of a PNG."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_a_timeline_becomes_a_picture() -> None:
    assert size(drawn(PICTURE))[0] == 1100


def test_each_partition_has_a_panel() -> None:
    more = [replace(strip, partition=number) for number in range(3) for strip in PICTURE.strips]
    assert size(drawn(replace(PICTURE, strips=more)))[1] > size(drawn(PICTURE))[1]


def test_a_timeline_in_which_nothing_was_seen_becomes_one_too() -> None:
    assert size(drawn(Timeline("nothing", 0.25, [], [], [])))


def test_the_library_is_loaded_when_a_picture_is_drawn_and_not_before() -> None:
    code = "import sys, suites.kafka.trial; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def view(at: float, broker: int, leader: int | None, isr: tuple[int, ...] = (1, 2)) -> View:
    seen = None if leader is None else Partition(0, leader, 0, (1, 2), isr, ())
    return View(at, broker, "t", 0, seen)


@pytest.fixture
def failover() -> Failover:
    views = [view(99.0, 1, 1), view(99.0, 2, 1), view(100.0, 1, None), view(102.0, 2, 2, (2,)), view(105.0, 1, 2)]
    return Failover([("t", 0)], (1, 2), 1, views, broken=100.0, mending=104.0, healed=104.5)


def test_a_picture_counts_from_the_fault(failover: Failover) -> None:
    ends = [9.0, 9.5, 9.9, 12.6, 12.7, 16.0]  # seconds since the history's clock, 90
    writes = [Write(0, n, "k", 0, int(1e6 * end) - 1000, int(1e6 * end), "ok", n) for n, end in enumerate(ends)]
    shown = timeline("killed", failover, History(Header("t", 1, clock=90.0), [*writes, Read("r", 0, 16_000_000, 0, (0, 1))]))
    assert [moment.at for moment in shown.moments] == [0.0, 4.0, 4.5]
    assert max(shown.gaps, key=lambda gap: gap.end - gap.start) == Gap(0, pytest.approx(2.7), pytest.approx(6.0))
    assert sum(count.acknowledged for count in shown.counts) == len(ends)
    assert shown.counts[36].start == pytest.approx(-1.0)
    silent = next(strip for strip in shown.strips if strip.leader is None)
    assert (silent.broker, silent.start, silent.end) == (1, 0.0, 5.0)


def test_the_state_is_told_before_during_and_after(failover: Failover) -> None:
    before, during, after = states(failover).split("\n\n")
    assert "broker 1: t-0: leader 1" in before
    assert "broker 1: t-0: not known" in during
    assert "broker 2: t-0: leader 2, epoch 0, ISR 2" in during
    assert "broker 1: t-0: leader 2" in after

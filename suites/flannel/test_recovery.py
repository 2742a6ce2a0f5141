"""How flannel gets back what a node has lost."""

import time

from labs.flannel.lab import FlannelLab
from proof.evidence import attach
from proof.holds import eventually, holds
from proof.requirement import instance, proven_by, requirement
from suites.flannel.faults.recovery import (
    blackhole_behind,
    devices_down,
    flanneld_paused,
    routes_deleted,
    routes_flushed,
)
from suites.flannel.looks import lost_ways
from suites.flannel.recovery import Stopwatch, distribution, unhurt
from suites.flannel.waiting import MARGIN, never

ROUNDS = 3


@requirement("d7129515-f38b-4b2f-a4ef-e456bd5c5ac5")
@proven_by(flanneld_paused, kind="missing-route")
@proven_by(blackhole_behind, kind="blackhole-route")
@instance("deletion")
def test_deleted_routes_come_back(flannel: FlannelLab) -> None:
    """Recovery: all routes to peers deleted on all nodes at once are back after flanneld's next look."""
    rounds: list[Stopwatch] = []
    for number in range(ROUNDS):
        # a round later in flanneld's period each, lest all be deleted just after a look
        holds(never(lambda: lost_ways(flannel), during=number * flannel.route_check / ROUNDS, every=5 * flannel.pace))
        rounds.append(Stopwatch())
        with routes_deleted(flannel):
            recovered(flannel, rounds[-1])
        attach("time to recover", distribution(rounds, limit(flannel)))


@requirement("093da015-4b8d-4c69-9dc8-f2acc9d3d9d2")
@proven_by(flanneld_paused, kind="missing-route")
@instance("links")
def test_routes_come_back_after_a_link_was_down(flannel: FlannelLab) -> None:
    """Recovery: every node's device down and up again, by which the kernel forgets the routes over it."""
    watch = Stopwatch()
    with devices_down(flannel):
        holds(unhurt(peer_routes(flannel), lost_ways(flannel)))
    recovered(flannel, watch)
    attach("time to recover", distribution([watch], limit(flannel)))


@requirement("bba28a03-cc92-4a7c-97ee-224faecf0ac6")
@proven_by(flanneld_paused, kind="missing-route")
@instance("links")
def test_flushed_routes_come_back(flannel: FlannelLab) -> None:
    """Recovery: every route that is not the kernel's own flushed on all nodes."""
    watch = Stopwatch()
    with routes_flushed(flannel):
        recovered(flannel, watch)
    attach("time to recover", distribution([watch], limit(flannel)))


def limit(flannel: FlannelLab) -> float:
    return flannel.route_check + MARGIN


def recovered(flannel: FlannelLab, watch: Stopwatch) -> None:
    """Wait for all routes, noting when each was there again."""
    start = time.monotonic()
    eventually(lambda: watch.look(time.monotonic() - start, lost_ways(flannel)), within=limit(flannel), every=flannel.pace)


def peer_routes(flannel: FlannelLab) -> int:
    """How many routes to peers there are to be on all nodes together."""
    return len(flannel.nodes) * (len(flannel.nodes) - 1)

"""Nodes that join, leases that end, flannelds that die and come back."""

from contextlib import ExitStack

import pytest

from labs.faults import killed, paused, stopped
from labs.flannel.flow import Flow
from labs.flannel.lab import FlannelLab
from labs.problem import Problem
from proof.evidence import attach
from proof.holds import eventually, holds
from proof.requirement import instance, proven_by, requirement
from suites.flannel.datapath import reach_problems
from suites.flannel.faults.forwarding import forward_dropped
from suites.flannel.faults.membership import (
    bad_cable,
    dead,
    joined,
    lease_buried,
    newcomer_cut_off,
    owner_hung,
    peer_cut_off,
    peer_hung,
    relet,
    routes_buried,
    withdrawn,
)
from suites.flannel.faults.places import lease_of
from suites.flannel.looks import ended, limit, misrouted, newcomers_pairs, still_known, timed, told_anew, unserved
from suites.flannel.membership import flow_problems, moved, renewal_problems, unaware
from suites.flannel.startup import reason_problems
from suites.flannel.waiting import MARGIN, RENEWED, never

ROUNDS = 3
SHORT = 2
"""Seconds to which a lease's 24 h are shortened."""
DEATH = 1.0
"""Seconds that a flanneld is dead before it is started again."""


@requirement("2f263eac-8f73-4050-b069-9c94ec83a116")
@proven_by(newcomer_cut_off, kind="missing-lease")
@proven_by(peer_hung, kind="missing-route")
@proven_by(peer_cut_off, kind="missing-route")
@proven_by(forward_dropped, kind="undelivered")
@instance("membership")
def test_a_node_that_joins_is_routed_by_all_others(flannel: FlannelLab) -> None:
    """Leases: a new node's subnet is routed on all others, and theirs on it, at once; pods reach each other by that."""
    seconds = []
    for _ in range(ROUNDS):
        with joined(flannel):
            seconds.append(eventually(lambda: unserved(flannel), within=limit(flannel), every=flannel.pace))
            flannel.spare.make_pod()
            holds(reach_problems(flannel.deliver(newcomers_pairs(flannel))))
        attach("join → all others", timed(seconds, limit(flannel)))


@requirement("e06d77ca-57dd-4b74-9910-b4fc6c8e2b08")
@proven_by(peer_hung, kind="stale-route")
@proven_by(owner_hung, kind="unaware-owner")
@pytest.mark.parametrize("how", ["deleted", "revoked"])
@instance("membership")
def test_a_lease_that_is_taken_away_takes_its_routes_along(flannel: FlannelLab, how: str) -> None:
    """Leases: a deleted or revoked one is known nowhere else any more, or is leased anew, and its owner notices."""
    owner = flannel.nodes[-1]
    lease = lease_of(flannel, owner)

    def look() -> list[Problem]:
        return still_known(flannel, lease) + unaware(owner.name, owner.flanneld.running, owner.address, flannel.leases())

    with withdrawn(flannel, owner, lease, how):
        seconds = eventually(look, within=limit(flannel), every=flannel.pace)
        attach("whose the subnet is now", told_anew(lease, flannel.leases()))
    attach(f"{how} → gone or leased anew, and noticed", timed([seconds], limit(flannel)))


@requirement("aa93c734-a4ef-4b99-9edb-3eb6a291b747")
@proven_by(bad_cable, kind="lost-traffic")
@proven_by(routes_buried, kind="missing-route")
@proven_by(lease_buried, kind="other-subnet")
@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
@instance("membership")
def test_a_restarted_flanneld_keeps_its_subnet_and_disturbs_no_flow(flannel: FlannelLab, how: str) -> None:
    """Restart: the same subnet as before, no route goes for a moment, no datagram between pods is lost."""
    here, peer = flannel.nodes[:2]
    leases, mark = flannel.leases(), here.flanneld.mark()
    with Flow([(here.pod, peer.pod), (peer.pod, here.pod)]) as flow:
        with (stopped if how == "SIGTERM" else killed)(here.flanneld):
            seen = [*never(lambda: misrouted(flannel, leases), during=DEATH, every=flannel.pace)]
        seen += never(lambda: misrouted(flannel, leases), during=limit(flannel), every=flannel.pace)
    attach("flow", "\n".join(track.told for track in flow.tracks))
    seen += reason_problems(here.name, here.flanneld.log(mark), "Wrote subnet file")
    holds([*seen, *flow_problems(flow.tracks), *moved(leases, flannel.leases()), *ended(flannel)])


@requirement("71bc3045-d8db-481b-b0b8-010a060c7e65")
@proven_by(routes_buried, kind="missing-route")
@instance("membership")
def test_a_killed_flanneld_leaves_its_routes(flannel: FlannelLab) -> None:
    """Death: with kill -9 no route goes, neither on the node nor on the others."""
    leases = flannel.leases()
    with killed(flannel.nodes[0].flanneld):
        holds(never(lambda: misrouted(flannel, leases), during=MARGIN, every=flannel.pace))


@requirement("0ae8b9c1-a658-40df-aa02-a3f1a6738ecf")
@proven_by(peer_hung, kind="stale-route")
@proven_by(peer_cut_off, kind="stale-route")
@instance("membership")
def test_a_dead_nodes_route_goes_when_its_lease_ends(flannel: FlannelLab) -> None:
    """Death: a node without power is routed as long as its lease (here of 2 s, not 24 h) lives, and no longer."""
    *others, owner = flannel.nodes
    leases = flannel.leases()
    with dead(owner), relet(flannel, lease_of(flannel, owner), SHORT):
        lease = lease_of(flannel, owner)
        holds(never(lambda: misrouted(flannel, leases, others), during=SHORT / 2, every=flannel.pace))
        seconds = eventually(lambda: still_known(flannel, lease), within=SHORT / 2 + limit(flannel), every=flannel.pace)
    attach(f"lease of {SHORT} s → gone", timed([SHORT / 2 + seconds], SHORT + limit(flannel)))


@requirement("a13c7e1b-6413-4a74-840e-6d507c17e2ef")
@proven_by(owner_hung, kind="missing-lease")
@instance("membership")
def test_a_living_node_renews_its_lease(flannel: FlannelLab) -> None:
    """Life: a lease that would end in 2 s is renewed for 24 h, and its routes never go."""
    owner = flannel.nodes[-1]
    leases, lease = flannel.leases(), lease_of(flannel, owner)
    with relet(flannel, lease, SHORT):
        seen = never(lambda: misrouted(flannel, leases), during=SHORT + MARGIN, every=flannel.pace)
        after = flannel.leases()
        left = {each.number: flannel.registry.time_to_live(each.number) for each in after}
        attach("seconds left", "\n".join(f"{each.subnet}: {left[each.number]}" for each in after))
        holds([*renewal_problems(lease, after, left, RENEWED), *seen])


@requirement("0061296d-1d4d-45e0-b12c-d75c49c23070")
@proven_by(peer_cut_off, kind="missing-route")
@instance("membership")
def test_a_paused_flanneld_catches_up(flannel: FlannelLab) -> None:
    """Pause: who joined and who left while a flanneld was paused, it knows as soon as it goes on."""
    here, others = flannel.nodes[0], flannel.nodes[1:]
    with ExitStack() as until_the_end:
        with paused(here.flanneld):
            until_the_end.enter_context(joined(flannel))
            eventually(lambda: unserved(flannel, others), within=limit(flannel), every=flannel.pace)
        came = eventually(lambda: unserved(flannel), within=limit(flannel), every=flannel.pace)
        lease = lease_of(flannel, flannel.spare)
        with paused(here.flanneld):
            flannel.leave()
            eventually(lambda: still_known(flannel, lease, others), within=limit(flannel), every=flannel.pace)
        went = eventually(lambda: still_known(flannel, lease), within=limit(flannel), every=flannel.pace)
    attach("resumed → knows who joined, who left", timed([came, went], limit(flannel)))

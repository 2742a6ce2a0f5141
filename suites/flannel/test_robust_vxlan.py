"""What flannel makes of losses of its tunnel, and of a second node that says it is the first."""

import pytest

from labs.flannel.vxlan_lab import FlannelVxlanLab
from proof.holds import eventually, holds
from proof.requirement import instance, mended_by, proven_by, requirement
from suites.flannel.faults.mends import restarted_often, start_guarded, supervised
from suites.flannel.faults.places import condition, lease_of
from suites.flannel.faults.robust_vxlan import device_deleted, entry_lost, joined_as_first
from suites.flannel.faults.robustness import asking_in_vain, cloned, way_lost_to_etcd
from suites.flannel.looks import ended, tunnel_damage
from suites.flannel.robustness import intruders, unhealed, unrefused
from suites.flannel.waiting import MARGIN, never

LOST = ("forwarding entry", "neighbour", "route")


@requirement("7eeaac79-b8fb-4bfb-a12b-de6dfe138847")
@proven_by(way_lost_to_etcd, kind="not-healed")
@mended_by(restarted_often)
@pytest.mark.parametrize("case", LOST)
@instance("robust-entries")
def test_lost_entries_are_healed(flannel: FlannelVxlanLab, case: str) -> None:
    """Robustness: what a node lost of its knowledge of a peer is back in the time that host-gw's flanneld has for a route."""
    with entry_lost(flannel, case):
        eventually(lambda: unhealed(tunnel_damage(flannel)), within=flannel.route_check + MARGIN, every=flannel.pace)


@requirement("09e080cc-4dc1-498a-98f8-37938476fc28")
@proven_by(way_lost_to_etcd, kind="missing-device")
@mended_by(supervised)
@instance("robust")
def test_flanneld_survives_the_loss_of_its_device(flannel: FlannelVxlanLab) -> None:
    """Robustness: flanneld runs, and a VXLAN device that was deleted is there again with all its entries, in the same time."""
    with device_deleted(flannel):
        limit = flannel.route_check + MARGIN
        eventually(lambda: ended(flannel) + tunnel_damage(flannel), within=limit, every=flannel.pace)


@requirement("88b477cd-65e7-4984-8d21-0e3417128219")
@proven_by(cloned, kind="lease-taken")
@proven_by(asking_in_vain, kind="not-refused")
@mended_by(start_guarded)
@instance("robust")
def test_two_nodes_with_one_public_ip_are_refused(flannel: FlannelVxlanLab) -> None:
    """Robustness: a second node under a first one's public IP gets no part in its subnet, takes nothing, and is refused."""
    first, spare = lease_of(flannel, flannel.nodes[0]), flannel.spare
    mark = spare.flanneld.mark()
    with joined_as_first(flannel):
        # its condition before the leases: a subnet that was told it was leased before
        holds(never(lambda: list(intruders(first, condition(spare), flannel.leases())), during=2 * MARGIN))
        holds(unrefused(condition(spare), spare.flanneld.log(mark), first.public_ip))

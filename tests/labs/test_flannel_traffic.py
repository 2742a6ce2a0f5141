"""Flows between pods, and leases of the registry that end, on a real flannel lab."""

import os
import time
from collections.abc import Iterator
from ipaddress import IPv4Network

import pytest

from labs.errors import LabError
from labs.faults import lossy, route_deleted
from labs.flannel.flow import RATE, Flow
from labs.flannel.lab import FlannelLab
from labs.flannel.observations import Lease
from labs.wait import until, watch


@pytest.fixture(scope="module")
def flannel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlannelLab]:
    logs = tmp_path_factory.mktemp("logs")
    lab = FlannelLab.up(
        f"flannel-traffic-{os.getpid()}", variant="default", nodes=2, logs=logs, owner=os.getpid(), progress=print
    )
    try:
        yield lab
    finally:
        lab.down()


def both_ways(lab: FlannelLab) -> Flow:
    here, peer = (node.pod for node in lab.nodes[:2])
    return Flow([(here, peer), (peer, here)])


def wait(seconds: float) -> None:
    watch(lambda: False, bool, within=seconds)


def test_a_flow_on_a_healthy_lab_loses_nothing(flannel: FlannelLab) -> None:
    began = time.monotonic()
    with both_ways(flannel) as flow:
        wait(1)
    spent = time.monotonic() - began
    there, back = flow.tracks
    assert (there.source, there.target) == (back.target, back.source) == ("pod of n1", "pod of n2")
    assert there.lost == back.lost == ()
    assert 20 <= len(there.sent) <= RATE * spent + 2


def test_a_flow_counts_what_a_bad_cable_loses(flannel: FlannelLab) -> None:
    with lossy(flannel.nodes[1], 0.5), both_ways(flannel) as flow:
        wait(1)
    assert all(0 < len(track.lost) < len(track.sent) for track in flow.tracks)


def test_a_flow_tells_when_a_route_was_away(flannel: FlannelLab) -> None:
    here, peer = flannel.nodes
    [subnet] = [lease.subnet for lease in flannel.leases() if lease.public_ip == peer.address]
    with both_ways(flannel) as flow:
        wait(0.5)
        with route_deleted(here, subnet):
            wait(0.5)
        wait(0.5)
    there, _ = flow.tracks
    assert there.lost
    assert there.lost[0] > 0.4
    assert there.lost[-1] < there.sent[-1]
    assert there.longest_gap > 0.4


def test_a_flow_ends_with_what_went_wrong_in_it(flannel: FlannelLab) -> None:
    with pytest.raises(RuntimeError, match="broken"), both_ways(flannel) as flow:
        raise RuntimeError("broken")
    assert flow.tracks[0].lost == ()


def lease_of_nobody(lab: FlannelLab) -> Lease:
    """Of a subnet that flannel would not choose by itself, and of the host outside."""
    return Lease(IPv4Network("10.244.254.0/24"), lab.outside.address)


def test_a_lease_lives_as_long_as_was_granted(flannel: FlannelLab) -> None:
    registry, lease = flannel.registry, lease_of_nobody(flannel)
    registry.put_lease(lease)
    number = registry.relet(lease, 5)
    assert 0 <= registry.time_to_live(number) <= 5
    assert [each.number for each in flannel.leases() if each.subnet == lease.subnet] == [number]
    until(lambda: lease.subnet not in {each.subnet for each in flannel.leases()}, within=20, what="the lease has ended")
    assert registry.time_to_live(number) == -1


def test_a_revoked_lease_is_gone_at_once(flannel: FlannelLab) -> None:
    registry, lease = flannel.registry, lease_of_nobody(flannel)
    registry.put_lease(lease)
    registry.revoke(registry.relet(lease, 600))
    assert lease.subnet not in {each.subnet for each in flannel.leases()}
    with pytest.raises(LabError, match="has no lease"):
        registry.relet(lease, 600)

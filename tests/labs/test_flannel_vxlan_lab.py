"""The flannel lab with the vxlan back end, on real daemons."""

import os
import time
from collections.abc import Iterator

import pytest

from labs.faults import killed, rebooted
from labs.flannel.node import DEVICE
from labs.flannel.vxlan_lab import FlannelVxlanLab
from labs.observe.tap import Tap
from suites.flannel.entries import stray_problems
from suites.flannel.routes import audit
from suites.flannel.vxlan import entry_problems


@pytest.fixture(scope="module")
def flannel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlannelVxlanLab]:
    """A lab of three nodes that ends with this process, or before."""
    name = f"vxlan-{os.getpid()}-{time.monotonic_ns() % 10**6}"
    logs = tmp_path_factory.mktemp("logs")
    lab = FlannelVxlanLab.up(name, variant="default", nodes=3, logs=logs, owner=os.getpid(), progress=print)
    try:
        yield lab
    finally:
        lab.down()


def test_its_ends_are_right_and_its_pods_reach_each_other(flannel: FlannelVxlanLab) -> None:
    leases = flannel.leases()
    assert {lease.backend for lease in leases} == {"vxlan"}
    assert (
        entry_problems(flannel.ends(), leases, flannel.tunnel) == stray_problems(flannel.ends(), leases, flannel.tunnel) == []
    )
    assert audit(flannel.routing(), leases, flannel.network) == []
    assert all(each.arrived for each in flannel.deliver(flannel.pairs()))


def test_a_tap_counts_each_frame_in_the_tunnel(flannel: FlannelVxlanLab) -> None:
    sender, receiver = flannel.nodes[:2]
    pods = sender.pod.address, receiver.pod.address
    flannel.deliver([(sender.pod, receiver.pod)])
    with Tap(sender.machine, DEVICE) as left, Tap(receiver.machine, DEVICE) as reached:
        assert flannel.burst(sender.pod, receiver.pod, 30, 1400) == 30
        for tap, outgoing in ((left, True), (reached, False)):
            [(flow, number)] = [(flow, number) for flow, number in tap.read().items() if flow.ends == pods]
            assert (flow.outgoing, flow.source, flow.target) == (outgoing, sender.address, receiver.address)
            assert (flow.port, flow.vni, flow.fragment, number) == (8472, 1, False, 30)


def test_it_settles_after_a_death_and_a_reboot(flannel: FlannelVxlanLab) -> None:
    with killed(flannel.nodes[0].flanneld):
        assert [(p.kind, p.where) for p in flannel.problems()] == [("flanneld-down", "n1")]
    flannel.settle()
    with rebooted(flannel.nodes[2]):
        flannel.settle()
    assert entry_problems(flannel.ends(), flannel.leases(), flannel.tunnel) == []


def test_evidence_has_devices_and_forwarding_entries(flannel: FlannelVxlanLab) -> None:
    texts = flannel.evidence()
    assert {"leases", "routes", "neighbours"} <= texts.keys()
    for node in flannel.nodes:
        assert f"# {node.name}: " in texts["vxlan"]
        assert f"dst {node.address}" in texts["fdb"]
    assert texts["vxlan"].count("vxlan id 1 ") == len(flannel.nodes)

"""Frames that pass one way only, and nodes that do not see some of the others."""

import os
import socket
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from labs import faults
from labs.embedded.node import EmbeddedNode
from labs.embedded.site import Site
from labs.errors import LabError, UsageError
from labs.wait import until
from tests.labs.embedded.conftest import CLEAN

PORT = 4000
NODES = {f"n{i}": f"192.168.0.{i}/24" for i in (1, 2, 3, 4)}
SECOND = {f"n{i}": f"192.168.1.{i}/24" for i in (1, 2)}


@pytest.fixture(scope="module", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("barriers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABPROOF_STATE", str(folder / "state"))
        yield folder


@pytest.fixture(scope="module")
def site(state: Path) -> Iterator[Site]:
    site = Site.create("barriers", logs=state / "logs", environment=CLEAN, owner=os.getpid())
    site.network("second")
    site.add(NODES)
    site.connect("second", SECOND)
    for node in site.nodes.values():
        introduce(site, node)
    yield site
    site.destroy()


def introduce(site: Site, node: EmbeddedNode) -> None:
    """It knows the others' MAC addresses: the frame that is lost is the one that is sent, not the question before it."""
    for cable in [cable for other in site.nodes.values() for cable in other.cables.values() if other is not node]:
        if cable.interface in node.cables:
            address = str(cable.address.ip)
            node.host.run_expect([0], "ip neigh replace %s lladdr %s dev %s", address, cable.mac, cable.interface)


def heard(source: EmbeddedNode, target: EmbeddedNode, interface: str = "eth0", within: float = 0.2) -> bool:
    """Whether a datagram arrives."""
    address = str(target.cables[interface].address.ip)
    with source.socket(socket.AF_INET, socket.SOCK_DGRAM) as out, target.socket(socket.AF_INET, socket.SOCK_DGRAM) as into:
        into.bind((address, PORT))
        into.settimeout(within)
        out.sendto(b"frame", (address, PORT))
        try:
            return into.recv(16) == b"frame"
        except TimeoutError:
            return False


def pairs(nodes: Sequence[EmbeddedNode]) -> set[tuple[str, str]]:
    """Who is heard by whom."""
    return {(a.name, b.name) for a in nodes for b in nodes if a is not b and heard(a, b, within=0.1)}


def rules(site: Site) -> str:
    return site.fabric.run("nft", "list", "ruleset").out.decode()


LOST = {"in": {("n1", "n2"), ("n1", "n3")}, "out": {("n2", "n1"), ("n3", "n1")}}


@pytest.mark.parametrize("direction", LOST)
def test_frames_pass_one_way_only(site: Site, direction: str) -> None:
    one, two, three, _ = site.nodes.values()
    every = pairs([one, two, three])
    assert len(every) == 6
    with faults.one_way(one, direction=direction):
        assert every - pairs([one, two, three]) == LOST[direction]
        assert heard(one, two, "eth1")
        assert heard(two, one, "eth1")
        assert one.host.file("/sys/class/net/eth0/carrier").content_string == "1\n"
    assert pairs([one, two, three]) == every
    assert rules(site) == ""


def test_on_the_second_cable(site: Site) -> None:
    one, two, *_ = site.nodes.values()
    with faults.one_way(one, "eth1", "out"):
        assert heard(one, two, "eth1")
        assert not heard(two, one, "eth1")
        assert heard(two, one)


def test_cut_off_from_some_and_seen_by_the_rest(site: Site) -> None:
    one, two, three, four = nodes = list(site.nodes.values())
    every = pairs(nodes)
    assert len(every) == 12
    with faults.cut_between(one, [two, three]):
        assert every - pairs(nodes) == {("n1", "n2"), ("n2", "n1"), ("n1", "n3"), ("n3", "n1")}
        assert heard(one, two, "eth1")
        with faults.cut_between(two, [four]):
            assert len(pairs(nodes)) == 6
    assert pairs(nodes) == every


def test_it_holds_over_a_power_off_and_beside_a_bad_stretch(site: Site) -> None:
    one, two, three, _ = site.nodes.values()
    with faults.cut_between(one, [two]), faults.delayed(one, 0.0):
        assert not heard(one, two)
        assert heard(one, three)
    with faults.delayed(one, 0.0), faults.one_way(one, direction="out"):
        assert not heard(two, one)
        with faults.rebooted(one):
            introduce(site, one)
            until(lambda: heard(one, two), within=5, what="on again")
            assert not heard(two, one)
    until(lambda: heard(two, one), within=5, what="healed")


def test_what_cannot_be_is_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, three, _ = site.nodes.values()
    with faults.one_way(one), pytest.raises(LabError, match="n1: eth0: in only: it is so already"), faults.one_way(one):
        pass
    with (
        pytest.raises(LabError, match="n1 can be cut off from one or more others, not from itself"),
        faults.cut_between(one, [one]),
    ):
        pass
    with pytest.raises(LabError, match="n3: eth1 hangs on no cable"), faults.cut_between(one, [three], "eth1"):
        pass
    with pytest.raises(UsageError, match="a direction is in or out, not up"), faults.one_way(one, direction="up"):
        pass
    with monkeypatch.context() as patch:
        patch.setattr(site.fabric, "door", replace(site.door, environment={"PATH": "/nowhere"}))
        with pytest.raises(LabError, match="nft is missing: install nftables"), faults.one_way(two):
            pass
    assert rules(site) == ""


def test_a_kernel_that_filters_no_bridges_is_told_of(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the words that nft has for it."""
    said = "/dev/stdin:1:1-30: Error: Could not process rule: Operation not supported"
    (tmp_path / "nft").write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    (tmp_path / "nft").chmod(0o755)
    monkeypatch.setattr(site.fabric, "door", replace(site.door, environment={"PATH": f"{tmp_path}:{CLEAN['PATH']}"}))
    mend = "load it as root: modprobe nf_tables"
    with pytest.raises(LabError, match=f"filters no frames of bridges .*: {mend}"), faults.one_way(site.nodes["n1"]):
        pass

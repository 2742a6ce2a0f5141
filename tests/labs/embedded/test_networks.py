"""Nodes that hang on several networks."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs import faults
from labs.embedded.node import EmbeddedNode
from labs.embedded.site import Site
from labs.errors import LabError
from labs.wait import until
from tests.labs.embedded.conftest import CLEAN

PRIVATE, PUBLIC = "192.168.100", "192.168.200"
SERVED = 5000


@pytest.fixture(scope="module", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One lab for all tests here."""
    folder = tmp_path_factory.mktemp("networks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABPROOF_STATE", str(folder / "state"))
        yield folder


@pytest.fixture(scope="module")
def site(state: Path) -> Iterator[Site]:
    """Nodes b1 to b3 on both networks, a client on each."""
    site = Site.create("networks", logs=state / "logs", environment=CLEAN, owner=os.getpid())
    site.network("public")
    site.add({f"b{i}": f"{PRIVATE}.{i}/24" for i in (1, 2, 3)} | {"inside": f"{PRIVATE}.250/24"})
    site.add({"outside": f"{PUBLIC}.250/24"}, network="public")
    site.connect("public", {f"b{i}": f"{PUBLIC}.{i}/24" for i in (1, 2, 3)})
    yield site
    site.destroy()


@pytest.fixture
def b1(site: Site) -> EmbeddedNode:
    return site.nodes["b1"]


def answers(source: EmbeddedNode, address: str, within: float = 1.0) -> bool:
    """Whether a connection from there to a port on which nobody listens is refused: by whoever has that address."""
    with source.socket(socket.AF_INET, socket.SOCK_STREAM) as out:
        out.settimeout(within)
        try:
            out.connect((address, SERVED))
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False


def macs(node: EmbeddedNode) -> list[str]:
    return [node.host.file(f"/sys/class/net/{each}/address").content_string.strip() for each in ("eth0", "eth1")]


def test_frames_pass_in_each_network_and_not_between(site: Site) -> None:
    inside, outside = site.nodes["inside"], site.nodes["outside"]
    assert all(answers(inside, f"{PRIVATE}.{i}") for i in (1, 2, 3))
    assert all(answers(outside, f"{PUBLIC}.{i}") for i in (1, 2, 3))
    assert answers(site.nodes["b1"], f"{PRIVATE}.2")
    assert answers(site.nodes["b1"], f"{PUBLIC}.2")
    assert not answers(inside, f"{PUBLIC}.250", within=0.3)
    # where there is a route, too: another network is another wire
    inside.host.run_expect([0], f"ip route add {PUBLIC}.250 dev eth0")
    assert not answers(inside, f"{PUBLIC}.250", within=0.3)


def test_described_with_all_addresses(site: Site) -> None:
    told = {node["name"]: node["addresses"] for node in site.describe()["nodes"]}
    assert (told["b2"]["eth0"][0], told["b2"]["eth1"][0]) == (f"{PRIVATE}.2/24", f"{PUBLIC}.2/24")
    assert set(told["outside"]) == {"lo", *site.nodes["outside"].cables}


def test_whoever_attaches_knows_the_cables(site: Site, b1: EmbeddedNode) -> None:
    attached = Site.attach("networks")
    assert attached.networks == site.networks
    assert {name: node.cables for name, node in attached.nodes.items()} == {n: node.cables for n, node in site.nodes.items()}
    before = macs(b1)
    attached.nodes["b1"].power_off()
    assert not answers(site.nodes["outside"], f"{PUBLIC}.1", within=0.2)
    attached.nodes["b1"].power_on()
    assert answers(site.nodes["outside"], f"{PUBLIC}.1")
    assert answers(site.nodes["inside"], f"{PRIVATE}.1")
    assert macs(b1) == before == ["02:00:c0:a8:64:01", "02:00:c0:a8:c8:01"]


def test_without_power_there_are_no_cables(site: Site, b1: EmbeddedNode) -> None:
    with faults.powered_off(b1):
        ports = {port["ifname"] for port in json.loads(site.fabric.run("ip", "-j", "link").out) if "ifname" in port}
        assert not {"b1", "b1_eth1"} & ports
        assert {"b2", "b2_eth1"} <= ports
    assert b1.host.interface("eth1").addresses[0] == f"{PUBLIC}.1"


@pytest.mark.parametrize(("pulled", "kept"), [("eth0", "eth1"), ("eth1", "eth0")])
def test_one_cable_is_pulled_and_the_other_stays(site: Site, b1: EmbeddedNode, pulled: str, kept: str) -> None:
    networks = {"eth0": ("inside", PRIVATE), "eth1": ("outside", PUBLIC)}
    client, network = networks[pulled]
    other, stays = networks[kept]
    with faults.link_down(b1, pulled):
        assert b1.host.file(f"/sys/class/net/{pulled}/carrier").content_string == "0\n"
        assert not answers(site.nodes[client], f"{network}.1", within=0.3)
        assert answers(site.nodes[other], f"{stays}.1")
    until(lambda: answers(site.nodes[client], f"{network}.1"), within=5, what="the cable is back")


def test_a_second_cable_is_lossy_late_and_parted_by_itself(site: Site, b1: EmbeddedNode) -> None:
    inside, outside = site.nodes["inside"], site.nodes["outside"]
    with faults.lossy(b1, 1.0, "eth1"), faults.delayed(b1, 0.0):
        assert not answers(outside, f"{PUBLIC}.1", within=0.3)
        assert answers(outside, f"{PUBLIC}.2")
        assert answers(inside, f"{PRIVATE}.1")
    with faults.isolated(b1, site.nodes["b2"], "eth1"), faults.isolated(site.nodes["b2"], site.nodes["b3"]):
        assert not answers(b1, f"{PUBLIC}.2", within=0.3)
        assert answers(b1, f"{PRIVATE}.2")
        assert not answers(site.nodes["b3"], f"{PRIVATE}.2", within=0.3)
    until(lambda: answers(b1, f"{PUBLIC}.2"), within=5, what="together again")
    until(lambda: answers(site.nodes["b3"], f"{PRIVATE}.2"), within=5, what="together again")


def test_a_node_without_power_is_connected_when_it_is_on(site: Site) -> None:
    site.network("later")
    with faults.powered_off(site.nodes["b3"]):
        site.connect("later", {"b3": "192.168.50.3/24", "outside": "192.168.50.250/24"}, interface="eth2")
    assert answers(site.nodes["outside"], "192.168.50.3")


def test_what_cannot_be_is_refused(site: Site) -> None:
    refused = {
        "has a network public already": lambda: site.network("public"),
        "cannot be a network": lambda: site.network("no good"),
        "no network secret; there are: public": lambda: site.add({"x": "10.0.0.1/24"}, network="secret"),
        "no node x": lambda: site.connect("public", {"x": "10.0.0.1/24"}),
        "b1: eth1 cannot be": lambda: site.connect("public", {"b1": "10.0.0.1/24"}),
        "b1: lo cannot be": lambda: site.connect("public", {"b1": "10.0.0.1/24"}, interface="lo"),
        "inside: eth1 hangs on no cable, only eth0": lambda: faults.link_down(site.nodes["inside"], "eth1").__enter__(),
        "are not on one network": lambda: faults.isolated(site.nodes["inside"], site.nodes["outside"]).__enter__(),
    }
    for said, attempt in refused.items():
        with pytest.raises(LabError, match=said):
            attempt()

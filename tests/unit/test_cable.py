"""How the ends of cables are called."""

from ipaddress import IPv4Interface

import pytest

from labs.embedded.cable import BRIDGE, FIRST, NODE, Cable, bridge_of, cables_told
from labs.errors import LabError

AT = IPv4Interface("192.168.0.101/24")
NODES = ("a", "broker1", "controller1", "controller2", "controller12", "controller-11", "controller-12")


def test_a_mac_is_made_of_the_address() -> None:
    assert Cable("n1", "eth0", BRIDGE, AT).mac == "02:00:c0:a8:00:65"


def test_a_port_is_called_as_its_node_and_any_other_as_no_node_can_be() -> None:
    cables = [Cable(node, interface, BRIDGE, AT) for node in NODES for interface in (FIRST, "eth1", "eth2", "storage-backend")]
    ports = [each.port for each in cables]
    assert [each.port for each in cables if each.interface == FIRST] == list(NODES)
    assert Cable("broker1", "eth1", BRIDGE, AT).port == "broker1_eth1"
    assert len(set(ports)) == len(ports)
    assert max(map(len, ports)) <= 13
    assert not [each.port for each in cables if each.interface != FIRST and NODE.fullmatch(each.port)]


def test_what_is_told_is_read_again() -> None:
    cable = Cable("n1", "eth1", "br_public", AT)
    assert cables_told("n1", {"eth1": cable.told}) == {"eth1": cable}


def test_bridges_of_networks() -> None:
    assert bridge_of(None) == BRIDGE
    assert bridge_of("twelve-chars") == "br_twelve-chars"
    for name in ("", "Public", "thirteen-char", "a_b", "a b"):
        with pytest.raises(LabError, match="cannot be a network"):
            bridge_of(name)

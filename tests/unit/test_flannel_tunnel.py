"""Counting frames and judging the way in the tunnel, on frames made by hand."""

import struct
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from labs.flannel.vxlan import Tunnel
from labs.observe.tap import Flow, read_flow
from suites.flannel.tunnel import Travel, tunnel_problems

PODS = IPv4Address("10.244.1.2"), IPv4Address("10.244.2.2")
NODES = IPv4Address("192.168.0.101"), IPv4Address("192.168.0.102")
ETHERNET = bytes(12) + b"\x08\x00"


def ip(ends: tuple[IPv4Address, IPv4Address], payload: bytes, protocol: int = 17, fragment: int = 0) -> bytes:
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, fragment, 64, protocol, 0)
    return ETHERNET + head + ends[0].packed + ends[1].packed + payload


def udp(port: int, payload: bytes = b"data") -> bytes:
    return struct.pack("!HHHH", 40000, port, 8 + len(payload), 0) + payload


def vxlan(vni: int) -> bytes:
    return b"\x08\0\0\0" + vni.to_bytes(3) + b"\0" + ip(PODS, udp(9))


RIGHT = Flow(True, *NODES, 8472, 1, PODS)


@pytest.mark.parametrize(
    ("frame", "flow"),
    [
        (ip(NODES, udp(8472, vxlan(1))), RIGHT),
        (ip(NODES, udp(4789, vxlan(77))), replace(RIGHT, port=4789, vni=77)),
        (ip(NODES, udp(8472, vxlan(1)), fragment=0x2000), replace(RIGHT, fragment=True)),
        (ip(NODES, udp(8472, vxlan(1)), fragment=0x00B9), Flow(True, *NODES, fragment=True)),
        (ip(PODS, udp(9)), Flow(True, *PODS, 9)),
        (ip(NODES, ip(PODS, udp(9))[14:], protocol=4), Flow(True, *NODES)),
        (bytes(12) + b"\x08\x06" + bytes(28), None),
        (b"short", None),
    ],
)
def test_what_a_frame_belongs_to(frame: bytes, flow: Flow | None) -> None:
    assert read_flow(frame, True) == flow


TRAVEL = Travel("n1", "n2", PODS, NODES, count=50, arrived=50)
SENT, RECEIVED = {RIGHT: 50}, {replace(RIGHT, outgoing=False): 50}
ARP = Flow(True, *NODES, 2379)


def judged(travel: Travel = TRAVEL, sent: dict[Flow, int] = SENT, third: dict[Flow, int] | None = None) -> list[str]:
    seen = {"n1": sent, "n2": RECEIVED, "n3": third or {}}
    return [problem.kind for problem in tunnel_problems(travel, seen, Tunnel())]


def test_the_way_in_the_tunnel() -> None:
    assert judged() == []
    assert judged(sent={RIGHT: 50, ARP: 7}, third={ARP: 9}) == []


@pytest.mark.parametrize(
    ("flow", "kind"),
    [
        (Flow(True, *PODS, 9), "bare"),
        (replace(RIGHT, port=4789), "wrong-port"),
        (replace(RIGHT, vni=77), "wrong-vni"),
        (replace(RIGHT, target=IPv4Address("192.168.0.103")), "wrong-ends"),
        (replace(RIGHT, outgoing=False), "wrong-ends"),
        (replace(RIGHT, fragment=True), "fragmented"),
    ],
)
def test_other_ways(flow: Flow, kind: str) -> None:
    assert judged(sent={flow: 50}) == ["not-tunnelled", kind]
    assert judged(sent={RIGHT: 50, flow: 1}) == [kind]


def test_lost_on_the_way_or_carried_by_a_third_node() -> None:
    assert judged(replace(TRAVEL, arrived=49)) == ["undelivered"]
    assert judged(sent={}) == ["not-tunnelled"]
    assert judged(third={replace(RIGHT, outgoing=False): 50, Flow(True, *PODS, 9): 1}) == ["detour", "detour"]

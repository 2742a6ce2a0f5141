"""Which packets are followed of a pair between which something was lost, and which part of the loss is the pair's."""

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import cast

from labs.embedded.node import EmbeddedNode
from labs.flannel.causes import flows_of, masqueraded_as, part
from labs.flannel.node import FlannelNode
from labs.flannel.pod import Endpoint
from labs.observe.drops import Drop, Loss


@dataclass(frozen=True)
class Here:
    """A node, as far as its address goes."""

    machine: EmbeddedNode
    address: IPv4Address


MACHINE, OTHER = (cast(EmbeddedNode, object()) for _ in range(2))
NODE = IPv4Address("192.168.0.102")
NODES = cast(list[FlannelNode], [Here(MACHINE, NODE)])
POD = Endpoint("pod", IPv4Address("10.244.1.2"), MACHINE, "pod")
WEB = Endpoint("web", IPv4Address("172.17.0.2"), OTHER, "web", 53, ("192.168.0.101", 5300))


def test_a_pair_of_pods_is_one_flow() -> None:
    assert [str(flow) for flow in flows_of(POD, POD, NODE)] == ["ip saddr 10.244.1.2 ip daddr 10.244.1.2"]


def test_what_goes_to_a_published_port_is_followed_before_and_after_it_is_translated() -> None:
    assert [str(flow) for flow in flows_of(POD, WEB, masqueraded_as(NODES, POD))] == [
        "ip saddr 10.244.1.2 ip daddr 192.168.0.101 udp dport 5300",
        "ip saddr 10.244.1.2 ip daddr 172.17.0.2 udp dport 53",
        "ip saddr 192.168.0.102 ip daddr 192.168.0.101 udp dport 5300",
        "ip saddr 192.168.0.102 ip daddr 172.17.0.2 udp dport 53",
    ]
    assert len(flows_of(Endpoint("n2", NODE, MACHINE), WEB, masqueraded_as(NODES, Endpoint("n2", NODE, MACHINE)))) == 2


def test_a_pair_is_told_what_its_own_nodes_dropped_or_saw() -> None:
    drops = tuple(Drop(node, "nftables", "ip t", "c", "policy drop", 1) for node in ("n1", "n3"))
    loss = Loss(drops, ("n1: not seen", "n2: not seen", "n3: not seen"))
    assert part(loss, "n2", "n3") == Loss(drops[1:], ())
    assert part(Loss((), loss.seen), "n1", "n2") == Loss((), loss.seen[:2])

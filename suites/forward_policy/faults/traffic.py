"""Faults of what has to be dropped, and of what has to pass beside the pods' packets."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network

from labs.fault import fault
from labs.flannel.node import FlannelNode
from labs.forward_policy.lab import ForwardPolicyLab
from suites.flannel.faults.places import commanded
from suites.forward_policy.faults.barriers import inserted
from suites.forward_policy.guests import INSIDE, NETWORKS, STRANGERS


@fault("network")
def policy_accepted(lab: ForwardPolicyLab) -> Iterator[None]:
    """The policy that Docker has set is ACCEPT again."""
    with commanded(lab.nodes[0], "iptables -P FORWARD ACCEPT", "iptables -P FORWARD DROP"):
        yield


@fault("network")
def everything_accepted(lab: ForwardPolicyLab) -> Iterator[None]:
    """A repair that opens the node: flannel's chain accepts whatever comes."""
    with inserted(lab.nodes[0], "FLANNEL-FWD -j ACCEPT"):
        yield


@fault("network")
def strangers_lost(lab: ForwardPolicyLab) -> Iterator[None]:
    """What is from or to strangers never comes as far as the FORWARD chain."""
    with _lost(lab.nodes[0], STRANGERS):
        yield


@fault("network")
def blue_lost(lab: ForwardPolicyLab) -> Iterator[None]:
    """A network of Docker's in which nothing works."""
    with _lost(lab.nodes[0], NETWORKS["blue"]):
        yield


@contextmanager
def _lost(node: FlannelNode, network: IPv4Network) -> Iterator[None]:
    """What is from or to a network is dropped before it is routed."""
    with inserted(node, f"PREROUTING -t raw -s {network} -j DROP"), inserted(node, f"PREROUTING -t raw -d {network} -j DROP"):
        yield


@fault("network")
def accepted_before_docker(lab: ForwardPolicyLab) -> Iterator[None]:
    """What is from pods is accepted before the administrator's own chain is asked."""
    with inserted(lab.nodes[0], f"FORWARD -s {lab.network} -j ACCEPT"):
        yield


@fault("network")
def published_dropped(lab: ForwardPolicyLab) -> Iterator[None]:
    """The administrator's chain drops what goes to a published port."""
    with inserted(lab.nodes[0], f"DOCKER-USER -p udp --dport {INSIDE} -j DROP"):
        yield


@fault("network")
def nat_skipped(lab: ForwardPolicyLab) -> Iterator[None]:
    """Docker's chain that leads to published ports is left at its first rule."""
    with inserted(lab.nodes[0], "DOCKER -t nat -j RETURN"):
        yield


@fault("network")
def isolation_off(lab: ForwardPolicyLab) -> Iterator[None]:
    """The administrator's chain accepts everything, before Docker keeps its networks apart."""
    with inserted(lab.nodes[0], "DOCKER-USER -j ACCEPT"):
        yield


@fault("network")
def containers_parted(lab: ForwardPolicyLab) -> Iterator[None]:
    """The administrator's chain drops what goes between containers, of one network too."""
    with inserted(lab.nodes[0], "DOCKER-USER -s 172.16.0.0/12 -d 172.16.0.0/12 -j DROP"):
        yield

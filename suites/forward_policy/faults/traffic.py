"""Faults of what has to be dropped, and of what has to pass beside the pods' packets."""

from collections.abc import Iterator

from labs.fault import fault
from labs.forward_policy.lab import ForwardPolicyLab
from suites.flannel.faults.places import commanded
from suites.forward_policy.faults.barriers import inserted
from suites.forward_policy.guests import INSIDE, STRANGERS


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
    node = lab.nodes[0]
    rules = (f"PREROUTING -t raw -s {STRANGERS} -j DROP", f"PREROUTING -t raw -d {STRANGERS} -j DROP")
    with inserted(node, rules[0]), inserted(node, rules[1]):
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
def isolation_off(lab: ForwardPolicyLab) -> Iterator[None]:
    """The administrator's chain accepts everything, before Docker keeps its networks apart."""
    with inserted(lab.nodes[0], "DOCKER-USER -j ACCEPT"):
        yield


@fault("network")
def containers_parted(lab: ForwardPolicyLab) -> Iterator[None]:
    """The administrator's chain drops what goes between containers, of one network too."""
    with inserted(lab.nodes[0], "DOCKER-USER -s 172.16.0.0/12 -d 172.16.0.0/12 -j DROP"):
        yield

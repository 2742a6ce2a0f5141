"""Faults of flannel's rules, while flanneld does not look."""

from collections.abc import Iterator
from contextlib import contextmanager

from labs.fault import fault
from labs.faults import paused
from labs.flannel.node import FlannelNode
from labs.forward_policy.lab import ForwardPolicyLab
from labs.observe.reading import told
from suites.flannel.faults.places import commanded

KEPT = "/run/iptables.kept"
JUMP = '-m comment --comment "flanneld forward" -j FLANNEL-FWD'
MASQUERADE_JUMP = '-m comment --comment "flanneld masq" -j FLANNEL-POSTRTG'


@contextmanager
def changed(node: FlannelNode, command: str) -> Iterator[None]:
    """A node's iptables changed; as they were after that. flanneld is paused meanwhile, so that it mends nothing."""
    with paused(node.flanneld):
        told(node.host, f"iptables-save > {KEPT}")
        with commanded(node, f"set -e; {command}", f"iptables-restore < {KEPT}"):
            yield


@fault("process", "network")
def jump_gone(lab: ForwardPolicyLab) -> Iterator[None]:
    """FORWARD does not lead to flannel's chain any more."""
    with changed(lab.nodes[0], f"iptables -D FORWARD {JUMP}"):
        yield


@fault("process", "network")
def jump_twice(lab: ForwardPolicyLab) -> Iterator[None]:
    """FORWARD leads to flannel's chain twice."""
    with changed(lab.nodes[0], f"iptables -A FORWARD {JUMP}"):
        yield


@fault("process", "network")
def forward_rule_gone(lab: ForwardPolicyLab) -> Iterator[None]:
    """What is to pods is not accepted."""
    with changed(lab.nodes[1], "iptables -D FLANNEL-FWD 2"):
        yield


@fault("process", "network")
def forward_returned(lab: ForwardPolicyLab) -> Iterator[None]:
    """flannel's chain is left at its first rule."""
    with changed(lab.nodes[0], "iptables -I FLANNEL-FWD -j RETURN"):
        yield


@fault("process", "network")
def forward_chain_gone(lab: ForwardPolicyLab) -> Iterator[None]:
    """FORWARD's jump and the chain that it led to are deleted."""
    with changed(lab.nodes[1], f"iptables -D FORWARD {JUMP}; iptables -F FLANNEL-FWD; iptables -X FLANNEL-FWD"):
        yield


@fault("process", "network")
def masquerade_jump_gone(lab: ForwardPolicyLab) -> Iterator[None]:
    """POSTROUTING does not lead to flannel's chain any more."""
    with changed(lab.nodes[0], f"iptables -t nat -D POSTROUTING {MASQUERADE_JUMP}"):
        yield


@fault("process", "network")
def masquerade_rule_gone(lab: ForwardPolicyLab) -> Iterator[None]:
    """What goes to a node's pods from outside of the Network is masqueraded by flannel too."""
    with changed(lab.nodes[1], "iptables -t nat -D FLANNEL-POSTRTG 4"):
        yield


@fault("process", "network")
def masquerade_returned(lab: ForwardPolicyLab) -> Iterator[None]:
    """flannel's masquerading is left at its first rule."""
    with changed(lab.nodes[0], "iptables -t nat -I FLANNEL-POSTRTG -j RETURN"):
        yield


@fault("process", "network")
def masquerade_first(lab: ForwardPolicyLab) -> Iterator[None]:
    """flannel's masquerading in another order: it comes before what it is not to masquerade."""
    rule = 'FLANNEL-POSTRTG -s %s ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully'
    rule = rule % lab.network
    with changed(lab.nodes[0], f"iptables -t nat -D {rule}; iptables -t nat -I {rule}"):
        yield

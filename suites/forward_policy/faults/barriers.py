"""Faults of what drops packets beside flannel: another back end of iptables, native nftables, the administrator's rules."""

from collections.abc import Iterator
from contextlib import contextmanager

from labs.fault import fault
from labs.flannel.node import FlannelNode
from labs.forward_policy.lab import ForwardPolicyLab
from suites.flannel.faults.places import commanded


def other_iptables(lab: ForwardPolicyLab) -> str:
    """The program of the back end that the lab does not use, as Debian names it."""
    return f"xtables-{'legacy' if lab.backend_of_iptables == 'nft' else 'nft'}-multi iptables"


@contextmanager
def inserted(node: FlannelNode, rule: str) -> Iterator[None]:
    """A rule ("CHAIN …") in front of all others of its chain."""
    with commanded(node, f"iptables -I {rule}", f"iptables -D {rule}"):
        yield


@contextmanager
def native_chain(node: FlannelNode, family: str, *lines: str, hook: str = "forward") -> Iterator[None]:
    """A base chain of nftables at a hook, in a table of its own."""
    chain = [f"type filter hook {hook} priority 10", *lines]
    table = "\n".join([f"table {family} administrator {{", f"chain {hook} {{", *chain, "}", "}"])
    with commanded(node, f"nft -f - <<'END'\n{table}\nEND", f"nft delete table {family} administrator"):
        yield


@fault("network")
def other_back_end_policy(lab: ForwardPolicyLab) -> Iterator[None]:
    """The policy DROP in the back end of iptables that neither flannel nor Docker uses."""
    command = f"{other_iptables(lab)} -P FORWARD"
    with commanded(lab.nodes[0], f"{command} DROP", f"{command} ACCEPT"):
        yield


@fault("network")
def other_back_end_rule(lab: ForwardPolicyLab) -> Iterator[None]:
    """A rule that drops what is from pods, in the back end of iptables that neither flannel nor Docker uses."""
    rule = f"FORWARD -s {lab.network} -j DROP"
    with commanded(lab.nodes[0], f"{other_iptables(lab)} -A {rule}", f"{other_iptables(lab)} -D {rule}"):
        yield


@fault("network")
def native_policy(lab: ForwardPolicyLab) -> Iterator[None]:
    """A chain of nftables with the policy drop."""
    with native_chain(lab.nodes[0], "ip", "policy drop"):
        yield


@fault("network")
def native_rule(lab: ForwardPolicyLab) -> Iterator[None]:
    """A rule of nftables that drops what is to pods."""
    with native_chain(lab.nodes[1], "inet", f"ip daddr {lab.network} drop"):
        yield


@fault("network")
def native_among_iptables(lab: ForwardPolicyLab) -> Iterator[None]:
    """A chain of nftables with the policy drop in the table of iptables-nft, which iptables does not show."""
    chain = "ip filter administrator"
    made = f"nft add table ip filter; nft add chain {chain} '{{ type filter hook forward priority 10; policy drop; }}'"
    empty = "nft list table ip filter | grep -q chain || nft delete table ip filter"
    with commanded(lab.nodes[0], made, f"nft delete chain {chain}; {empty}"):
        yield


@fault("network")
def native_prerouting(lab: ForwardPolicyLab) -> Iterator[None]:
    """A rule of nftables that drops what is to pods before it is routed."""
    with native_chain(lab.nodes[1], "inet", f"ip daddr {lab.network} drop", hook="prerouting"):
        yield


@fault("network")
def other_back_end_raw(lab: ForwardPolicyLab) -> Iterator[None]:
    """A rule in the raw table of the other back end, which drops what is from pods before it is routed."""
    rule = f"PREROUTING -s {lab.network} -j DROP"
    with commanded(lab.nodes[0], f"{other_iptables(lab)} -t raw -A {rule}", f"{other_iptables(lab)} -t raw -D {rule}"):
        yield


@fault("network")
def docker_user_dropped(lab: ForwardPolicyLab) -> Iterator[None]:
    """The administrator's chain drops what is from pods."""
    with inserted(lab.nodes[0], f"DOCKER-USER -s {lab.network} -j DROP"):
        yield

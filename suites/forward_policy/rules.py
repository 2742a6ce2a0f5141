"""The judge of flannel's iptables rules: on every node exactly those that it documents, each once, in their order.

What they are stands in flannel 0.28.4, pkg/trafficmngr/iptables/iptables.go (forwardRules, masqRules). Comments are not judged.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network

from labs.observe.iptables import Iptables
from labs.problem import Problem

FORWARD, POSTROUTING = "FLANNEL-FWD", "FLANNEL-POSTRTG"
KUBE_PROXY = "0x4000/0x4000"
"""Packets with this mark are masqueraded by kube-proxy (KubeProxyMark in flannel's pkg/trafficmngr)."""
MULTICAST = "224.0.0.0/4"


def forward_rules(network: IPv4Network) -> list[str]:
    """What is forwarded for pods: all that is from or to the Network."""
    return [f"-s {network} -j ACCEPT", f"-d {network} -j ACCEPT"]


def masquerade_rules(network: IPv4Network, subnet: IPv4Network) -> list[str]:
    """What is masqueraded on the node of a subnet: what leaves the Network, and what enters it from the node itself."""
    return [
        f"-m mark --mark {KUBE_PROXY} -j RETURN",
        f"-s {subnet} -d {network} -j RETURN",
        f"-s {network} -d {subnet} -j RETURN",
        f"! -s {network} -d {subnet} -j RETURN",
        f"-s {network} ! -d {MULTICAST} -j MASQUERADE --random-fully",
        f"! -s {network} -d {network} -j MASQUERADE --random-fully",
    ]


def forward_problems(found: Mapping[str, Iptables], network: IPv4Network) -> list[Problem]:
    """What is wrong with the nodes' forwarding rules."""
    return [p for node, own in found.items() for p in _chain(node, own, "filter", "FORWARD", FORWARD, forward_rules(network))]


def masquerade_problems(
    found: Mapping[str, Iptables], network: IPv4Network, subnets: Mapping[str, IPv4Network]
) -> list[Problem]:
    """What is wrong with the nodes' masquerading rules (`subnets`: the leased one of each node)."""
    wanted = {node: masquerade_rules(network, subnets[node]) for node in found if node in subnets}
    problems = [Problem("missing-lease", node, "a lease", "none") for node in found if node not in subnets]
    return problems + [p for node in wanted for p in _chain(node, found[node], "nat", "POSTROUTING", POSTROUTING, wanted[node])]


def _chain(node: str, own: Iptables, table: str, start: str, name: str, wanted: Sequence[str]) -> Iterator[Problem]:
    """The jump to flannel's chain, and the chain."""
    jumps = [rule.text for rule in own.chain(table, start).rules if rule.target == name]
    yield from compared(f"{node}: {table} {start}", [f"-j {name}"], jumps)
    yield from compared(f"{node}: {table} {name}", wanted, [rule.text for rule in own.chain(table, name).rules])


def compared(place: str, wanted: Sequence[str], found: Sequence[str]) -> Iterator[Problem]:
    """What a list of rules lacks, has too much, or has in another order."""
    counts, times, told = Counter(found), Counter(wanted), "; ".join(found) or "no rule"
    yield from (Problem("missing-rule", place, rule, told) for rule in times if counts[rule] < times[rule])
    yield from (Problem("extra-rule", place, "no such rule", rule) for rule in counts if rule not in times)
    yield from (Problem("repeated-rule", place, _times(n), rule) for rule, n in times.items() if counts[rule] > n)
    if set(counts) == set(times) and list(counts) != list(times):
        yield Problem("rule-order", place, "; ".join(wanted), told)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"

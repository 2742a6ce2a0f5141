"""The judge of flannel's own table in its nftables mode."""

from collections.abc import Mapping, Sequence

from labs.observe.firewall import Firewall
from labs.problem import Problem
from suites.forward_policy.rules import compared

TABLE = "flannel-ipv4"
Rules = Mapping[str, Sequence[str]]
"""By node: each rule with its chain, in their order."""


def table_rules(firewalls: Mapping[str, Firewall]) -> dict[str, list[str]]:
    """What stands in flannel's table on every node."""
    return {node: _rules(own) for node, own in firewalls.items()}


def _rules(own: Firewall) -> list[str]:
    chains = [chain for chain in own.ruleset.chains if (chain.family, chain.table) == ("ip", TABLE)]
    return [f"{chain.name}: {rule.text}" for chain in chains for rule in chain.rules]


def kept_problems(before: Rules, now: Rules) -> list[Problem]:
    """Where the rules are not those that were there before; a node that had none is told too."""
    bare = [Problem("missing-rule", f"{node}: table {TABLE}", "rules", "none") for node, rules in before.items() if not rules]
    kept = {node: rules for node, rules in before.items() if rules}
    return bare + [p for node, rules in kept.items() for p in compared(f"{node}: table {TABLE}", rules, now.get(node, ()))]

"""The judge of flannel's own table in its nftables mode."""

from collections.abc import Mapping, Sequence

from labs.observe.firewall import Firewall
from labs.problem import Problem

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
    """Rules that are not there any more; a node that had none before is told too."""
    bare = [Problem("missing-rule", f"{node}: table {TABLE}", "rules", "none") for node, rules in before.items() if not rules]
    return bare + [
        Problem("missing-rule", f"{node}: table {TABLE}", rule, "; ".join(now.get(node, ())) or "no rule")
        for node, rules in before.items()
        for rule in rules
        if rule not in now.get(node, ())
    ]

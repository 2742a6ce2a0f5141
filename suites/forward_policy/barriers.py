"""The judge of firewalls beside flannel's: what drops pods' packets where neither flannel nor Docker could help it."""

from collections.abc import Mapping

from labs.observe.drops import Loss
from labs.observe.firewall import Firewall, foreign_barriers, native_barriers
from labs.problem import Problem

HOOKS = ("prerouting", "forward", "postrouting")
"""Where a node may drop what it forwards."""


def foreign_problems(losses: Mapping[str, Loss], backend: str) -> list[Problem]:
    """What dropped packets and is in the back end of iptables that is not used, or in native nftables (losses by pair).

    An accept in one table cannot undo the drop of another: every base chain of a hook has to let a packet pass (nft(8)).
    """
    drops = [drop for loss in losses.values() for drop in loss.drops if drop.backend != f"iptables-{backend}"]
    found = {(f"{drop.node}: {drop.backend}", str(drop).removeprefix(f"{drop.node}: ")): None for drop in drops}
    return [Problem("foreign-drop", where, f"no drop beside iptables-{backend}", barrier) for where, barrier in found]


def could_drop(firewalls: Mapping[str, Firewall], backend: str) -> str:
    """What else could drop, as text: evidence, for most of it meets no pod's packet."""
    rows = [
        (node, barrier) for node, own in firewalls.items() for hook in HOOKS for barrier in foreign_barriers(own, backend, hook)
    ]
    early = [(node, each) for node, own in firewalls.items() for each in native_barriers(own, "ingress", ("netdev", "inet"))]
    return "\n".join(f"{node}: {barrier}" for node, barrier in [*early, *rows]) or "nothing"

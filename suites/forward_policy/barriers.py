"""The judge of firewalls beside flannel's: what drops forwarded packets where neither flannel nor Docker could help it."""

from collections.abc import Mapping

from labs.observe.firewall import Firewall, foreign_barriers
from labs.problem import Problem


def foreign_problems(firewalls: Mapping[str, Firewall], backend: str) -> list[Problem]:
    """Policies and rules that drop at the forward hook, in the back end of iptables that is not used, or in native nftables.

    An accept in one table cannot undo the drop of another: every base chain of a hook has to let a packet pass (nft(8)).
    """
    rows = [(node, barrier) for node, own in firewalls.items() for barrier in foreign_barriers(own, backend)]
    return [
        Problem("foreign-drop", f"{node}: {barrier.backend}", f"nothing that drops beside iptables-{backend}", str(barrier))
        for node, barrier in rows
    ]

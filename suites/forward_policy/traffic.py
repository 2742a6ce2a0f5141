"""The judges of what has to be dropped, and of what Docker's rules have to lead to a container."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address

from labs.flannel.observations import Delivery
from labs.problem import Problem


def dropped_problems(deliveries: Sequence[Delivery], kind: str = "let-through") -> list[Problem]:
    """Pairs between which something arrived though nothing should."""
    return [Problem(kind, str(each), "dropped", f"arrived from {each.seen_from}") for each in deliveries if each.arrived]


def proxied_problems(deliveries: Sequence[Delivery], senders: Mapping[str, IPv4Address]) -> list[Problem]:
    """What arrived at a published port not from its sender (`senders`: as whom each leaves its node), but by Docker's proxy.

    dockerd has a program listen at each published port (--userland-proxy), for what its rules do not lead to the container.
    """
    changed = [each for each in deliveries if each.arrived and each.seen_from != senders[each.source]]
    return [Problem("by-proxy", str(each), senders[each.source], each.seen_from) for each in changed]

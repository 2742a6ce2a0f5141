"""The judges of robustness: what flannel does when others make mistakes, as plain data to problems."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from math import ceil, factorial, log

from labs.flannel.observations import Lease
from labs.problem import Problem

OK = 200
RARE = 1 / 8000
"""How often, at most, chance may hide what is asked for."""


@dataclass(frozen=True)
class Condition:
    """A flanneld: whether it runs, how it ended last (minus the signal's number), the subnet that it told its node."""

    node: str
    running: bool
    ended: int | None = None
    subnet: IPv4Network | None = None

    @property
    def gave_up(self) -> bool:
        """Whether it has ended by itself, by which a service manager knows; one that was killed did not."""
        return not self.running and self.ended is not None and self.ended >= 0

    def __str__(self) -> str:
        return "runs" if self.running else f"has ended ({self.ended})"


def unhealed(problems: Sequence[Problem]) -> list[Problem]:
    """What an audit finds of ways that were to be healed, whichever way they are wrong."""
    return [Problem("not-healed", each.where, each.expected, each.found) for each in problems]


def without_subnet(nodes: Mapping[str, IPv4Address], flannelds: Sequence[Condition], leases: Sequence[Lease]) -> list[Problem]:
    """Nodes that have no lease, or whose flanneld has ended all the same."""
    holders = {lease.public_ip for lease in leases}
    return [
        Problem("no-subnet", each.node, "a lease, and flanneld runs", f"{_held(nodes[each.node] in holders)}, flanneld {each}")
        for each in flannelds
        if nodes[each.node] not in holders or not each.running
    ]


def starts(nodes: int) -> int:
    """How many starts of so many nodes with just as many subnets it takes until some draw the same, but for a rare chance.

    All draw different ones in n!/nⁿ of the starts: two nodes in every other one, three in 2 of 9, thirty never.
    """
    apart, count = factorial(nodes) / nodes**nodes, 1
    while apart**count > RARE:
        count += 1
    return count


def draws(nodes: int) -> int:
    """How many draws it takes until each of so many nodes has one of just as many subnets, but for a rare chance.

    Of n that draw, a draw leaves (1 - 1/n)ⁿ without on average, less than 1/e of them, and always gives at least one its own.
    """
    return min(nodes, ceil(log(nodes / RARE)))


def unrefused(second: Condition, said: str, address: IPv4Address) -> list[Problem]:
    """A flanneld that neither ended by itself nor complained of the public IP that it is given."""
    complaint = rf"^[WEF]\d{{4}} .*\b{re.escape(str(address))}\b"
    if second.gave_up or re.search(complaint, said, re.M):
        return []
    return [
        Problem("not-refused", second.node, f"flanneld ends, or complains of {address}", f"flanneld {second}, and says nothing")
    ]


def intruders(first: Lease, second: Condition, leases: Sequence[Lease]) -> Iterator[Problem]:
    """What a second node under a first one's public IP has got or taken."""
    if second.running and second.subnet == first.subnet:
        yield Problem("shared-subnet", second.node, f"no part in {first.subnet}", f"{first.subnet} is its own, too")
    held = [lease for lease in leases if lease.public_ip == first.public_ip]
    if [_what(lease) for lease in held] != [_what(first)]:
        yield Problem("lease-taken", str(first.public_ip), _what(first), ", ".join(map(_what, held)) or "no lease")


def health_problems(node: str, status: int | None, ailments: Sequence[Problem]) -> list[Problem]:
    """Where a health check says something else than there is."""
    if status == OK and ailments:
        return [Problem("false-health", f"{node}: /healthz", f"not {OK}: {ailments[0]}", status)]
    if status != OK and not ailments:
        return [Problem("false-alarm", f"{node}: /healthz", f"{OK}: nothing is wrong", status or "no answer")]
    return []


def untold(node: str, status: int | None) -> list[Problem]:
    """A health check that does not say, by an answer of its own, that something is wrong: silence tells nothing."""
    if status in (None, OK):
        return [Problem("false-health", f"{node}: /healthz", f"an answer that is not {OK}", status or "no answer")]
    return []


def _held(held: bool) -> str:
    return "a lease" if held else "no lease"


def _what(lease: Lease) -> str:
    return f"{lease.subnet}" + (f" at {lease.vtep}" if lease.vtep else "")

"""The judges of robustness: what flannel does when others make mistakes, as plain data to problems."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from labs.flannel.observations import Lease
from labs.problem import Problem

OK = 200


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


def unnoticed(flanneld: Condition, address: IPv4Address, leases: Sequence[Lease]) -> list[Problem]:
    """A flanneld that goes on without a lease, as if it had one."""
    held = any(lease.public_ip == address for lease in leases)
    if held or flanneld.gave_up:
        return []
    return [Problem("loss-unnoticed", flanneld.node, "a lease again, or flanneld ends", f"no lease, flanneld {flanneld}")]


def intruders(first: Lease, leases: Sequence[Lease], second: Condition) -> Iterator[Problem]:
    """What a second node under a first one's public IP has got or taken."""
    if second.running and second.subnet == first.subnet:
        yield Problem("shared-subnet", second.node, f"no part in {first.subnet}", f"{first.subnet} is its own, too")
    held = [lease for lease in leases if lease.public_ip == first.public_ip]
    if [_what(lease) for lease in held] != [_what(first)]:
        yield Problem("lease-taken", str(first.public_ip), _what(first), ", ".join(map(_what, held)) or "no lease")


def survivors(flannelds: Sequence[Condition]) -> list[Problem]:
    """Those that have not survived."""
    return [Problem("flanneld-ended", each.node, "it runs", f"it {each}") for each in flannelds if not each.running]


def health_problems(node: str, status: int | None, ailments: Sequence[Problem]) -> list[Problem]:
    """Where a health check says something else than there is."""
    if status == OK and ailments:
        return [Problem("false-health", f"{node}: /healthz", f"not {OK}: {ailments[0]}", status)]
    if status != OK and not ailments:
        return [Problem("false-alarm", f"{node}: /healthz", f"{OK}: nothing is wrong", status or "no answer")]
    return []


def leaseless(node: str, address: IPv4Address, leases: Sequence[Lease]) -> list[Problem]:
    """What a node ails from that has no lease."""
    held = any(lease.public_ip == address for lease in leases)
    return [] if held else [Problem("no-lease", node, f"a lease of {address}", "none")]


def _held(held: bool) -> str:
    return "a lease" if held else "no lease"


def _what(lease: Lease) -> str:
    return f"{lease.subnet}" + (f" at {lease.vtep}" if lease.vtep else "")

"""The judge of ZooKeeper's ensemble: one leader, followers that are level with it, and the brokers registered there."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from labs.problem import Problem

if TYPE_CHECKING:  # what asks does I/O
    from labs.kafka.ensemble import Server
    from labs.kafka.views import Membership

Servers = Mapping[int, "Server | str"]
"""The state of each server by its number; in place of one that does not answer, why."""
LEADER, FOLLOWER, STANDALONE = "leader", "follower", "standalone"


def ensemble_problems(servers: Servers) -> list[Problem]:
    """Each of those declared answers in the mode that it should have: alone it is standalone."""
    modes = _modes(servers)
    silent = {number: why for number, why in modes.items() if isinstance(servers[number], str)}
    found = [Problem("server-silent", f"ZooKeeper {number}", "its state", why) for number, why in silent.items()]
    fit = {STANDALONE} if len(servers) == 1 else {LEADER, FOLLOWER}
    for number, mode in modes.items():
        if number not in silent and mode not in fit:
            found.append(Problem(mode, f"ZooKeeper {number}", " or ".join(sorted(fit)), mode))
    return found + (_led(servers, Counter(modes.values())) if len(servers) > 1 else [])


def _modes(servers: Servers) -> dict[int, str]:
    """In place of the mode of one that does not answer, why."""
    return {number: each if isinstance(each, str) else each.mode for number, each in servers.items()}


def _led(servers: Servers, modes: Counter[str]) -> list[Problem]:
    if modes[LEADER] != 1:
        kind = "no-ensemble-leader" if not modes[LEADER] else "two-ensemble-leaders"
        return [Problem(kind, "the ensemble", "one leader", dict(modes))]
    [leader] = [each for each in servers.values() if not isinstance(each, str) and each.mode == LEADER]
    if leader.synced is not None and leader.synced != len(servers) - 1:
        return [Problem("followers-behind", "the ensemble", f"{len(servers) - 1} synced followers", leader.synced)]
    return []


def leader_of(servers: Servers) -> int | None:
    """The number of the one that leads, where it and those that follow are a majority of all; None while there is none.

    One that leads, and whose followers hang, may say so for up to syncLimit ticks (ZooKeeper administrator's guide).
    """
    modes = _modes(servers)
    head = STANDALONE if len(servers) == 1 else LEADER
    leading = [number for number, mode in modes.items() if mode == head]
    serving = [number for number, mode in modes.items() if mode in (head, FOLLOWER)]
    return leading[0] if len(leading) == 1 and 2 * len(serving) > len(servers) else None


def unled_problems(servers: Servers, gone: int) -> list[Problem]:
    """Without one that is gone, another leads."""
    if leader_of(servers) not in (None, gone):
        return []
    return [Problem("no-ensemble-leader", "the ensemble", f"another than {gone} that leads a majority", _modes(servers))]


def znode_problems(brokers: Collection[int], registered: Collection[int], controller: int | None) -> list[Problem]:
    """Brokers without their znode, strange ones, and a controller that is none of them."""
    missing, strange = sorted(set(brokers) - set(registered)), sorted(set(registered) - set(brokers))
    found = [Problem("not-registered", f"broker {each}", "in /brokers/ids", "not there") for each in missing]
    found += [Problem("unknown-broker", f"broker {each}", "not there", "in /brokers/ids") for each in strange]
    if controller not in brokers:
        found.append(Problem("no-controller", "/controller", f"one of {sorted(brokers)}", controller))
    return found


def gone_problems(memberships: "Iterable[Membership]", brokers: Collection[int], since: float) -> list[Problem]:
    """Brokers that another one did not count on at some time from `since` on (seconds, as the memberships have them)."""
    told = {
        (each.broker, number): each.at - since
        for each in memberships
        if each.brokers is not None and each.at >= since
        for number in sorted(set(brokers) - set(each.brokers))
    }
    return [
        Problem("broker-gone", f"broker {number}, by broker {broker}", "registered all the while", f"gone at {at:.2f} s")
        for (broker, number), at in told.items()
    ]

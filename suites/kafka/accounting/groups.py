"""Consumer groups: the members together are given every record."""

from collections.abc import Collection

from labs.kafka.operations import UNKNOWN, History, Read, shown
from labs.problem import Problem
from suites.kafka.accounting.balance import SHOWN


def left_out(history: History, consumers: Collection[str]) -> list[Problem]:
    """Records that others read, and none of these consumers, though one of them read later ones of that partition.

    A record that several of them were given is no problem: after a rebalance a group begins at what was committed.
    """
    ours: dict[int, dict[int, int]] = {}
    others: dict[int, dict[int, int]] = {}
    for each in history.operations:
        if isinstance(each, Read):
            side = ours if each.consumer in consumers else others
            side.setdefault(each.partition, {}).update(enumerate(each.values, each.offset))
    found = []
    for partition, log in sorted(others.items()):
        mine = ours.get(partition, {})
        missing = sorted(offset for offset in log if offset not in mine and offset < max(mine, default=UNKNOWN))
        if missing:
            some = ", ".join(f"{shown(log[offset])} at {offset}" for offset in missing[:SHOWN])
            more = f", and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
            where = f"{history.header.topic}/{partition}"
            found.append(Problem("left-out", where, "the group is given every record", f"{len(missing)} not: {some}{more}"))
    return found

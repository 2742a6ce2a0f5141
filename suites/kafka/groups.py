"""The judges of consumer groups: who reads what, and what is committed; what is read stands in the history."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from labs.kafka.groups import Group
from labs.kafka.journal import Began, Commit, Journal, Told
from labs.kafka.operations import End, History, Read
from labs.problem import Problem

STABLE = "Stable"


# --- who reads what


def sharing(group: Group, topic: str, partitions: int, members: Collection[str]) -> list[Problem]:
    """By the coordinator's word: these members, by their client's names, and no others read all, each of them something."""
    if group.state != STABLE:
        return [Problem("not-rebalanced", group.id, f"{STABLE}, members {_names(members)}", f"{group.state}, {_list(group)}")]
    found = []
    names = Counter(member.client for member in group.members)
    for client, count in (names - Counter(members)).items():
        found.append(Problem("unknown-member", group.id, f"members {_names(members)}", f"{client}, {count} too many"))
    reading = {member.client: {number for where, number in member.reads if where == topic} for member in group.members}
    if partitions >= len(members):
        idle = [name for name in members if not reading.get(name)]
        found += [Problem("idle-member", f"{group.id}: {name}", "it reads some", _list(group)) for name in idle]
    for number in range(partitions):
        owners = sorted(name for name, read in reading.items() if number in read)
        if len(owners) != 1:
            kind = "owned-twice" if owners else "unowned-partition"
            found.append(Problem(kind, f"{topic}/{number}", "one member reads it", _names(owners) or "none"))
    return found


def owned_twice(journal: Journal) -> list[Problem]:
    """By the members' own word: partitions that two of them were given in one generation."""
    owners: dict[tuple[int, int], dict[str, None]] = {}
    for each in journal.assigned:
        for partition in each.partitions:
            owners.setdefault((each.generation, partition), {})[each.member] = None
    return [
        Problem(
            "owned-twice", f"{journal.topic}/{partition}", "one member reads it", f"{_names(who)} in generation {generation}"
        )
        for (generation, partition), who in sorted(owners.items())
        if len(who) > 1
    ]


def _names(names: Collection[str]) -> str:
    return ", ".join(names)


def _list(group: Group) -> str:
    reads = (f"{member.client}: {', '.join(f'{topic}/{number}' for topic, number in member.reads)}" for member in group.members)
    return "; ".join(reads) or "no members"


# --- what is committed


def went_back(journal: Journal) -> list[Problem]:
    """Committed offsets that were there, and are lower or gone: the first time for each partition."""
    found: dict[int, Problem] = {}
    for partition, expected, seen in (*_told_less(journal), *_committed_less(journal), *_began_before(journal)):
        where = f"{journal.topic}/{partition}"
        found.setdefault(partition, Problem("committed-offset-went-back", where, expected, seen))
    return [found[partition] for partition in sorted(found)]


Less = Iterator[tuple[int, str, str]]
"""Partition, what is expected, what was found."""


def _told_less(journal: Journal) -> Less:
    """The coordinator's word against what it had said before, and against what members were told."""
    before: Mapping[int, int] = {}
    for place, told in enumerate(journal.told):
        floor = _floor(journal.acknowledged, told.at)
        for partition in sorted({*before, *floor}):
            least, now = max(before.get(partition, 0), floor.get(partition, 0)), told.offsets.get(partition, 0)
            if now < least and not _remembered(journal, place, partition, least):
                yield partition, f"{least} or more, as before", f"{_offset(told, partition)} at {_seconds(told.at)}"
        before = told.offsets


def _remembered(journal: Journal, place: int, partition: int, least: int) -> bool:
    """Whether it said so for a moment only: a new coordinator tells of the last commits when it knows that all replicas have
    them. Who began to read meanwhile is looked at by itself."""
    at = journal.told[place].at
    again = next((told.at for told in journal.told[place:] if told.offsets.get(partition, 0) >= least), None)
    return again is not None and not any(
        at < each.ended <= again and partition in each.offsets for each in journal.acknowledged
    )


def _offset(told: Told, partition: int) -> str:
    return f"{told.offsets.get(partition, 'none')}, as broker {told.broker} said"


def _committed_less(journal: Journal) -> Less:
    """Members one after the other: none should have been able to commit less than another had before it asked."""
    for each in journal.acknowledged:
        floor = _floor(journal.acknowledged, each.begun)
        for partition, offset in each.offsets.items():
            if offset < floor.get(partition, 0):
                told = f"{each.member} commits {offset} at {_seconds(each.ended)}"
                yield partition, f"{floor[partition]} or more, which was committed", told


def _began_before(journal: Journal) -> Less:
    """A member that begins before what was committed when it was assigned the partition."""
    for each in journal.began:
        least = _floor(journal.acknowledged, each.since).get(each.partition, 0)
        if each.offset < least:
            yield each.partition, f"whoever goes on begins at {least} or later", _beginning(each)


def _beginning(each: Began) -> str:
    return f"{each.member} begins at {each.offset} at {_seconds(each.at)}"


def _floor(commits: Collection[Commit], at: int) -> dict[int, int]:
    """What was committed for certain at a moment: by partition the highest offset that was acknowledged before."""
    found: dict[int, int] = {}
    for each in commits:
        if each.ended <= at:
            for partition, offset in each.offsets.items():
                found[partition] = max(offset, found.get(partition, 0))
    return found


def differing(journal: Journal) -> list[Problem]:
    """What the coordinator said last, against what the members committed last, once all is quiet."""
    told = journal.told[-1].offsets if journal.told else {}
    tried: dict[int, list[Commit]] = {}
    for each in journal.commits:
        for partition in each.offsets:
            tried.setdefault(partition, []).append(each)
    found = []
    for partition, commits in sorted(tried.items()):
        known = [each for each in commits if not each.error]
        later = [each for each in commits if not known or each.begun >= known[-1].ended]
        possible = {each.offsets[partition] for each in [*known[-1:], *later]}
        if known and told.get(partition) not in possible:
            expected = " or ".join(map(str, sorted(possible)))
            found.append(
                Problem("committed-differs", f"{journal.topic}/{partition}", expected, told.get(partition, "nothing committed"))
            )
    return found


def stalled(journal: Journal, since: int, until: int, limit: float) -> list[Problem]:
    """`since`, `until`: a time of the history in which records came in. No commit acknowledged for longer than `limit` s."""
    moments = [since, *(each.ended for each in journal.acknowledged if since < each.ended < until), until]
    longest, began = max((after - before, before) for before, after in pairwise(moments))
    if longest <= limit * 1e6:
        return []
    told = f"none for {longest / 1e6:.2f} s from {_seconds(began)} on"
    return [Problem("commits-stalled", journal.group, f"offsets are committed again within {limit:.2f} s", told)]


def succeeded(journal: Journal, victim: int, since: int, limit: float) -> list[Problem]:
    """`since`: when its broker failed. Another has to tell of the group, no commit being under way, in time (seconds)."""
    others = [each for each in journal.told if each.broker != victim and each.at >= since]
    seconds = (others[0].at - since) / 1e6 if others else None
    if seconds is not None and seconds <= limit:
        return []
    found = "none" if seconds is None else f"broker {others[0].broker} after {seconds:.2f} s"
    return [Problem("no-new-coordinator", journal.group, f"another than {victim} within {limit:.2f} s", found)]


# --- what is read


def behind(history: History, members: Collection[str]) -> list[Problem]:
    """Partitions whose end no member has reached; what they passed over is for `accounting.left_out` to say."""
    ends: dict[int, int] = {}
    reached: Counter[int] = Counter()
    for each in history.operations:
        if isinstance(each, End):
            ends[each.partition] = each.end
        elif isinstance(each, Read) and each.consumer in members:
            reached[each.partition] = max(reached[each.partition], each.offset + len(each.values))
    return [
        Problem("group-behind", f"{history.header.topic}/{partition}", f"the group is given all {end} records", f"up to {last}")
        for partition, end in sorted(ends.items())
        if (last := reached[partition]) < end
    ]


def _seconds(at: int) -> str:
    return f"{at / 1e6:.3f} s"

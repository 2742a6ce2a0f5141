"""The judges of replication by what clients are told: where replicas are, who leads, what is committed, what each holds."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labs.kafka.metadata import Metadata, Partition
from labs.kafka.views import Place
from labs.problem import Problem
from suites.kafka.cluster import Views, silent, spoken

if TYPE_CHECKING:  # what asks has kafka-python in it
    from labs.kafka.log_dirs import LogDir


# --- where replicas are


def placement_problems(topic: str, assignment: Mapping[int, Sequence[int]], views: Views) -> list[Problem]:
    """What each broker shows otherwise than a topic was laid out: its replicas, all in sync, the first of which leads."""
    found = silent(views)
    for broker, view in spoken(views).items():
        shown = _partitions(view, topic)
        for number, replicas in assignment.items():
            where = f"{topic}-{number}, broker {broker}"
            found += _misplaced(where, replicas, shown[number]) if number in shown else [_unknown(where)]
    return found


def _misplaced(where: str, replicas: Sequence[int], seen: Partition) -> Iterator[Problem]:
    if seen.replicas != tuple(replicas):
        yield Problem("wrong-replicas", where, list(replicas), list(seen.replicas))
    yield from _not_in_sync(where, seen)
    if seen.leader != replicas[0]:
        yield Problem("leader-not-preferred", where, f"leader {replicas[0]}", f"leader {seen.leader}")


def _not_in_sync(where: str, seen: Partition) -> Iterator[Problem]:
    if not seen.full:
        yield Problem("isr-not-full", where, f"{list(seen.replicas)} in sync, and a leader", f"{list(seen.isr)}, {seen.leader}")


def living_problems(brokers: Collection[int], replicas: int, refusal: str) -> list[Problem]:
    """`refusal`: why a topic with so many replicas, to be led by all brokers, is not made; "" when it is."""
    wanted = f"{replicas} replicas a partition, led by each of {list(brokers)}"
    return [Problem("leaders-not-spread", "a new topic", wanted, refusal)] if refusal else []


def spread_problems(topic: str, partitions: int, replicas: int, brokers: Collection[int], views: Views) -> list[Problem]:
    """What each broker shows of a topic that the cluster has laid out itself, in twice as many partitions as brokers or more.

    So many replicas a partition, each on a broker of its own and in sync; and every broker leads its share, where it is in
    no rack: else racks take turns, whatever brokers they have.
    """
    found = silent(views)
    for broker, view in spoken(views).items():
        shown = _partitions(view, topic)
        found += [_unknown(f"{topic}-{number}, broker {broker}") for number in range(partitions) if number not in shown]
        for number, seen in shown.items():
            found += _scattered(f"{topic}-{number}, broker {broker}", replicas, seen)
        found += _uneven(f"{topic}, broker {broker}", brokers, view, shown) if shown else []
    return found


def _scattered(where: str, replicas: int, seen: Partition) -> Iterator[Problem]:
    if len(seen.replicas) != replicas or len(set(seen.replicas)) != len(seen.replicas):
        yield Problem("wrong-replicas", where, f"{replicas} brokers", list(seen.replicas))
    yield from _not_in_sync(where, seen)


def _uneven(where: str, brokers: Collection[int], view: Metadata, shown: Mapping[int, Partition]) -> Iterator[Problem]:
    led = Counter(dict.fromkeys(brokers, 0))
    led.update(seen.leader for seen in shown.values() if seen.leader >= 0)
    least, most = min(led.values()), max(led.values())
    racks = any(end.rack is not None for end in view.brokers.values())
    if least == 0 or (not racks and most - least > 1):
        told = ", ".join(f"{count} by {broker}" for broker, count in sorted(led.items()))
        yield Problem("leaders-not-spread", where, f"{len(shown)} partitions led by {len(led)} brokers in equal shares", told)


def _partitions(view: Metadata, topic: str) -> Mapping[int, Partition]:
    seen = view.topics.get(topic)
    return seen.partitions if seen is not None and not seen.error else {}


def _unknown(where: str) -> Problem:
    return Problem("unknown-partition", where, "known", "not known")


# --- what is committed


@dataclass(frozen=True)
class Sent:
    """A record, by its name, and what became of it: `offset` where it was acknowledged, else `error`, why not.

    `end`: the offset up to which the partition could be read, asked when the record was acknowledged; None: nobody said.
    """

    place: Place
    name: str
    offset: int | None
    error: str = ""
    end: int | None = None


def commit_problems(sent: Sequence[Sent], read: Mapping[tuple[Place, int], str]) -> list[Problem]:
    """Records that were not acknowledged, or could not be read when they were; `read`: names by place and offset."""
    return refusals(sent) + [problem for each in sent for problem in _uncommitted(each, read)]


def refusals(sent: Sequence[Sent]) -> list[Problem]:
    """Records that were not acknowledged."""
    return [
        Problem("not-acknowledged", f"{each.place[0]}-{each.place[1]}", f"{each.name!r} is acknowledged", each.error)
        for each in sent
        if each.offset is None
    ]


def _uncommitted(each: Sent, read: Mapping[tuple[Place, int], str]) -> Iterator[Problem]:
    if each.offset is None:
        return
    where = f"{each.place[0]}-{each.place[1]}"
    if each.end is None or each.end <= each.offset:
        told = "nobody says" if each.end is None else f"{each.end}"
        yield Problem("not-committed", f"{where}, offset {each.offset}", f"an end of {each.offset + 1} or more", told)
    seen = read.get((each.place, each.offset))
    if seen != each.name:
        yield Problem("not-readable", f"{where}, offset {each.offset}", repr(each.name), repr(seen) if seen else "nothing")


# --- what each replica holds


def size_problems(replicas: Mapping[Place, Sequence[int]], dirs: Mapping[int, Sequence["LogDir"]]) -> list[Problem]:
    """Replicas of a partition that a broker lacks or that are not as large as the others, by each broker's own word.

    Replicas are equal byte for byte, but for what is cleaned: nothing of a topic of a few seconds' age.
    """
    found = []
    for place, brokers in replicas.items():
        sizes = {broker: _size(dirs.get(broker, ()), place) for broker in brokers}
        most = max((size for size in sizes.values() if size is not None), default=0)
        found += [
            Problem("replica-behind", f"{place[0]}-{place[1]}, broker {broker}", f"{most or 'some'} bytes", _bytes(size))
            for broker, size in sizes.items()
            if size != most or not most
        ]
    return found


def dir_problems(dirs: Mapping[int, Sequence["LogDir"]]) -> list[Problem]:
    """Log directories that a broker has given up."""
    return [
        Problem("log-dir-failed", f"broker {broker}: {each.path or 'a log directory'}", "in order", each.error)
        for broker, some in dirs.items()
        for each in some
        if each.error
    ]


def _size(dirs: Sequence["LogDir"], place: Place) -> int | None:
    """Of the replica that is in use; None where there is none."""
    found = [each.replicas[place].size for each in dirs if place in each.replicas and not each.replicas[place].future]
    return found[0] if found else None


def _bytes(size: int | None) -> str:
    return "no replica" if size is None else f"{size} bytes"

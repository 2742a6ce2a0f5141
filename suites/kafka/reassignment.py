"""The judges of what an administrator asked for: where replicas are to be, and who is to lead."""

from collections.abc import Mapping, Sequence

from labs.kafka.metadata import Metadata, Partition
from labs.problem import Problem

Views = Mapping[int, Metadata | str]
"""What each broker says; in place of one that does not answer, why."""
DONE, NOT_NEEDED = "NoError", "ElectionNotNeededError"


def taken_problems(topic: str, number: int, wanted: Sequence[int], answer: str | None) -> list[Problem]:
    """Of a request for these replicas; `answer`: the name of Kafka's error, None where the cluster takes it."""
    where = f"{topic}-{number}"
    return [Problem("reassignment-refused", where, f"replicas {list(wanted)} are taken", answer)] if answer else []


def placed_problems(views: Views, topic: str, number: int, wanted: Sequence[int]) -> list[Problem]:
    """What a broker shows of a partition that is not on exactly the wanted brokers, in that order, all of them in sync."""
    return [
        Problem("not-moved", f"{topic}-{number}, broker {broker}", f"replicas {list(wanted)}, all in sync", _placed(found))
        for broker, view in views.items()
        if (found := _partition(view, topic, number)) is None or found.replicas != tuple(wanted) or not found.full
    ]


def elected_problems(views: Views, topic: str, number: int, leader: int, answers: Sequence[str]) -> list[Problem]:
    """`answers`: what the cluster said to each request for an election, by the name of Kafka's error.

    One of them has to have been carried out: where the cluster elects preferred leaders by itself, it may have come first.
    """
    where = f"{topic}-{number}"
    if DONE not in answers:
        return [Problem("not-elected", where, f"{leader} is elected when that is asked for", list(answers) or "no answer")]
    return [
        Problem("not-led", f"{where}, broker {broker}", f"led by {leader}", found.leader if found else "unknown")
        for broker, view in views.items()
        if (found := _partition(view, topic, number)) is None or found.leader != leader
    ]


def _partition(view: Metadata | str, topic: str, number: int) -> Partition | None:
    known = None if isinstance(view, str) else view.topics.get(topic)
    return known.partitions.get(number) if known else None


def _placed(found: Partition | None) -> str:
    return "unknown" if found is None else f"replicas {list(found.replicas)}, {list(found.isr)} in sync"

"""Who read what is shown to people: looked up in the history for these few records alone."""

from collections.abc import Collection, Mapping

from labs.kafka.operations import Foreign, History, Read
from suites.kafka.accounting.finding import seconds

Place = tuple[int, int]
"""Partition and offset."""


def witnesses(history: History, places: Collection[Place]) -> Mapping[Place, str]:
    """By place, the consumers that read there, the first one's time with it."""
    found: dict[Place, dict[str, int]] = {place: {} for place in places}
    for each in history.operations if found else ():
        if isinstance(each, Read | Foreign):
            count = len(each.values) if isinstance(each, Read) else 1
            for place in _within(found, each.partition, each.offset, count):
                found[place].setdefault(each.consumer, each.at)
    return {place: _told(readers) for place, readers in found.items() if readers}


def _within(found: Mapping[Place, object], partition: int, first: int, count: int) -> list[Place]:
    return [place for place in found if place[0] == partition and first <= place[1] < first + count]


def _told(readers: Mapping[str, int]) -> str:
    first, at = next(iter(readers.items()))
    others = f", and {', '.join(list(readers)[1:])}" if len(readers) > 1 else ""
    return f"read by {first} at {seconds(at)}{others}"

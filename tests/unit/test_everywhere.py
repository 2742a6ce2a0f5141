"""Work on many nodes at once is on the timeline of the test that asks for it."""

from dataclasses import dataclass

import pytest

from labs import timeline
from labs.observe.everywhere import everywhere


@dataclass(frozen=True)
class Place:
    name: str


@pytest.mark.parametrize("count", [1, 2, 30])
def test_what_is_done_everywhere_is_noted_and_counted(count: int) -> None:
    def work(place: Place) -> str:
        timeline.note(place.name)
        timeline.count_fault()
        return place.name

    places = [Place(f"n{number}") for number in range(count)]
    with timeline.recorded() as recorded:
        assert list(everywhere(places, work).values()) == [place.name for place in places]
    assert sorted(event for _, event in recorded.events) == sorted(place.name for place in places)
    assert recorded.faults == count


def test_without_a_test_nothing_is_noted() -> None:
    everywhere([Place("n1"), Place("n2")], lambda place: timeline.note(place.name))
    with timeline.recorded() as recorded:
        pass
    assert recorded.events == []

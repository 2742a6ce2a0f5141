"""The judge of what a cluster makes of a broker that is gone, and back."""

from labs.kafka.metadata import Endpoint, Metadata, Partition, Topic
from suites.kafka.robustness import absent, lingering


def view(brokers: tuple[int, ...], isr: tuple[int, ...]) -> Metadata:
    seen = Partition(0, 1, 3, (1, 2, 3), isr, ())
    ends = {id: Endpoint(f"h{id}", 9093, None) for id in brokers}
    return Metadata("c", 1, ends, {"t": Topic(0, internal=False, partitions={0: seen})})


WITH, WITHOUT = view((1, 2, 3), (1, 2, 3)), view((1, 2), (1, 2))


def test_one_that_nobody_counts_on_is_gone_whatever_it_says_itself() -> None:
    assert lingering("t", 3, {1: WITHOUT, 2: WITHOUT, 3: WITH}) == []
    assert lingering("t", 3, {1: WITHOUT, 2: WITHOUT, 3: "no answer"}) == []


def test_who_still_counts_on_it_is_named() -> None:
    found = lingering("t", 3, {1: WITHOUT, 2: view((1, 2, 3), (1, 2)), 3: WITH})
    assert [(each.kind, each.where) for each in found] == [("still-a-member", "broker 2")]
    found = lingering("t", 3, {1: view((1, 2), (1, 2, 3)), 2: "silent"})
    assert [(each.kind, each.where) for each in found] == [("no-answer", "broker 2"), ("isr-not-shrunk", "t-0, broker 1")]


def test_who_does_not_know_it_again_is_named() -> None:
    assert absent(3, {1: WITH, 2: WITH, 3: WITHOUT}) == []
    assert [each.where for each in absent(3, {1: WITH, 2: WITHOUT, 3: WITH})] == ["broker 2"]

"""How long nothing was acknowledged, on histories written by hand."""

import pytest

from labs.kafka.operations import Header, History, Outcome, Read, Write
from suites.kafka.accounting import Rate, outage, rates

CLOCK = 1000.0
"""When the history began, on the monotonic clock."""


def sent(begun: int, ended: int, partition: int = 0, outcome: Outcome = "ok") -> Write:
    """Times in milliseconds."""
    return Write(0, begun, "k", partition, 1000 * begun, 1000 * ended, outcome, 0)


def history(*writes: Write) -> History:
    return History(Header("t", 2, clock=CLOCK), writes)


STEADY = [sent(at, at + 5) for at in range(0, 1000, 10)]
BROKEN = [sent(at, at + 5 if at < 300 else max(at, 700) + 5) for at in range(0, 1000, 10)]


def test_a_steady_flow_has_the_gap_between_two_records() -> None:
    assert outage(history(*STEADY)).ms == 10


def test_an_outage_is_from_the_last_acknowledgement_to_the_next() -> None:
    found = outage(history(*BROKEN))
    assert (found.partition, found.ms, found.began) == (0, 410, CLOCK + 0.295)
    assert str(found) == "partition 0: nothing acknowledged for 410 ms"


def test_acknowledgements_may_come_in_any_order() -> None:
    assert outage(history(*reversed(BROKEN))).ms == 410


def test_the_partition_with_the_longest_counts_unless_one_is_named() -> None:
    both = history(*STEADY, *(each._replace(partition=1) for each in BROKEN))
    assert (outage(both).partition, outage(both).ms) == (1, 410)
    assert outage(both, 0).ms == 10


def test_what_never_came_back_lasts_until_the_last_outcome() -> None:
    assert outage(history(sent(0, 5), sent(10, 800, outcome="info"), sent(20, 600, outcome="fail"))).ms == 795
    assert outage(history(sent(100, 500, outcome="info"))).ms == 400


@pytest.mark.parametrize(("since", "until", "ms"), [(0.2, 0.3, 410), (0.4, None, 410), (None, 0.25, 10), (0.8, None, 10)])
def test_only_what_reaches_into_a_time_counts(since: float | None, until: float | None, ms: float) -> None:
    window = {name: CLOCK + at for name, at in (("since", since), ("until", until)) if at is not None}
    assert outage(history(*BROKEN), **window).ms == ms


def test_where_nothing_was_sent_there_is_no_outage_to_tell() -> None:
    with pytest.raises(ValueError, match="nothing was sent to t/1"):
        outage(history(*STEADY), 1)


def test_rates() -> None:
    reads = History(Header("t", 1), [sent(100, 200), sent(0, 2500, outcome="info"), Read("r", 0, 2_600_000, 0, (1, 2))])
    assert rates(reads) == [Rate(0.0, 1, 0, 0, 0), Rate(1.0, 0, 0, 0, 0), Rate(2.0, 0, 0, 1, 2)]
    assert len(rates(reads, every=0.5)) == 6
    assert rates(History(Header("t", 1), [])) == []

"""The judges of a topic with too few replicas in sync, on histories written by hand."""

from labs.kafka.operations import Header, History, Write
from suites.kafka.min_isr import Attempt, acknowledged_alone, attempted, resumed
from suites.kafka.traffic import failed_writes
from suites.kafka.two_gone import sent_once

CLOCK = 1000.0


def write(number: int, ended: float, outcome: str = "ok", error: str = "-", producer: int = 0) -> Write:
    """`ended` in seconds since the history began."""
    at = int(1e6 * ended)
    return Write(producer, number, "k", 0, at - 250_000, at, outcome, number, error=error)  # type: ignore[arg-type]


def history(*writes: Write) -> History:
    return History(Header("t", 1, clock=CLOCK), writes)


def test_what_is_acknowledged_while_too_few_are_in_sync_is_found() -> None:
    [problem] = acknowledged_alone(history(write(0, 1.0), write(1, 5.0), write(2, 6.0)), CLOCK + 2, CLOCK + 10)
    assert (problem.kind, problem.found) == ("acknowledged-below-min-isr", "2 acknowledged")


def test_what_was_sent_before_and_what_is_acknowledged_after_the_heal_is_not() -> None:
    before = write(0, 4.5)._replace(begun=1_900_000)
    seen = history(before, write(1, 5.0, "info", "KafkaTimeoutError"), write(2, 10.1))
    assert acknowledged_alone(seen, CLOCK + 2, CLOCK + 10) == []


REFUSED = Attempt("fail", "NotEnoughReplicasError", 0.1)
UNKNOWN = Attempt("info", "RequestTimedOutError", 1.5)


def test_a_record_is_refused_at_once_where_controllers_live() -> None:
    assert attempted(REFUSED, controllers=True, limit=2.0) == []
    assert [each.kind for each in attempted(UNKNOWN, controllers=True, limit=2.0)] == ["not-refused"]
    late = Attempt("fail", "NotEnoughReplicasError", 2.5)
    assert [each.kind for each in attempted(late, controllers=True, limit=2.0)] == ["not-refused"]


def test_a_record_is_indeterminate_where_the_quorum_is_gone() -> None:
    assert attempted(UNKNOWN, controllers=False, limit=2.0) == []
    assert [each.kind for each in attempted(REFUSED, controllers=False, limit=2.0)] == ["refused"]


def test_a_record_that_is_acknowledged_is_wrong_anywhere() -> None:
    for controllers in (True, False):
        found = attempted(Attempt("ok", "-", 0.1), controllers=controllers, limit=2.0)
        assert [each.kind for each in found] == ["acknowledged-below-min-isr"]


def test_writes_resume_by_themselves_or_that_is_told() -> None:
    assert resumed(history(write(0, 1.0), write(1, 12.5)), CLOCK + 10, 3.0) == []
    [late] = resumed(history(write(0, 1.0), write(1, 14.0)), CLOCK + 10, 3.0)
    assert (late.kind, late.found) == ("writes-not-resumed", "after 4.00 s")
    [never] = resumed(history(write(0, 1.0)), CLOCK + 10, 3.0)
    assert never.found == "none"


def test_the_record_that_is_sent_once_is_told_from_the_load() -> None:
    seen = history(write(0, 1.0), write(0, 3.0, "fail", "NotEnoughReplicasError", producer=1))
    assert sent_once(seen) == Attempt("fail", "NotEnoughReplicasError", 0.25)
    assert failed_writes(seen, but=1) == []
    assert len(failed_writes(seen)) == 1

"""The judges of a topic of which fewer replicas are in sync than acks=all asks for (min.insync.replicas)."""

from dataclasses import dataclass

from labs.kafka.operations import History, Write
from labs.problem import Problem


@dataclass(frozen=True)
class Attempt:
    """One record, sent once: what became of it (`Write.outcome`), by which error, after how many seconds."""

    outcome: str
    error: str
    seconds: float

    def __str__(self) -> str:
        word = {"ok": "acknowledged", "fail": "refused", "info": "indeterminate"}[self.outcome]
        return f"{word} ({self.error}) after {self.seconds:.2f} s"


def acknowledged_alone(history: History, since: float, until: float) -> list[Problem]:
    """Records that were sent and acknowledged between two moments (of time.monotonic) at which too few were in sync.

    What was sent before may be acknowledged later: a replica that had it when it died is in the ISR until that is known.
    """
    shift = history.header.clock
    found = [
        each
        for each in history.operations
        if isinstance(each, Write)
        and each.outcome == "ok"
        and since < shift + each.begun / 1e6
        and shift + each.ended / 1e6 < until
    ]
    told = f"none in {until - since:.1f} s"
    return [Problem("acknowledged-below-min-isr", history.header.topic, told, f"{len(found)} acknowledged")] if found else []


def attempted(attempt: Attempt, *, controllers: bool, limit: float) -> list[Problem]:
    """Of one record sent while two of three brokers are gone.

    Where `controllers` live the ISR has shrunk, and the record is refused at once. Where the quorum is gone too, the leader
    waits for replicas that are in sync by all that it knows: the record is in its log, and nobody can say what becomes of it.
    """
    if attempt.outcome == "ok":
        return [Problem("acknowledged-below-min-isr", "one record, sent once", "no acknowledgement", attempt)]
    if not controllers:
        return (
            [] if attempt.outcome == "info" else [Problem("refused", "one record, sent once", "an indeterminate end", attempt)]
        )
    if attempt.error == "NotEnoughReplicasError" and attempt.seconds <= limit:
        return []
    return [Problem("not-refused", "one record, sent once", f"NotEnoughReplicasError within {limit:.1f} s", attempt)]


def resumed(history: History, since: float, limit: float) -> list[Problem]:
    """Partitions for which nothing was acknowledged in so many seconds from a moment on."""
    shift = history.header.clock
    acknowledged = [each for each in history.operations if isinstance(each, Write) and each.outcome == "ok"]
    found = []
    for partition in range(history.header.partitions):
        after = [shift + each.ended / 1e6 - since for each in acknowledged if each.partition == partition]
        first = min((seconds for seconds in after if seconds > 0), default=None)
        if first is None or first > limit:
            told = "none" if first is None else f"after {first:.2f} s"
            where, expected = f"{history.header.topic}-{partition}", f"an acknowledgement within {limit:.2f} s"
            found.append(Problem("writes-not-resumed", where, expected, told))
    return found

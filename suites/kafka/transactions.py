"""The judges of transactions, beside those of histories: what producers were told, and when readers were given something."""

from collections.abc import Iterable

from labs.kafka.operations import History, Read, Transaction, Write
from labs.kafka.transactor import Step
from labs.problem import Problem

FENCED = ("ProducerFenced", "InvalidProducerEpoch")
"""What the errors are called by which an older producer learns of a newer one; the client wraps one into another."""


def refused(steps: Iterable[Step]) -> list[Problem]:
    """Steps that were not done, of producers that nothing stands in the way of."""
    return [
        Problem("transaction-refused", _where(step), "done", step.error) for step in steps if step.error and not step.superseded
    ]


def not_fenced(steps: Iterable[Step]) -> list[Problem]:
    """Steps of producers that have a successor: none may be done, and each producer has to be told why at least once.

    After that its client refuses what it is asked to do by itself, for reasons of its own.
    """
    late = [step for step in steps if step.superseded]
    told = {step.producer for step in late if any(word in step.error for word in FENCED)}
    found = [
        Problem("not-fenced", _where(step), "refused", step.error or "done")
        for step in late
        if not step.error or step.unanswered
    ]
    for producer in sorted({step.producer for step in late} - told):
        errors = [step.error for step in late if step.producer == producer and step.error]
        found.append(Problem("not-fenced", producer, f"told why: {' or '.join(FENCED)}", errors or "never refused"))
    return found


def _where(step: Step) -> str:
    return f"{step.producer}: {step.what}"


def commits_stalled(history: History, since: int, limit: float) -> list[Problem]:
    """`since`: microseconds of the history. The first commit after it has to be acknowledged in time (seconds)."""
    ended = min((each.ended for each in _committed(history) if each.ended >= since), default=None)
    return _late("commits-stalled", history, "a transaction is committed", since, ended, limit)


def reading_stalled(history: History, since: int, reader: str, limit: float) -> list[Problem]:
    """What was committed first after `since` has to be given to a reader in time, which means that it passed all before."""
    first = min((each for each in _committed(history) if each.ended >= since), key=lambda each: each.ended, default=None)
    if first is None:
        return []  # what there is to be told of it stands in `commits_stalled`
    values = {each.value for each in history.operations if isinstance(each, Write) and each.transaction == first.number}
    read = min(
        (
            each.at
            for each in history.operations
            if isinstance(each, Read) and each.consumer == reader and not values.isdisjoint(each.values)
        ),
        default=None,
    )
    return _late("reading-stalled", history, f"{reader} is given transaction {first.number}", first.ended, read, limit)


def _committed(history: History) -> Iterable[Transaction]:
    return (each for each in history.operations if isinstance(each, Transaction) and each.ending == "committed")


def _late(kind: str, history: History, what: str, since: int, seen: int | None, limit: float) -> list[Problem]:
    seconds = None if seen is None else (seen - since) / 1e6
    if seconds is not None and seconds <= limit:
        return []
    found = "never" if seconds is None else f"after {seconds:.2f} s"
    return [Problem(kind, history.header.topic, f"{what} within {limit:.2f} s", found)]

"""The judges of what clients did while something failed, beside those of `accounting`."""

from collections import Counter
from collections.abc import Mapping

from labs.kafka.operations import History, Write
from labs.problem import Problem
from suites.kafka.accounting import Outage, outage


def outages(history: History, since: float, until: float | None = None) -> list[Outage]:
    """The longest of each partition that was written to."""
    return [outage(history, partition, since=since, until=until) for partition in range(history.header.partitions)]


def outage_problems(topic: str, found: list[Outage], limit: float) -> list[Problem]:
    """Partitions for which nothing was acknowledged for longer than `limit` (seconds)."""
    return [
        Problem(
            "outage-too-long",
            f"{topic}-{each.partition}",
            f"records acknowledged again within {1000 * limit:.0f} ms",
            f"none for {each.ms:.0f} ms",
        )
        for each in found
        if each.ms > 1000 * limit
    ]


def stalled(topic: str, before: Mapping[int, int], now: Mapping[int, int], records: int) -> list[Problem]:
    """Partitions of which not so many more records are acknowledged than `before`; both are counts by partition."""
    return [
        Problem("writes-not-resumed", f"{topic}-{number}", f"{records} more records acknowledged", now.get(number, 0) - count)
        for number, count in before.items()
        if now.get(number, 0) < count + records
    ]


def failed_writes(history: History, but: int | None = None) -> list[Problem]:
    """Records that were refused, or whose fate the client does not know; of all producers `but` one."""
    errors: Counter[tuple[int, str, str]] = Counter(
        (each.partition, each.outcome, each.error)
        for each in history.operations
        if isinstance(each, Write) and each.outcome != "ok" and each.producer != but
    )
    words = {"fail": "refused", "info": "indeterminate"}
    return [
        Problem(
            "writes-failed",
            f"{history.header.topic}-{partition}",
            "every record is acknowledged",
            f"{count} {words[outcome]}: {error}",
        )
        for (partition, outcome, error), count in sorted(errors.items())
    ]

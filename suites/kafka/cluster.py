"""The judges of a cluster: who is a member, by each broker's own word."""

from collections.abc import Collection, Mapping

from labs.kafka.metadata import Metadata
from labs.problem import Problem

Views = Mapping[int, Metadata | str]
"""What each broker says; in place of one that does not answer, why."""


def silent(views: Views) -> list[Problem]:
    """The brokers that do not answer."""
    return [
        Problem("no-answer", f"broker {broker}", "metadata", view) for broker, view in views.items() if isinstance(view, str)
    ]


def member_problems(ids: Collection[int], views: Views) -> list[Problem]:
    """A broker that does not answer, knows too few, or knows one that nobody has declared."""
    found = silent(views)
    for broker, view in views.items():
        if isinstance(view, str):
            continue
        missing, strange = sorted(set(ids) - set(view.brokers)), sorted(set(view.brokers) - set(ids))
        if missing:
            found.append(Problem("missing-broker", f"broker {broker}", sorted(ids), f"{missing} missing"))
        if strange:
            found.append(Problem("unknown-broker", f"broker {broker}", sorted(ids), f"{strange} too"))
    return found

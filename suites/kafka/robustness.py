"""The judge of what a cluster makes of a broker that is cut off: it goes on without it."""

from labs.kafka.metadata import Metadata
from labs.problem import Problem
from suites.kafka.cluster import Views, silent, spoken


def lingering(topic: str, gone: int, views: Views) -> list[Problem]:
    """Brokers, that one left aside, which still show it in sync, or as a member."""
    others = {broker: view for broker, view in views.items() if broker != gone}
    return silent(others) + [
        problem for broker, view in spoken(others).items() for problem in _shown(topic, gone, broker, view)
    ]


def _shown(topic: str, gone: int, broker: int, view: Metadata) -> list[Problem]:
    found = [Problem("still-a-member", f"broker {broker}", f"no broker {gone}", "there")] if gone in view.brokers else []
    partitions = view.topics[topic].partitions if topic in view.topics else {}
    return found + [
        Problem("isr-not-shrunk", f"{topic}-{number}, broker {broker}", f"an ISR without {gone}", list(seen.isr))
        for number, seen in partitions.items()
        if gone in seen.isr
    ]


def absent(back: int, views: Views) -> list[Problem]:
    """Other brokers that do not know yet that one is back."""
    return [
        Problem("not-registered", f"broker {broker}", f"broker {back}", sorted(view.brokers))
        for broker, view in spoken(views).items()
        if broker != back and back not in view.brokers
    ]

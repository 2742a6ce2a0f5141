"""The judges of a failover: from what each broker showed of leaders and ISRs, and what clients did meanwhile."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from labs.kafka.metadata import Partition
from labs.kafka.views import (
    Condition,
    Place,
    View,
    at,
    first,
    full_isr,
    isr_without,
    leaders,
    led_by_another,
    of,
    preferred,
)
from labs.problem import Problem
from suites.kafka.limits import Limits


@dataclass(frozen=True)
class Failover:
    """What was seen of it; moments are those of time.monotonic.

    `victim`: the broker that failed, None where it was a controller on a node of its own. `broken`: when the fault began,
    `mending`: when its heal did; `healed`: when its daemon answered again, None while it does not yet. `stored`: how
    partitions were when the fault began, where brokers are told of it late. `enough`: the size of an ISR below which who
    leaves it may still lead (KIP-966, eligible leader replicas); 0 where there is no such thing.
    """

    places: Sequence[Place]
    brokers: Collection[int]
    victim: int | None
    views: Sequence[View]
    broken: float
    mending: float
    healed: float | None = None
    stored: Sequence[View] = ()
    enough: int = 0

    @property
    def survivors(self) -> list[int]:
        return [each for each in self.brokers if each != self.victim]

    @property
    def struck(self) -> Sequence[Place]:
        """The partitions of which the victim has a replica; here it has one of each."""
        return self.places if self.victim is not None else ()

    @property
    def orphaned(self) -> list[Place]:
        """The partitions that the victim led."""
        return [place for place in self.struck if _leader(self.views, place, self.broken) == self.victim]

    def seen_by(self, broker: int) -> list[View]:
        return [view for view in self.views if view.broker == broker]


def problems(failover: Failover, limits: Limits) -> list[Problem]:
    """All of a failover that is over."""
    return [*overcome(failover, limits), *unclean(failover), *recovered(failover, limits)]


# --- while the fault is in force


def overcome(failover: Failover, limits: Limits) -> list[Problem]:
    """Every broker that is left shows, in time, a new leader where the victim led, and each ISR without it."""
    if failover.victim is None:
        return []
    leading = _shown(failover, failover.orphaned, led_by_another(failover.victim), limits.succession)
    shrinking = _shown(failover, failover.struck, isr_without(failover.victim), limits.shrink)
    return [
        *(
            Problem("no-new-leader", where, f"another leader than {failover.victim} {time}", seen)
            for where, time, seen in leading
        ),
        *(
            Problem("isr-not-shrunk", where, f"an ISR without {failover.victim} {time}", seen)
            for where, time, seen in shrinking
        ),
    ]


def _shown(failover: Failover, places: Sequence[Place], condition: Condition, limit: float) -> Iterator[tuple[str, str, str]]:
    """Where a survivor does not show what it should: the place, the limit, what it showed instead."""
    for broker in failover.survivors:
        views = failover.seen_by(broker)
        for place in places:
            seconds = first(views, place, condition, failover.broken)
            if seconds is None or seconds > limit:
                shown = _last(views, place) if seconds is None else f"so after {seconds:.2f} s"
                yield f"{place[0]}-{place[1]}, broker {broker}", f"within {limit:.2f} s", shown


def not_succeeded(where: str, gone: int, found: int | None) -> list[Problem]:
    """`found`: who is the active controller, in the quorum or in the cluster, while one is gone; None: nobody."""
    if found not in (None, gone):
        return []
    return [Problem("no-new-controller", where, f"another than {gone}", "none" if found is None else found)]


def unclean(failover: Failover) -> list[Problem]:
    """Leaders that were not in sync when they were elected, and two leaders in one epoch."""
    return [problem for place in failover.places for problem in (*_not_from_isr(failover, place), *_rivals(failover, place))]


def _not_from_isr(failover: Failover, place: Place) -> Iterator[Problem]:
    """An unclean election leaves the new leader alone in the ISR, so that nobody is in the one before and the one after.

    That tells it from a replica that was back in the ISR, and then elected, between two looks.
    """
    isr: set[int] = set()
    eligible: set[int] = set()
    before: Partition | None = None
    for state in merged([*failover.views, *failover.stored], place):
        changed = before is not None and state.leader not in (before.leader, -1)
        if changed and isr and state.leader not in isr | eligible and isr.isdisjoint(state.isr):
            told = f"leader {state.leader}, epoch {state.epoch}, ISR {_ids(state.isr)}"
            yield Problem("leader-not-from-isr", f"{place[0]}-{place[1]}", f"a leader out of the ISR {_ids(isr)}", told)
        eligible = (eligible | isr) - set(state.isr) if len(state.isr) < failover.enough else set()
        isr = set(state.isr) or isr
        before = state


def _rivals(failover: Failover, place: Place) -> Iterator[Problem]:
    for epoch, found in leaders(failover.views, place).items():
        if len(found) > 1:
            yield Problem("two-leaders", f"{place[0]}-{place[1]}, epoch {epoch}", "one leader in an epoch", sorted(found))


def merged(views: Sequence[View], place: Place) -> list[Partition]:
    """The states of a partition in the order in which any broker showed them first; what a broker shows late is none."""
    found: list[Partition] = []
    for view in of(views, place):
        seen = view.seen
        if seen is None or (found and seen.epoch < found[-1].epoch):
            continue
        if (seen.epoch, seen.leader, seen.isr) not in ((each.epoch, each.leader, each.isr) for each in found):
            found.append(seen)
    return found


# --- after the heal


def recovered(failover: Failover, limits: Limits) -> list[Problem]:
    """In time every broker shows each ISR full, and then the preferred leader of each partition."""
    if failover.healed is None:
        return [Problem("not-healed", "the fault", "an end", "none")]
    full, back = limits.rejoin, limits.rejoin + limits.preferred
    asked = [
        ("isr-not-full", "every replica in the ISR", full_isr, full),
        ("preferred-leader-not-back", "the preferred leader leads", preferred, back),
    ]
    return [
        Problem(kind, f"{place[0]}-{place[1]}", f"{what} within {limit:.2f} s of the heal, by every broker's word", seen)
        for place in failover.places
        for kind, what, condition, limit in asked
        if (seen := _late(failover, place, condition, failover.healed, limit))
    ]


def _late(failover: Failover, place: Place, condition: Condition, since: float, limit: float) -> str:
    """What was seen where not every broker showed a partition so in time, and last of all; else nothing."""
    found = [first(failover.seen_by(broker), place, condition, since) for broker in failover.brokers]
    seconds = [each for each in found if each is not None]
    last = at(failover.views, place, float("inf"))
    if len(seconds) < len(found) or not all(view.seen and condition(view.seen) for view in last.values()):
        return "; ".join(map(str, last.values())) or "nobody answered"
    return f"so after {max(seconds):.2f} s" if max(seconds) > limit else ""


def _leader(views: Sequence[View], place: Place, moment: float) -> int | None:
    shown = [view.seen for view in at(views, place, moment).values() if view.seen]
    return max(shown, key=lambda seen: seen.epoch).leader if shown else None


def _last(views: Sequence[View], place: Place) -> str:
    found = of(views, place)
    return str(found[-1]) if found else "it never answered"


def _ids(brokers: Collection[int]) -> str:
    return ",".join(map(str, sorted(brokers)))

"""How long a group may take: by its consumers' settings, the cluster's own times, and a margin that is stated."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from labs.kafka.timing import Timing
from suites.kafka.limits import MARGIN

INITIAL_DELAY = 3.0
"""Seconds that a broker waits for more members of a new group (group.initial.rebalance.delay.ms; the lab's do not)."""


@dataclass(frozen=True)
class GroupLimits:
    """In seconds: `rebalance` from a member's joining or leaving until all are read again; `takeover` from its silent death;

    `coordinator` from the coordinator's death until another answers, and `stall` until offsets are committed again;
    `rejoin` from when a member that was cut off can be reached until it reads again.
    """

    rebalance: float
    takeover: float
    coordinator: float
    stall: float
    rejoin: float

    def __str__(self) -> str:
        return "\n".join(f"{name}: {value:.2f} s" for name, value in asdict(self).items())


def group_limits(timing: Timing, consumer: Mapping[str, float]) -> GroupLimits:
    """`consumer`: the settings that are declared, by kafka-python's names, its own where none is.

    Members learn of a rebalance by their next heartbeat. What hangs in a client ends after `request_timeout_ms`.
    """
    session, heartbeat, request = (
        consumer[name] / 1000 for name in ("session_timeout_ms", "heartbeat_interval_ms", "request_timeout_ms")
    )
    rebalance = INITIAL_DELAY + heartbeat + MARGIN
    return GroupLimits(
        rebalance=rebalance,
        takeover=session + rebalance,
        coordinator=timing.leaderless + MARGIN,
        stall=timing.leaderless + request + rebalance,
        rejoin=request + session + rebalance,
    )

"""How long a failover may take: by the cluster's own times, its clients' settings, and a margin that is stated."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from labs.kafka.timing import Timing

MARGIN = 5.0
"""Seconds: on a machine of few cores, where much else runs, daemons and clients wait for their turn."""


@dataclass(frozen=True)
class Limits:
    """In seconds, from the fault: `succession` until every broker that is left knows who leads instead, `shrink` until the ISR
    is without the one that failed, `outage` until a client's records are acknowledged again.

    From the heal: `rejoin` until the ISR is full; and from then `preferred` until the preferred leader leads. A daemon that is
    restarted has `rejoin` to end, too.
    """

    succession: float
    shrink: float
    outage: float
    rejoin: float
    preferred: float
    told: str

    def __str__(self) -> str:
        rows = [f"{name}: {value:.2f} s" for name, value in asdict(self).items() if name != "told"]
        return "\n".join([*rows, self.told])


def limits(timing: Timing, producer: Mapping[str, float], connect: float) -> Limits:
    """`producer`: the settings that are declared, by kafka-python's names, its own where none is; `connect`: seconds.

    A request that hangs ends after `request_timeout_ms`. There may be two of them: records to a leader that is gone, and
    the question who leads now to a broker that does not know it yet; and a connection that is not taken, which ends after
    `connect`. Then the client connects, or waits, anew.
    """
    waits = 2 * producer["request_timeout_ms"] + producer["reconnect_backoff_max_ms"] + producer["retry_backoff_ms"]
    client = waits / 1000 + connect
    cluster = max(timing.leaderless, timing.shrink)
    return Limits(
        succession=timing.leaderless + MARGIN,
        shrink=timing.shrink + MARGIN,
        outage=cluster + client + MARGIN,
        rejoin=timing.session + timing.election + timing.lag + 2 * MARGIN,
        preferred=2 * timing.imbalance + MARGIN,
        told=(
            f"outage = {cluster:.2f} s (session {timing.session:g}, election {timing.election:g}, lag {timing.lag:g}) "
            f"+ {client:.2f} s (two requests and a connection that hang, a reconnection, a retry) + {MARGIN:g} s of margin"
        ),
    )

"""How long this suite waits: what flannel is configured to take, and a margin."""

from collections.abc import Callable, Sequence

from labs.problem import Problem
from labs.wait import watch

MARGIN = 2.0
"""Seconds on top of flannel's own periods: for its work after a tick, for our looks (ten a second), for a loaded machine.
Recovery was seen to take 9.98 s at most of a period of 10 s."""


RENEWED = 23 * 3600.0
"""Seconds that a lease has left, at least, once it was renewed: flannel leases for 24 h (subnetTTL in its
pkg/subnet/etcd/local_manager.go) and renews an hour before the end (--subnet-lease-renew-margin, 60 minutes)."""

BACKOFF_FIRST, BACKOFF_FACTOR, BACKOFF_JITTER, BACKOFF_MOST = 1.0, 1.6, 0.2, 120.0
"""gRPC's back-off between attempts to connect (DefaultConfig of its backoff package), by which flanneld looks for etcd."""


def news(nodes: int) -> float:
    """Seconds in which each node has to know what became of a lease: 2 s with three nodes, growing evenly to 5 s with thirty.

    The requirement's own figures. All nodes of a lab share its machine's cores: 0.05 s were seen with ten, 0.13 s with thirty.
    """
    return 2.0 + max(0, nodes - 3) * 3.0 / 27


def reconnection(outage: float) -> float:
    """Seconds after an outage of so many seconds in which a flanneld has to have found etcd again, by gRPC's back-off.

    The longest pause that can begin before the outage ends, and a margin; 16.5 s were seen after one of 30 s.
    """
    pause, begins = BACKOFF_FIRST, 0.0
    while begins + pause * (1 - BACKOFF_JITTER) < outage:
        begins += pause * (1 - BACKOFF_JITTER)
        pause = min(pause * BACKOFF_FACTOR, BACKOFF_MOST)
    return pause * (1 + BACKOFF_JITTER) + MARGIN


def never(look: Callable[[], Sequence[Problem]], *, during: float, every: float = 0.1) -> Sequence[Problem]:
    """Look for `during` seconds, every so many, and return the first problems that are seen, if any are."""
    return watch(look, bool, within=during, every=every).last

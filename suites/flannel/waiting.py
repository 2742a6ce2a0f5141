"""How long this suite waits: what flannel is configured to take, and a margin."""

from collections.abc import Callable, Sequence

from labs.problem import Problem
from labs.wait import watch

MARGIN = 2.0
"""Seconds on top of flannel's own periods: for its work after a tick, for our looks (ten a second), for a loaded machine.
Recovery was seen to take 9.98 s at most of a period of 10 s."""


def never(look: Callable[[], Sequence[Problem]], *, during: float, every: float = 0.1) -> Sequence[Problem]:
    """Look for `during` seconds, every so many, and return the first problems that are seen, if any are."""
    return watch(look, bool, within=during, every=every).last

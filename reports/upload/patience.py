"""How long a server is waited for, and what is said meanwhile."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from reports.refstack_server.server import Unreached

T = TypeVar("T")
Say = Callable[[str], None]
FIRST, LONGEST = 1.0, 5.0  # seconds between two tries, unless the server asks for more
LEAST = 2.0  # seconds that a try has, also the last one


@dataclass(frozen=True)
class Patience:
    """So many seconds from now on, for all tries together; `say` is told of each that failed."""

    seconds: float
    say: Say
    start: float = field(default_factory=time.monotonic)

    @property
    def passed(self) -> float:
        return time.monotonic() - self.start

    @property
    def left(self) -> float:
        return self.seconds - self.passed

    @property
    def limit(self) -> float:
        """Seconds that an answer may take now."""
        return max(self.left, LEAST)

    def until_reached(self, ask: Callable[[], T]) -> T:
        """Ask until there is an answer; the last Unreached where there is none in time, or none to be hoped for."""
        pause = FIRST
        while True:
            try:
                return ask()
            except Unreached as trouble:
                left = self.left
                wait = max(min(pause, left), trouble.pause)
                if trouble.final or left <= 0 or wait > left:
                    raise
                self.say(f"{trouble}; again in {wait:.0f} s, until {self.seconds:.0f} s are over")
            time.sleep(wait)
            pause = min(2 * pause, LONGEST)

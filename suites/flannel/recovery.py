"""How long lost routes take to come back: measured from what the audit still misses, look by look."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from labs.problem import Problem


@dataclass
class Stopwatch:
    """When each place was right again. Feed it with what the audit finds at each look."""

    missing: set[str] = field(default_factory=set)
    seconds: dict[str, float] = field(default_factory=dict)

    def look(self, at: float, problems: Sequence[Problem]) -> Sequence[Problem]:
        """Note at `at` seconds which places are right again, and pass the problems on."""
        now = {problem.where for problem in problems}
        for place in self.missing - now:
            self.seconds[place] = at
        self.missing = now
        return problems


def distribution(rounds: Sequence[Stopwatch], limit: float) -> str:
    """The times of all rounds as text: a line a round, a picture by the second, smallest, median and largest."""
    lines = [_line(f"round {number}", list(watch.seconds.values())) for number, watch in enumerate(rounds, 1)]
    every = sorted(seconds for watch in rounds for seconds in watch.seconds.values())
    lines.append(_line(f"all (limit {limit:.0f} s)", every))
    return "\n".join(lines + _picture(every))


def _line(name: str, seconds: Sequence[float]) -> str:
    if not seconds:
        return f"{name}: none came back"
    return f"{name}: {len(seconds)} routes, {min(seconds):.2f} s to {max(seconds):.2f} s, median {median(seconds):.2f} s"


def _picture(seconds: Sequence[float]) -> list[str]:
    if not seconds:
        return []
    counts = [sum(int(s) == second for s in seconds) for second in range(int(max(seconds)) + 1)]
    return [f"{second:3d} s  {'▇' * count} {count}" for second, count in enumerate(counts) if count]


def unhurt(expected: int, problems: Sequence[Problem]) -> list[Problem]:
    """Whether a fault did what it was to do: fewer routes lost than expected would make a recovery mean nothing."""
    lost = len({problem.where for problem in problems})
    return [] if lost >= expected else [Problem("not-lost", "all nodes", f"{expected} routes lost", f"{lost} lost")]

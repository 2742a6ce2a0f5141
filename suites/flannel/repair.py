"""The judges of repair: whether damage was done at all, and what is left of it."""

from collections.abc import Sequence

from labs.problem import Problem


def undamaged(kind: str, problems: Sequence[Problem]) -> list[Problem]:
    """Whether damage of this kind does not show: then its repair would mean nothing."""
    shown = sorted({problem.kind for problem in problems})
    return [] if kind in shown else [Problem("not-damaged", "n1", kind, ", ".join(shown) or "nothing")]


def unrepaired(problems: Sequence[Problem]) -> list[Problem]:
    """What is still wrong, each under one kind: which entry it is, its place tells."""
    return [Problem("unrepaired", f"{each.where}: {each.kind}", each.expected, each.found) for each in problems]

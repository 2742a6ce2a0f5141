"""The judge of what has to be dropped."""

from collections.abc import Sequence

from labs.flannel.observations import Delivery
from labs.problem import Problem


def dropped_problems(deliveries: Sequence[Delivery], kind: str = "let-through") -> list[Problem]:
    """Pairs between which something arrived though nothing should."""
    return [Problem(kind, str(each), "dropped", f"arrived from {each.seen_from}") for each in deliveries if each.arrived]

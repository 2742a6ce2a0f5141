"""Which installed test a requirement of a guideline means: by its name, else by an alias, else by its id. Pure."""

from dataclasses import dataclass
from typing import Literal

from reports.guideline import Requirement
from reports.tempest.installed import Installed

How = Literal["name", "alias", "id", "gone"]


@dataclass(frozen=True)
class Resolution:
    """How a test was found, and its name today; `others` are further installed tests that have the same id.

    Only what is found by name or alias counts in the guideline as it stands, for a RefStack server goes by names alone.
    """

    how: How
    name: str | None
    others: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        return self.how in ("name", "alias")


def resolve(requirement: Requirement, installed: Installed) -> Resolution:
    """The first of its names that is installed; else, of the tests that have its id, the one that is most like it."""
    for name in requirement.names:
        if name in installed.ids:
            return Resolution("name" if name == requirement.test else "alias", name)
    # An id is a hint: a class that inherits tests has their ids too.
    alike = sorted(installed.by_id(requirement.id or ""), key=lambda name: _distance(requirement.test, name))
    return Resolution("id", alike[0], tuple(alike[1:])) if alike else Resolution("gone", None)


def _distance(old: str, new: str) -> tuple[bool, bool, int, str]:
    """Method of another name, class of another name, how little of the way is shared, the name itself."""
    before, after = old.split("."), new.split(".")
    shared = next((at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after)))
    return before[-1] != after[-1], before[-2:-1] != after[-2:-1], -shared, new

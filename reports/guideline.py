"""Guidelines: which tests each program requires. Reads the interop schemas 1.2 to 1.6 and 2.0, add-ons included."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from reports import source_text
from reports.guideline_error import GuidelineError
from reports.masking import shown
from reports.schema import house_rules, model

__all__ = ["Flag", "Guideline", "GuidelineError", "Program", "Requirement", "Status", "parse", "read"]

Status = Literal["required", "advisory", "deprecated", "removed"]
STATUSES: tuple[Status, ...] = get_args(Status)
SHORT = {
    "OpenStack Powered Platform": "platform",
    "OpenStack Powered Compute": "compute",
    "OpenStack Powered Storage": "object",
}


@dataclass(frozen=True)
class Flag:
    """Why a test does not count at present; `versions` are those the failure was seen with ("flanneld 0.28.4")."""

    reason: str
    action: str
    date: str
    versions: tuple[str, ...] = ()

    def __str__(self) -> str:
        seen = ", ".join(filter(None, (*self.versions, self.date)))
        return f"{self.reason} ({seen})" if seen else self.reason

    def to_json(self) -> dict[str, Any]:
        return {"reason": self.reason, "action": self.action, "date": self.date, "versions": list(self.versions)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Flag":
        """Out of what `to_json` made."""
        return cls(**{**data, "versions": tuple(data["versions"])})


@dataclass(frozen=True)
class Requirement:
    """One test of a capability; `id` is a UUID without the "id-" of the files, None where the file has none.

    `required_since` is the guideline that first required the capability, empty where the file does not say.
    """

    test: str
    id: str | None
    aliases: tuple[str, ...]
    capability: str
    status: Status
    flag: Flag | None
    required_since: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which a result of it may stand."""
        return (self.test, *self.aliases)


@dataclass(frozen=True)
class Program:
    """What one can comply with; a test in two capabilities stands twice, and counts twice.

    `lab` is empty where the names of program and suite say which it is. `variants` of it are judged where none is asked for;
    there are none where the lab's own choice will do. It `applies_to` these variants alone, or to all where none is named; one
    that is `on_request` is run when it is asked for by its name, or by giving a lab that it applies to.
    """

    name: str
    short: str
    description: str
    requirements: tuple[Requirement, ...]
    variants: tuple[str, ...] = ()
    lab: str = ""
    applies_to: tuple[str, ...] = ()
    on_request: bool = False


@dataclass(frozen=True)
class Guideline:
    """A dated set of programs; `text` is the file as it was read."""

    id: str
    schema: str
    source: str
    programs: Mapping[str, Program]
    text: bytes
    software: Mapping[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of the file, in hex."""
        return hashlib.sha256(self.text).hexdigest()

    def program(self, name: str) -> Program | None:
        """By its name or its short name, in any case."""
        wanted = name.casefold()
        return next((p for p in self.programs.values() if wanted in (p.name.casefold(), p.short.casefold())), None)


def read(source: str) -> Guideline:
    """Read a path or an http(s) address; GuidelineError says what is wrong with it."""
    return parse(source_text.fetch(source), shown(source))


def parse(data: bytes, source: str) -> Guideline:
    """Make a guideline of the text of a file; `source` is what messages call it."""
    try:
        document = model.validated(source_text.load(data))
        programs = {name: _program(document, name, rule) for name, rule in document.programs().items()}
        if house_rules.apply(document):
            house_rules.check(document)
    except GuidelineError as error:
        raise GuidelineError(f"{source}: {error}") from None
    about = document.metadata
    return Guideline(about.id, about.schema_, source, programs, data, about.software)


def _program(document: model.Document, name: str, rule: model.Programme) -> Program:
    statuses: dict[str, Status] = {}
    for component in rule.components:
        for capability, status in _statuses(document, component, name):
            # A capability that two components name has the stronger of its statuses.
            statuses[capability] = min(status, statuses.get(capability, status), key=STATUSES.index)
    requirements = [r for capability, status in statuses.items() for r in _requirements(document, capability, status)]
    called = short(name, add_on=name in document.add_ons)
    return Program(
        name=name,
        short=called,
        description=rule.description,
        requirements=tuple(requirements),
        variants=tuple(rule.variants),
        lab=rule.lab,
        applies_to=tuple(rule.applies_to),
        on_request=rule.on_request,
    )


def _statuses(document: model.Document, component: model.Reference, program: str) -> list[tuple[str, Status]]:
    held = document.components.get(component.name)
    if held is None:
        elsewhere = f" (it stands in {component.source}, and only one file is read)" if component.source else ""
        raise GuidelineError(f"program {program} names the component {component.name}, which is not in the file{elsewhere}")
    return [(capability, status) for status in STATUSES for capability in held.capabilities.get(status, [])]


def _requirements(document: model.Document, capability: str, status: Status) -> list[Requirement]:
    rule = document.capabilities.get(capability)
    if rule is None and status == "removed":
        return []  # the official files leave removed capabilities out
    if rule is None:
        raise GuidelineError(f"components name the {status} capability {capability}, which is not under capabilities")
    return requirements(capability, status, rule)


def requirements(capability: str, status: Status, rule: model.Capability) -> list[Requirement]:
    """Of what a file says of the tests of a capability."""
    return [
        Requirement(test, _id(of), tuple(of.aliases), capability, status, _flag(of.flagged), rule.required_since)
        for test, of in rule.tests.items()
    ]


def _id(rule: model.Test) -> str | None:
    return rule.idempotent_id.removeprefix("id-") or None


def _flag(rule: model.Flagged | None) -> Flag | None:
    return Flag(rule.reason, rule.action, rule.date, tuple(rule.versions)) if rule else None


def short(name: str, *, add_on: bool = False) -> str:
    """The RefStack server's short name of a program."""
    return name.lower().replace(" ", "_") if add_on else SHORT.get(name, name)

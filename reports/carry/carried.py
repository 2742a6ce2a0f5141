"""A guideline carried forward: what its tests are called in the Tempest that is installed, and what is gone. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from reports import source_text
from reports.guideline import Guideline, GuidelineError, Program, Requirement, parse, requirements
from reports.schema import model
from reports.schema.model import OURS, Capability, Document
from reports.tempest.installed import Installed
from reports.tempest.resolve import How, Resolution, resolve

REFERENCE = "https://opendev.org/openstack/interop/raw/branch/master/doc/source/schema/2.0.json"
TEMPEST = "https://opendev.org/openstack/tempest"
PARTS = ("method", "class", "module")


@dataclass(frozen=True)
class Line:
    """A test of a capability, and what has become of it; a test in two capabilities has two."""

    requirement: Requirement
    resolution: Resolution

    @property
    def change(self) -> str:
        """ "another class, another module", of a test that has another name today."""
        if self.resolution.name is None:
            return ""
        pairs = zip(PARTS, _parts(self.requirement.test), _parts(self.resolution.name), strict=True)
        return ", ".join(f"another {part}" for part, old, new in pairs if old != new)


def _parts(test: str) -> tuple[str, str, str]:
    path, _, method = test.rpartition(".")
    module, _, group = path.rpartition(".")
    return method, group, module


@dataclass(frozen=True)
class Carried:
    """The guideline as it was, a line for each test of it, and the one for the installed Tempest: a document of schema 2.0."""

    old: Guideline
    installed: Installed
    lines: tuple[Line, ...]
    document: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.document["metadata"]["id"])

    def of(self, program: Program) -> list[Line]:
        """The lines of a program's required tests."""
        known = {(line.requirement.capability, line.requirement.test): line for line in self.lines}
        return [known[each.capability, each.test] for each in program.requirements if each.status == "required"]

    @property
    def emptied(self) -> list[str]:
        """Capabilities no test of which is left."""
        names = dict.fromkeys(line.requirement.capability for line in self.lines)
        return [name for name in names if name not in self.document["capabilities"]]

    @property
    def absent(self) -> dict[str, int]:
        """Packages no test of which is installed, a plugin's say, and how many tests seem gone therefore."""
        there = {name.partition(".")[0] for name in self.installed.ids}
        gone = (line.requirement.test.partition(".")[0] for line in self.lines if line.resolution.how == "gone")
        return dict(Counter(package for package in gone if package not in there))

    @property
    def joined(self) -> dict[str, list[Line]]:
        """By the name of today, the tests of one capability that are one now."""
        today: dict[tuple[str, str], list[Line]] = {}
        for line in self.lines:
            if line.resolution.name is not None:
                today.setdefault((line.requirement.capability, line.resolution.name), []).append(line)
        return {name: of for (_, name), of in today.items() if len(of) > 1}


def counts(lines: Iterable[Line]) -> dict[How, int]:
    """How many were found by name, by alias and by id, and how many are gone."""
    found: dict[How, int] = {"name": 0, "alias": 0, "id": 0, "gone": 0}
    for line in lines:
        found[line.resolution.how] += 1
    return found


def carry(data: bytes, source: str, installed: Installed) -> Carried:
    """Carry the text of a guideline forward; GuidelineError says what is wrong with it."""
    old = parse(data, source)
    if old.id.startswith(OURS):
        raise GuidelineError(f"{source}: {old.id} names the harness's own tests; official guidelines are carried forward")
    document = model.validated(source_text.load(data))
    lines = tuple(Line(each, resolve(each, installed)) for each in _requirements(old, document))
    return Carried(old, installed, lines, _document(old, document, installed, lines))


def _requirements(old: Guideline, document: Document) -> Iterator[Requirement]:
    """Every test of every capability once, as the guideline's reader made it where a program holds it."""
    held = {(each.capability, each.test): each for program in old.programs.values() for each in program.requirements}
    for capability, rule in document.capabilities.items():
        for each in requirements(capability, "removed", rule):
            yield held.get((capability, each.test), each)


def _document(old: Guideline, document: Document, installed: Installed, held: Sequence[Line]) -> dict[str, Any]:
    tests = {
        name: _tests([of for of in held if of.requirement.capability == name], installed) for name in document.capabilities
    }
    whole = document.model_dump(by_alias=True, exclude_defaults=True)
    return {
        "metadata": _metadata(old, installed, held),
        **{part: whole[part] for part in ("platforms", "add-ons") if part in whole},
        "components": {name: _component(of, tests) for name, of in whole["components"].items()},
        "capabilities": {name: _capability(document.capabilities[name], of) for name, of in tests.items() if of},
        "designated_sections": document.designated_sections,
        "test_repositories": {"tempest": {"repository": TEMPEST, "reference": installed.version}},
    }


def _metadata(old: Guideline, installed: Installed, lines: Iterable[Line]) -> dict[str, Any]:
    """Without an approval: this is no official guideline any more. `carried` is ours; the schema lets others' keys be."""
    gone = sorted({line.requirement.test for line in lines if line.resolution.how == "gone"})
    carried = {"from": old.id, "sha256": old.digest, "software": dict(installed.software), "gone": gone}
    id = f"{old.id}-carried-tempest-{installed.version}"
    source = old.source if "://" in old.source else PurePath(old.source).name
    return {"id": id, "schema": "2.0", "reference": REFERENCE, "source": source, "carried": carried}


def _component(component: Mapping[str, Any], tests: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What has no test left is removed: there is nothing that a cloud could pass."""
    held = component["capabilities"]
    empty = [name for status, names in held.items() for name in names if status != "removed" and not tests.get(name)]
    left = {status: [name for name in names if name not in empty] for status, names in held.items()}
    return {**component, "capabilities": {**left, "removed": [*left.get("removed", []), *empty]}}


def _capability(rule: Capability, tests: Mapping[str, Any]) -> dict[str, Any]:
    since = {"required_since": rule.required_since} if rule.required_since else {}
    about = {"achievements": list(dict.fromkeys(rule.achievements)), "admin": rule.admin, "description": rule.description}
    return {**about, "project": rule.project, **since, "tests": dict(tests)}


def _tests(lines: Iterable[Line], installed: Installed) -> dict[str, Any]:
    """By the names of today; two tests that are one today become one, flagged only where both were."""
    today: dict[str, list[Line]] = {}
    for line in lines:
        if line.resolution.name is not None:
            today.setdefault(line.resolution.name, []).append(line)
    return {name: _test(name, installed.ids[name], [line.requirement for line in of]) for name, of in today.items()}


def _test(name: str, id: str | None, before: Sequence[Requirement]) -> dict[str, Any]:
    aliases = [alias for alias in dict.fromkeys(name for each in before for name in each.names) if alias != name]
    known = id or next((each.id for each in before if each.id), None)
    flags = [each.flag for each in before]
    flagged = {"reason": flags[0].reason, "action": flags[0].action, "date": flags[0].date} if flags[0] and all(flags) else None
    return {
        **({"idempotent_id": f"id-{known}"} if known else {}),
        **({"aliases": aliases} if aliases else {}),
        **({"flagged": flagged} if flagged else {}),
    }

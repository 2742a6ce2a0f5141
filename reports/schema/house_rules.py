"""What the project's own guidelines keep beyond the schema, so that no requirement is lost by a slip."""

import re
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import date

from reports.guideline_error import GuidelineError
from reports.schema.model import OURS, Document, Flagged

REASON = re.compile(r"D\d{3} \w+")


def apply(document: Document) -> bool:
    """Whether the guideline is one of ours."""
    return document.metadata.id.startswith(OURS)


def check(document: Document) -> None:
    """GuidelineError with the first slip."""
    if (slip := next(_slips(document), None)) is not None:
        raise GuidelineError(slip)


def _slips(document: Document) -> Iterator[str]:
    yield from _unused(document)
    yield from _capabilities(document)
    yield from _ids(document)


def _unused(document: Document) -> Iterator[str]:
    wanted = {reference.name for program in document.programs().values() for reference in program.components}
    yield from (f"components.{name}: stands in no program" for name in document.components if name not in wanted)
    named: set[str] = set()
    for part, component in document.components.items():
        count = Counter(name for names in component.capabilities.values() for name in names)
        yield from (f"components.{part}: {name} is named {times} times" for name, times in count.items() if times > 1)
        named.update(count)
    yield from (f"capabilities.{name}: stands in no component" for name in document.capabilities if name not in named)


def _capabilities(document: Document) -> Iterator[str]:
    for name, rule in document.capabilities.items():
        if not rule.description or not rule.project or not rule.required_since:
            yield f"capabilities.{name}: description, project and required_since are expected"
        if not rule.tests:
            yield f"capabilities.{name}.tests: at least one test is expected"
        for test, of in rule.tests.items():
            yield from (f"{test}: {slip}" for slip in _flag(of.flagged))


def _flag(flag: Flagged | None) -> Iterator[str]:
    if flag is None:
        return
    if not REASON.match(flag.reason):
        yield f'flagged.reason: the form is "D123 what fails", found {flag.reason!r}'
    if not flag.action:
        yield "flagged.action: what will be done about it is expected"
    try:
        date.fromisoformat(flag.date)
    except ValueError:
        yield f"flagged.date: YYYY-MM-DD is expected, found {flag.date!r}"


def _ids(document: Document) -> Iterator[str]:
    owners: dict[str, str] = {}
    for test, rule in ((test, rule) for held in document.capabilities.values() for test, rule in held.tests.items()):
        id = rule.idempotent_id
        if not _is_id(id):
            yield f'{test}: idempotent_id: "id-" and a UUID are expected, found {id!r}'
        if (owner := owners.setdefault(id, test)) != test:
            yield f"{test}: idempotent_id: {id} is also that of {owner}"


def _is_id(id: str) -> bool:
    try:
        return id == f"id-{uuid.UUID(id.removeprefix('id-'))}"
    except ValueError:
        return False

"""Outcomes of tests out of a subunit stream that was made elsewhere, by `stestr`, `tempest run` or `subunit-trace`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reports.listed_name import bare, id_in
from reports.masking import masked
from reports.outcomes import Found, Outcome, worst
from reports.subunit import cases
from reports.subunit.cases import Case
from reports.subunit.packets import SubunitError

__all__ = ["Stream", "SubunitError", "read", "stream"]

STATUS = {
    "success": Outcome.passed,
    "skip": Outcome.skipped,
    "fail": Outcome.failed,
    "xfail": Outcome.failed,
    "uxsuccess": Outcome.failed,
    "inprogress": Outcome.blocked,
    "unknown": Outcome.blocked,
}
SAID = {
    "xfail": "failed, as it was expected to",
    "uxsuccess": "passed, though a failure was expected",
    "inprogress": "it began, and the stream has no end of it",
    "unknown": "the stream has no result of it",
}
AROUND = re.compile(r"(?P<what>setUpClass|tearDownClass|setUpModule|tearDownModule) \((?P<of>[^()]+)\)")
IMPORT = re.compile(r"unittest2?\.loader\.(?:_FailedTest|ModuleImportFailure)\.(?P<of>.+)")
FRAME = re.compile(r'\s+File ".*", line \d+')


@dataclass(frozen=True)
class Stream:
    """Outcomes and ids by the names of tests; `around` are those of set-ups that did not pass, by their class or module.

    `notes` are lines that a reader has to know of; `started` is None where the stream has no times.
    """

    outcomes: Mapping[str, Found]
    ids: Mapping[str, str]
    around: Mapping[str, Found]
    notes: tuple[str, ...]
    started: datetime | None
    seconds: float

    def found(self, tests: Iterable[str]) -> dict[str, Found]:
        """What is known of these tests; of one without a result it is what kept its class or module from being run."""
        known = ((test, self.outcomes.get(test) or self._around(test)) for test in tests)
        return {test: found for test, found in known if found is not None}

    def _around(self, test: str) -> Found | None:
        parts = test.split(".")
        places = (".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
        return next((self.around[place] for place in places if place in self.around), None)


def read(path: Path) -> Stream:
    """The stream of a file; SubunitError says in one line why it is none, or that it is damaged."""
    return stream(cases.read(path), str(path))


def stream(data: bytes, source: str) -> Stream:
    """Make outcomes of a stream; `source` is what messages call it."""
    known = [case for case in cases.cases(data, source) if case.status != "exists"]
    if not known:
        raise SubunitError(f"{source}: a subunit stream without the result of any test")
    tests: dict[str, list[Case]] = {}
    around: dict[str, list[Case]] = {}
    for case in known:
        place = AROUND.fullmatch(case.name) or IMPORT.fullmatch(case.name)
        into, name = (around, place["of"]) if place else (tests, bare(case.name))
        into.setdefault(name, []).append(case)
    ids = {name: id for name, held in tests.items() for case in held if (id := id_in(case.name))}
    before = {name: [case for case in held if not case.name.startswith("tearDown")] for name, held in around.items()}
    broken = {
        name: found for name, held in before.items() if (found := _worst(held, named=True)).outcome is not Outcome.missing
    }
    return Stream(
        {name: _worst(held) for name, held in tests.items()}, ids, broken, tuple(_notes(tests, around)), *_time(known)
    )


def _worst(cases: Iterable[Case], *, named: bool = False) -> Found:
    """Of several results of a test the worst; `named`: with the name of what it is."""
    found = {case: Found(STATUS[case.status], _reason(case, named=named)) for case in cases}
    bad = worst(each.outcome for each in found.values())
    return next((each for each in found.values() if each.outcome is bad), Found(bad))


def _reason(case: Case, *, named: bool) -> str | None:
    """What is said first is what a person reads on a terminal: the exception, not that a traceback follows."""
    if case.status == "success":
        return None
    text = masked(case.text)
    head = ": ".join(filter(None, (case.name if named else "", SAID.get(case.status, ""), _telling(text))))
    return "\n".join(filter(None, (head, text if "\n" in text else ""))) or None


def _telling(text: str) -> str:
    """The line of the exception, which follows the last frame; else the first line."""
    lines = text.splitlines()
    last = max((number for number, line in enumerate(lines) if FRAME.match(line)), default=-1)
    return next((line.strip() for line in lines[last + 1 :] if line[:1].strip()), "")


def _notes(tests: Mapping[str, list[Case]], around: Mapping[str, list[Case]]) -> Iterator[str]:
    for case in (case for held in around.values() for case in held):
        if STATUS[case.status] is not Outcome.passed:
            yield f"{case.name}: {STATUS[case.status]}: {_telling(masked(case.text))}".removesuffix(": ")
    several = [name for name, held in tests.items() if len(held) > 1]
    if several:
        yield f"{len(several)} tests have several results, of which the worst counts: {several[0]}" + " …" * (len(several) > 1)
    ended = sum(case.status == "inprogress" for held in tests.values() for case in held)
    if ended:
        yield f"the stream has no end of {ended} tests that began: its run was cut short"


def _time(cases: Iterable[Case]) -> tuple[datetime | None, float]:
    """When the first test began, and the seconds until the last one ended."""
    moments = [moment for case in cases for moment in (case.start, case.end) if moment is not None]
    return (min(moments), (max(moments) - min(moments)).total_seconds()) if moments else (None, 0.0)

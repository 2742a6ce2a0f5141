"""Allure results beside those that allure-pytest writes: labels, results of what never ran, marks of the flagged."""

import hashlib
import json
import os
import re
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import Label, Parameter, Status, StatusDetails, TestResult
from allure_commons.utils import represent

from reports import allure_files
from reports.guideline import Requirement
from reports.masking import masked
from reports.outcomes import Outcome

STATUS = {
    Outcome.passed: Status.PASSED,
    Outcome.skipped: Status.SKIPPED,
    Outcome.missing: Status.UNKNOWN,
    Outcome.blocked: Status.BROKEN,
    Outcome.failed: Status.FAILED,
}
FLAGGED = "flagged"
OWN = "suites."
"""How the names of our own tests begin."""
PASSES_NOW = "flagged, passes now"
JUDGED = re.compile(rf"(?:{FLAGGED}: .*\n)?(?:[\w.]+\.)?Unmet\b")
"""How allure-pytest begins the message of what failed by judged problems."""
LAB = re.compile(allure_files.LAB)


def labels(requirement: Requirement, program: str) -> list[tuple[str, str]]:
    """Names and values: the program, the capability, and what the guideline says of the requirement."""
    flag = requirement.flag
    return [
        ("epic", program),
        ("feature", requirement.capability),
        ("requirement", requirement.id or requirement.test),
        ("status", requirement.status),
        (FLAGGED, "yes" if flag else "no"),
        *([("tag", FLAGGED), ("flag", str(flag))] if flag else []),
    ]


@dataclass(frozen=True)
class Place:
    """The lab of a result, which tests call `argument`: parameters, by which Allure tells results of one test apart.

    Nobody knows how many `nodes` a cloud has: 0. With `defaults` the time-outs of the lab are the products' own.
    """

    variant: str
    nodes: int
    argument: str
    lab: str
    defaults: bool = False

    @property
    def parameters(self) -> dict[str, str]:
        """As allure-pytest shows them."""
        more = {**({"nodes": self.nodes} if self.nodes else {}), **({"settings": "defaults"} if self.defaults else {})}
        values = {"variant": self.variant, **more, self.argument: self.lab}
        return {name: str(represent(value)) for name, value in values.items()}  # type: ignore[no-untyped-call]

    def history_id(self, full_name: str) -> str:
        """As allure-pytest makes it: of what pytest itself parametrized, our own tests that is, it takes the bare value."""
        own = {self.argument: self.lab} if full_name.startswith(OWN) else {}
        return _md5(full_name, *(text for _, text in sorted({**self.parameters, **own}.items())))


@dataclass(frozen=True)
class Have:
    """A result that is there: its test by the name of guidelines, its parameters."""

    test: str
    parameters: frozenset[tuple[str, str]]

    def of(self, names: Iterable[str], place: Place) -> bool:
        return self.test in names and self.parameters >= place.parameters.items()


def results(folder: Path) -> list[Have]:
    """The results that are there; those of what was missing in an earlier part of the run go.

    allure-pytest writes one for each case that a worker ended; those of a worker that died have none.
    """
    found = []
    for path in folder.glob("*-result.json"):
        result = json.loads(path.read_text(encoding="utf-8"))
        if result.get("status") == Status.UNKNOWN:
            path.unlink()
        else:
            parameters = frozenset((each["name"], each["value"]) for each in result.get("parameters", []))
            found.append(Have(result["fullName"].replace("#", "."), parameters))
    return found


def add(folder: Path, test: str, told: Iterable[tuple[str, str]], place: Place, outcome: Outcome, reason: str | None) -> None:
    """Write the result of a test that pytest has none of, with labels: it is missing, or its worker or lab was lost."""
    path, _, name = test.rpartition(".")
    package, _, module = path.rpartition(".")
    moment = int(time.time() * 1000)
    # Named as allure-pytest does, so that it is the same test in the history of runs.
    full_name = f"{path}#{name}"
    suites = [("parentSuite", package), ("suite", module), ("framework", "pytest"), ("language", "python")]
    result = TestResult(
        uuid=str(uuid.uuid4()),
        name=name,
        fullName=full_name,
        testCaseId=_md5(full_name),
        historyId=place.history_id(full_name),
        titlePath=[*filter(None, package.split(".")), f"{module}.py"],
        status=STATUS[outcome],
        statusDetails=StatusDetails(message=masked(reason or f"{outcome}: no more is known")),
        stage="finished",
        parameters=[Parameter(name=name, value=value) for name, value in place.parameters.items()],
        labels=[Label(name=key, value=value) for key, value in [*told, *suites] if value],
        start=moment,
        stop=moment,
    )
    AllureFileLogger(folder).report_result(result)  # type: ignore[no-untyped-call]


def _md5(*texts: str) -> str:
    """As allure-pytest makes its ids."""
    return hashlib.md5("".join(texts).encode(), usedforsecurity=False).hexdigest()


def judge_foreign(folder: Path) -> None:
    """Tests of other projects fail by exceptions of any kind, which allure-pytest calls broken: so is a lab alone."""
    for path in folder.glob("*-result.json"):
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        message = (result.get("statusDetails") or {}).get("message") or ""
        if result["status"] == Status.BROKEN and not result["fullName"].startswith(OWN) and not LAB.match(message):
            _write(path, result | {"status": Status.FAILED})


def mark_flagged(folder: Path) -> int:
    """Say in the message of each flagged test that failed as it is known to, or passes now, that it is one; their number.

    Their categories go by it.
    """
    return sum(_mark(path) for path in sorted(folder.glob("*-result.json")))


def _mark(path: Path) -> bool:
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False  # not whole: its writer was killed, and Allure leaves it out too
    flags = list(_values(result, "flag"))
    details = result.get("statusDetails") or {}
    message = details.get("message") or ""
    head = _head(result["status"], message, own=result["fullName"].startswith(OWN))
    if head is None or not flags or "no" in _values(result, FLAGGED):
        return False
    mark = f"{head}: {flags[0]}"
    if not message.startswith(mark):
        details["message"] = f"{mark}\n{message}".rstrip()
    if head == FLAGGED:
        details["known"] = True
    _write(path, result | {"statusDetails": details})
    return True


def _write(path: Path, result: Mapping[str, object]) -> None:
    written = path.with_suffix(".tmp")
    written.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
    os.replace(written, path)  # noqa: PTH105 - as atomic as it is meant


def _head(status: str, message: str, *, own: bool) -> str | None:
    """Known is only what failed by judged problems, and any failure of another project's test; a broken lab is what it is."""
    if status == Status.PASSED:
        return PASSES_NOW
    return FLAGGED if status == Status.FAILED and (not own or JUDGED.match(message)) else None


def _values(result: dict[str, list[dict[str, str]]], name: str) -> Iterator[str]:
    return (label["value"] for label in result.get("labels", []) if label.get("name") == name)

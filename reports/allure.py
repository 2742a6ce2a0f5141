"""Allure results beside those that allure-pytest writes: labels, results of what never ran, marks of the flagged."""

import hashlib
import json
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import Label, Parameter, Status, StatusDetails, TestResult
from allure_commons.utils import represent

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


def tests(folder: Path) -> set[str]:
    """The tests that have a result, by the names of guidelines; results of what was missing in an earlier part of the run go.

    allure-pytest writes one for each test that a worker ended; those of a worker that died have none.
    """
    found = set()
    for path in folder.glob("*-result.json"):
        result = json.loads(path.read_text(encoding="utf-8"))
        if result.get("status") == Status.UNKNOWN:
            path.unlink()
        else:
            found.add(result["fullName"].replace("#", "."))
    return found


def add(folder: Path, requirement: Requirement, program: str, variant: str, outcome: Outcome, reason: str | None) -> None:
    """Write the result of a requirement that pytest has none of: it is missing, or its worker or lab was lost."""
    path, _, name = requirement.test.rpartition(".")
    package, _, module = path.rpartition(".")
    shown = str(represent(variant))  # type: ignore[no-untyped-call]
    moment = int(time.time() * 1000)
    # Named as allure-pytest does, so that it is the same test in the history of runs.
    full_name = f"{path}#{name}"
    suites = [("parentSuite", package), ("suite", module), ("framework", "pytest"), ("language", "python")]
    result = TestResult(
        uuid=str(uuid.uuid4()),
        name=name,
        fullName=full_name,
        testCaseId=_md5(full_name),
        historyId=_md5(full_name, shown),
        titlePath=[*filter(None, package.split(".")), f"{module}.py"],
        status=STATUS[outcome],
        statusDetails=StatusDetails(message=masked(reason or f"{outcome}: no more is known")),
        stage="finished",
        parameters=[Parameter(name="variant", value=shown)],
        labels=[Label(name=key, value=value) for key, value in [*labels(requirement, program), *suites] if value],
        start=moment,
        stop=moment,
    )
    AllureFileLogger(folder).report_result(result)  # type: ignore[no-untyped-call]


def _md5(*texts: str) -> str:
    """As allure-pytest makes its ids."""
    return hashlib.md5("".join(texts).encode(), usedforsecurity=False).hexdigest()


def mark_flagged(folder: Path) -> int:
    """Say in the message of each failed flagged test that it is one, which its category goes by; the number of them."""
    return sum(_mark(path) for path in sorted(folder.glob("*-result.json")))


def _mark(path: Path) -> bool:
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False  # not whole: its writer was killed, and Allure leaves it out too
    flags = list(_values(result, "flag"))
    details = result.setdefault("statusDetails", {})
    if not flags or result.get("status") not in (Status.FAILED, Status.BROKEN):
        return False
    mark = f"{FLAGGED}: {flags[0]}"
    if not details.get("message", "").startswith(mark):
        details["message"] = f"{mark}\n{details.get('message', '')}".rstrip()
    details["known"] = True
    written = path.with_suffix(".tmp")
    written.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
    os.replace(written, path)  # noqa: PTH105 - as atomic as it is meant
    return True


def _values(result: dict[str, list[dict[str, str]]], name: str) -> Iterator[str]:
    return (label["value"] for label in result.get("labels", []) if label.get("name") == name)

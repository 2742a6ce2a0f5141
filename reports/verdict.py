"""The verdict: a program of a guideline applied to outcomes. Pure; the rule is that of the RefStack server's page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.guideline import STATUSES, Program, Requirement, Status
from reports.outcomes import Found, Outcome, worst

Outcomes = Mapping[str, Found]
NO_RESULT = "the run has no result of it"


@dataclass(frozen=True)
class Share:
    """How many of how many passed."""

    passed: int
    count: int

    @property
    def percent(self) -> float | None:
        """One decimal; 100.0 only when all passed, 0.0 only when none did, None when there is none."""
        if not self.count:
            return None
        if self.passed in (0, self.count):
            return 100.0 * self.passed / self.count
        tenths = (2000 * self.passed + self.count) // (2 * self.count)
        return min(max(tenths, 1), 999) / 10

    def __str__(self) -> str:
        return share_text(self.to_json())

    def to_json(self) -> dict[str, Any]:
        return {"passed": self.passed, "count": self.count, "percent": self.percent}


@dataclass(frozen=True)
class Judged:
    """A requirement and what became of it; `kinds` are those of the judged problems that it failed by."""

    requirement: Requirement
    outcome: Outcome
    reason: str | None
    kinds: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Only what is flagged has a key `flag`, only what failed by judged problems a key `kinds`."""
        of = self.requirement
        kinds = {"kinds": list(self.kinds)} if self.kinds else {}
        head = {"test": of.test, "id": of.id, "outcome": str(self.outcome), "flagged": of.flag is not None}
        return {**head, **({"flag": of.flag.to_json()} if of.flag else {}), "reason": self.reason, **kinds}


@dataclass(frozen=True)
class JudgedCapability:
    """A capability of the program with its requirements."""

    name: str
    status: Status
    requirements: tuple[Judged, ...]

    def to_json(self) -> dict[str, Any]:
        share = _share(self.requirements)
        head = {"name": self.name, "status": self.status, "passed": share.passed, "count": share.count}
        return {**head, "requirements": [judged.to_json() for judged in self.requirements]}


@dataclass(frozen=True)
class Verdict:
    """What a program's requirements come to. Counts are summed over capabilities: a test in two counts twice."""

    program: str
    variant: str
    guideline: str
    lab: Mapping[str, Any]
    capabilities: tuple[JudgedCapability, ...]

    @property
    def _required(self) -> list[Judged]:
        return [judged for held in self.capabilities if held.status == "required" for judged in held.requirements]

    @property
    def required(self) -> Share:
        return _share(self._required)

    @property
    def non_flagged(self) -> Share:
        return _share(judged for judged in self._required if judged.requirement.flag is None)

    @property
    def compliant(self) -> bool:
        """Every required test that is not flagged passed, and there is one: flags alone are no ground for a yes."""
        share = self.non_flagged
        return share.count > 0 and share.passed == share.count

    def sentence(self) -> str:
        """The verdict in the words that DefCore users know."""
        return sentence(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Its entry in verdict.json."""
        head = {"program": self.program, "variant": self.variant, "guideline": self.guideline, "compliant": self.compliant}
        shares = {"required": self.required.to_json(), "non_flagged": self.non_flagged.to_json()}
        return {**head, "lab": dict(self.lab), **shares, "capabilities": [held.to_json() for held in self.capabilities]}


def judge(program: Program, guideline_id: str, variant: str, outcomes: Outcomes, lab: Mapping[str, Any]) -> Verdict:
    """Apply a program to the outcomes of a run, given by the name of the test with a reason where there is one."""
    held: dict[tuple[str, Status], list[Judged]] = {}
    for requirement in program.requirements:
        key = (requirement.capability, requirement.status)
        held.setdefault(key, []).append(Judged(requirement, *_outcome(requirement, outcomes)))
    capabilities = [JudgedCapability(name, status, tuple(of)) for (name, status), of in held.items()]
    capabilities.sort(key=lambda capability: STATUSES.index(capability.status))
    return Verdict(program.name, variant, guideline_id, lab, tuple(capabilities))


def sentence(entry: Mapping[str, Any]) -> str:
    """The sentence of an entry of verdict.json."""
    guideline, required, rest = entry["guideline"], entry["required"], entry["non_flagged"]
    end = f"Compliance with {guideline}: {'YES' if entry['compliant'] else 'NO'}"
    if not required["count"]:
        return f"{guideline} has no tests in the required capabilities of the {full_name(entry)} program. {end}"
    flagged = f"it passes {share_text(rest)}" if rest["count"] else "none is left"
    where = f"the tests in the {guideline} required capabilities of the {full_name(entry)} program"
    return f"This lab passes {share_text(required)} of {where}. Excluding flagged tests, {flagged}. {end}"


def share_text(share: Mapping[str, Any]) -> str:
    """Of {"passed", "count", "percent"}: 66.7 % (2/3)."""
    return f"{share['percent']:.1f} % ({share['passed']}/{share['count']})" if share["count"] else "none (0/0)"


def full_name(entry: Mapping[str, Any]) -> str:
    """The program, with its variant where that is not the default one."""
    return str(entry["program"]) if entry["variant"] == "default" else f"{entry['program']}@{entry['variant']}"


def report(verdicts: Sequence[Verdict], started: str, seconds: float, harness: str) -> dict[str, Any]:
    """The document of verdict.json; `started` is RFC 3339."""
    head = {"schema": 1, "started": started, "seconds": round(seconds, 1), "harness": harness}
    return {**head, "verdicts": [verdict.to_json() for verdict in verdicts]}


def _outcome(requirement: Requirement, outcomes: Outcomes) -> Found:
    """A pass under any of its names is a pass, as on the server; else the worst that is known of it."""
    known = [outcomes[name] for name in requirement.names if name in outcomes]
    if not known:
        return Found(Outcome.missing, NO_RESULT)
    passes = [found for found in known if found.outcome is Outcome.passed]
    bad = worst(found.outcome for found in known)
    return passes[0] if passes else next(found for found in known if found.outcome is bad)


def _share(judged: Iterable[Judged]) -> Share:
    found = list(judged)
    return Share(sum(one.outcome is Outcome.passed for one in found), len(found))

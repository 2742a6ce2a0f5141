"""Results that were made elsewhere, judged: which guideline judges which program, and the verdicts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.command_line import UsageError
from reports.guideline import Guideline, Program, read
from reports.judge.foreign import Foreign
from reports.outcomes import Outcome
from reports.verdict import Verdict, judge

OWN = Path(__file__).parents[2] / "guidelines"


@dataclass(frozen=True)
class Asked:
    """A program of a guideline; without a variant it is judged on each that the results have."""

    guideline: Guideline
    program: Program
    variant: str = ""


def select(sources: Sequence[str], names: Sequence[str]) -> list[Asked]:
    """Each named program by each given guideline that has it, else by our own; without names, the one program of each.

    UsageError where a program is in none, or a guideline would judge nothing; GuidelineError where one cannot be read.
    """
    given = [read(source) for source in dict.fromkeys(sources)]
    if not names:
        return [Asked(guideline, _only(guideline)) for guideline in given] or _nothing()
    asked = [each for name in dict.fromkeys(names) for each in _named(name, given)]
    for guideline in given:
        if all(each.guideline is not guideline for each in asked):
            raise UsageError(f"{guideline.source}: has none of the programs asked for; it has {_list(guideline.programs)}")
    return asked


def _nothing() -> list[Asked]:
    raise UsageError("nothing to judge by: give --guideline FILE_OR_URL, and --program NAME where it has several")


def _only(guideline: Guideline) -> Program:
    if len(guideline.programs) != 1:
        raise UsageError(f"{guideline.source}: name one of its programs with --program: {_list(guideline.programs)}")
    return next(iter(guideline.programs.values()))


def _named(asked: str, given: Sequence[Guideline]) -> list[Asked]:
    name, _, variant = asked.partition("@")
    having = [guideline for guideline in given if guideline.program(name)] or [
        guideline for guideline in own() if guideline.program(name)
    ]
    if not having:
        known = [program for guideline in (*given, *own()) for program in guideline.programs]
        raise UsageError(f'no program is called "{name}"; there are: {_list(dict.fromkeys(known))}')
    return [Asked(guideline, program, variant) for guideline in having if (program := guideline.program(name))]


def own() -> list[Guideline]:
    """The project's guideline of the latest date, where there is one."""
    return [read(str(path)) for path in sorted(OWN.glob("labproof.*.json"))[-1:]]


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def judged(foreign: Foreign, file: Path, asked: Sequence[Asked]) -> list[Verdict]:
    """A verdict for each program on each variant; the lab of them is the file."""
    lab = {"name": file.name, "kind": "file", "form": foreign.form, "software": {}}
    found = []
    for each in asked:
        known = foreign.of(each.program)
        if each.variant and each.variant not in known:
            raise UsageError(f'{file}: has no variant "{each.variant}" of {each.program.name}; there are: {_list(known)}')
        for variant in [each.variant] if each.variant else known:
            found.append(judge(each.program, each.guideline.id, variant, known[variant], lab))
    return found


def nothing_run(verdicts: Iterable[Verdict]) -> bool:
    """Whether no test of any of the programs has a result that says anything."""
    outcomes = (judged.outcome for verdict in verdicts for held in verdict.capabilities for judged in held.requirements)
    return all(outcome in (Outcome.missing, Outcome.skipped) for outcome in outcomes)


def moved(foreign: Foreign, asked: Sequence[Asked], verdicts: Sequence[Verdict]) -> Iterator[str]:
    """A line where missing tests have a result by their id under another name, which counts for nothing here."""
    ids = {id for id in foreign.ids.values() if id}
    for verdict in verdicts:
        required = (
            held for capability in verdict.capabilities if capability.status == "required" for held in capability.requirements
        )
        gone = {held.requirement.test for held in required if held.outcome is Outcome.missing and held.requirement.id in ids}
        if gone:
            source = next(each.guideline.source for each in asked if each.guideline.id == verdict.guideline)
            yield (
                f"{len(gone)} tests of {verdict.guideline} {verdict.program} stand in the results by their id alone, "
                f"which does not count; carry the guideline forward with: tox -e guideline -- carry {source}"
            )

"""The detection matrix: what counts as caught, what does not, and that an earlier run's cells stay."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from proof.matrix import cells, conclude
from proof.plan import Case, Plan
from proof.resume import rest
from proof.run import Run
from proof.selection import Judged
from reports.outcomes import Outcome, Record

CASE = Case("n", "suites.f.t", "id", "", "flannel", (("flannel", "default"),))
PLAN = Plan(
    judged=(Judged("flannel", "default", "g", "f", "f"),),
    guidelines={},
    instances=(),
    cases=(),
    faults={CASE.test: {"route_lost": "missing-route"}},
    proof=True,
)
HEALTHY = replace(CASE, nodeid="healthy", seed="healthy")
LOST = replace(CASE, nodeid="lost", seed="route_lost")


def record(case: Case, outcome: Outcome, *kinds: str, also: tuple[str, ...] = ()) -> Record:
    return Record(
        case.test, case.id, case.label, "flannel", "default", outcome, "why", "", 1.0, kinds=tuple(kinds), also=also
    )  # fmt: skip


def result(case: Case, outcome: Outcome, *kinds: str, flagged: bool = False) -> str:
    plan = replace(PLAN, cases=(case,), flagged=(case.test,) if flagged else ())
    [cell] = cells(plan, [record(case, outcome, *kinds)])
    return cell.result


def run(plan: Plan, records: list[Record], path: Path) -> Run:
    return Run(plan, path, records, [], {}, {}, False, False, datetime.now(UTC), 1.0)


@pytest.mark.parametrize("seed", [None, "healthy"])
def test_on_the_healthy_lab_a_requirement_is_silent(seed: str | None) -> None:
    case = replace(CASE, seed=seed)
    assert result(case, Outcome.passed) == "silent"
    assert result(case, Outcome.failed, "missing-route") == "false alarm"


def test_caught_is_a_failure_by_the_faults_own_kind() -> None:
    assert result(LOST, Outcome.failed, "missing-route") == "caught"
    assert result(LOST, Outcome.failed, "other", "missing-route") == "caught"


def test_any_other_failure_is_for_a_wrong_reason() -> None:
    assert result(LOST, Outcome.failed, "other") == "wrong reason"
    assert result(LOST, Outcome.failed) == "wrong reason"


def test_a_pass_under_a_fault_is_a_miss() -> None:
    assert result(LOST, Outcome.passed) == "missed"


@pytest.mark.parametrize("outcome", [Outcome.blocked, Outcome.skipped])
@pytest.mark.parametrize("flagged", [False, True])
def test_no_lab_is_neither(outcome: Outcome, flagged: bool) -> None:
    mended = replace(CASE, seed="restarted", mend="restarted")
    for case in (HEALTHY, LOST, mended):
        assert result(case, outcome, flagged=flagged) == str(outcome)


def test_a_flagged_requirement_is_known_to_fail_until_it_passes() -> None:
    assert result(HEALTHY, Outcome.failed, "missing-route", flagged=True) == "known"
    assert result(HEALTHY, Outcome.passed, flagged=True) == "passes though flagged"


def test_a_flagged_requirement_that_breaks_is_not_known() -> None:
    assert result(HEALTHY, Outcome.failed, flagged=True) == "wrong reason"


def test_its_mend_has_to_make_it_pass() -> None:
    mended = replace(CASE, seed="restarted", mend="restarted")
    assert result(mended, Outcome.passed, flagged=True) == "mended"
    assert result(mended, Outcome.failed, "missing-route", flagged=True) == "not mended"


def test_its_faults_are_judged_as_those_of_any_other() -> None:
    inside = replace(LOST, mend="restarted")
    assert result(inside, Outcome.failed, "missing-route", flagged=True) == "caught"
    assert result(inside, Outcome.passed, flagged=True) == "missed"
    assert result(inside, Outcome.failed, "other", flagged=True) == "wrong reason"


@pytest.mark.parametrize(
    ("flagged", "outcomes", "code"),
    [
        (False, (Outcome.passed, Outcome.failed), 0),
        (False, (Outcome.passed, Outcome.passed), 1),
        (False, (Outcome.failed, Outcome.failed), 1),
        (False, (Outcome.passed,), 1),
        (True, (Outcome.failed, Outcome.failed, Outcome.passed), 0),
        (True, (Outcome.failed, Outcome.failed, Outcome.failed), 1),
        (True, (Outcome.passed, Outcome.failed, Outcome.passed), 1),
        (False, (), 5),
    ],
)
def test_the_answer_is_yes_when_every_cell_is_good(
    tmp_path: Path, flagged: bool, outcomes: tuple[Outcome, ...], code: int
) -> None:
    lost = replace(LOST, mend="restarted" if flagged else None)
    mended = replace(CASE, nodeid="mended", seed="restarted", mend="restarted")
    cases = (HEALTHY, lost, mended) if flagged else (HEALTHY, lost)
    plan = replace(PLAN, cases=cases, flagged=(CASE.test,) if flagged else ())
    records = [record(case, outcome, "missing-route") for case, outcome in zip(cases, outcomes, strict=False)]
    assert conclude(run(plan, records, tmp_path)).code == code


def test_the_matrix_tells_of_an_earlier_run_too_and_of_what_else_caught_a_fault(tmp_path: Path) -> None:
    records = [record(HEALTHY, Outcome.passed), record(LOST, Outcome.failed, "missing-route", also=("suites.f.u",))]
    conclusion = conclude(run(replace(PLAN, cases=(HEALTHY,), left_out=(LOST,)), records, tmp_path))
    written = json.loads((tmp_path / "proof.json").read_text())
    assert [(cell["requirement"], cell["fault"], cell["kind"], cell["result"], cell["also"]) for cell in written] == [
        ("suites.f.t", "healthy", "", "silent", []),
        ("suites.f.t", "route_lost", "missing-route", "caught", ["suites.f.u"]),
    ]
    console = Console(width=160, record=True, file=(tmp_path / "shown").open("w"))
    conclusion.show(console)
    assert "1 of 1 seeded faults caught, 0 false alarms, 0 cases not run" in console.export_text()


def test_heavy_cases_that_were_not_selected_are_told_and_stand_against_nothing(tmp_path: Path) -> None:
    heavy = replace(LOST, nodeid="heavy", case="x")
    records = [record(HEALTHY, Outcome.passed), record(LOST, Outcome.failed, "missing-route")]
    conclusion = conclude(run(replace(PLAN, cases=(HEALTHY, LOST), heavy=(heavy,)), records, tmp_path))
    assert conclusion.code == 0
    cell = json.loads((tmp_path / "proof.json").read_text())[-1]
    assert (cell["case"], cell["fault"], cell["result"], cell["reason"]) == (
        "x", "route_lost", "missing", "not selected: --full",
    )  # fmt: skip
    console = Console(width=300)
    with console.capture() as told:
        conclusion.show(console)
    assert "1 of 1 seeded faults caught, 0 false alarms, 1 case not selected: --full, 0 cases not run" in told.get()


def test_of_several_labs_the_matrix_says_which(tmp_path: Path) -> None:
    labs = [replace(LOST, nodeid=variant, instance="folded", programs=(("flannel", variant),)) for variant in ("nft", "legacy")]
    judged = tuple(Judged("flannel", case.nodeid, "g", "flannel", "f") for case in labs)
    records = [replace(record(LOST, Outcome.failed, "missing-route"), variant=case.nodeid) for case in labs]
    conclusion = conclude(run(replace(PLAN, judged=judged, cases=tuple(labs)), records, tmp_path))
    console = Console(width=160, record=True, file=(tmp_path / "shown").open("w"))
    conclusion.show(console)
    rows = [line.split("│") for line in console.export_text().splitlines() if "route_lost" in line]
    assert [(row[1].strip(), row[2].strip()) for row in rows] == [("flannel-legacy", "f.t"), ("flannel-nft", "f.t")]


def test_what_was_not_good_in_a_proof_is_run_again_when_asked_for() -> None:
    other = replace(CASE, nodeid="other", seed="other")
    plan = replace(PLAN, cases=(HEALTHY, LOST, other), faults={CASE.test: {"route_lost": "missing-route", "other": "x"}})
    records = [record(HEALTHY, Outcome.passed), record(LOST, Outcome.failed, "missing-route"), record(other, Outcome.passed)]
    assert rest(plan, records, failed_again=False).cases == ()
    assert rest(plan, records, failed_again=True).cases == (other,)
    assert rest(plan, records[:1], failed_again=False).cases == (LOST, other)


def test_foreign_tests_stand_under_their_class_and_tell_when_nothing_proves_them(tmp_path: Path) -> None:
    test = "tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token"
    foreign = replace(HEALTHY, test=test, group=test.rpartition(".")[0])
    plan = replace(PLAN, cases=(foreign,))
    told = Console(width=160)
    with told.capture() as capture:
        conclude(run(plan, [record(foreign, Outcome.passed)], tmp_path)).show(told)
    rows = [line.strip("│ \n").split("│") for line in capture.get().splitlines() if line.startswith("│")]
    assert [row[0].strip() for row in rows] == ["test_tokens.TokensV3Test", "test_create_token"]
    assert rows[1][3].strip() == "silent, unproven"
    assert "1 test of others unproven" in capture.get()

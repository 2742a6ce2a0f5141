"""What became of each case, from its phases, its crashes and earlier attempts."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labs.errors import UsageError
from proof.ledger import CRASH, Ledger, with_missing
from proof.plan import Case, Instance, Plan
from proof.resume import refuse_a_mixture, rest
from proof.selection import Judged
from reports import outcomes
from reports.outcomes import Found, Outcome, Record

A = Case("suites/f/test_a.py::test_a[flannel]", "suites.f.test_a.test_a", "id-a", "", "flannel", (("flannel", "default"),))
B = Case("suites/f/test_a.py::test_b[flannel-x]", "suites.f.test_a.test_b", "id-b", "x", "flannel", (("flannel", "default"),))
PLAN = Plan(judged=(Judged("flannel", "default", "g", "f", "f"),), guidelines={}, instances=(), cases=(A, B))


def phase(case: Case, when: str, outcome: str = "passed", reason: str | None = None, kinds: tuple[str, ...] = ()) -> Any:
    judged = {"outcome": outcome, "reason": reason, "kinds": list(kinds)}
    return SimpleNamespace(nodeid=case.nodeid, when=when, start=1_000.0, duration=0.5, judged=judged, longrepr=reason)


def run(ledger: Ledger, case: Case, **by_phase: tuple[str, str | None]) -> Any:
    finished = None
    for when in ("setup", "call", "teardown"):
        outcome, reason = by_phase.get(when, ("passed", None))
        if when == "call" and by_phase.get("setup"):
            continue
        finished = ledger.take(phase(case, when, outcome, reason))
    return finished


def test_a_case_ends_with_its_teardown(tmp_path: Path) -> None:
    ledger = Ledger(PLAN, tmp_path / "o.jsonl")
    assert ledger.take(phase(A, "setup")) is None
    assert ledger.take(phase(A, "call")) is None
    finished = ledger.take(phase(A, "teardown"))
    assert finished is not None
    assert (finished.case, finished.outcome, finished.seconds) == (A, Outcome.passed, 1.5)


def test_its_outcome_is_that_of_its_worst_phase(tmp_path: Path) -> None:
    ledger = Ledger(PLAN, tmp_path / "o.jsonl")
    assert run(ledger, A, setup=("blocked", "no lab")).outcome is Outcome.blocked
    finished = run(ledger, B, call=("blocked", "lab lost"), teardown=("failed", "not healed"))
    assert (finished.outcome, finished.reason) == (Outcome.failed, "not healed")


def test_it_is_written_at_once(tmp_path: Path) -> None:
    ledger = Ledger(PLAN, tmp_path / "o.jsonl")
    run(ledger, B, call=("failed", "why"))
    [record] = outcomes.read(tmp_path / "o.jsonl")
    assert (record.test, record.case, record.outcome, record.reason, record.attempt) == (B.test, "x", Outcome.failed, "why", 1)
    assert record.start.startswith("1970-01-01T00:16:40")


def test_the_first_crash_is_no_outcome_and_the_second_is_blocked(tmp_path: Path) -> None:
    ledger = Ledger(PLAN, tmp_path / "o.jsonl")
    ledger.take(phase(A, "setup"))
    assert ledger.take(phase(A, CRASH, "failed", "worker crashed")) is None
    assert ledger.records == []
    finished = ledger.take(phase(A, CRASH, "failed", "worker crashed"))
    assert finished is not None
    assert (finished.outcome, finished.reason) == (Outcome.blocked, "worker crashed, twice")


def test_a_rerun_after_a_crash_counts_alone(tmp_path: Path) -> None:
    ledger = Ledger(PLAN, tmp_path / "o.jsonl")
    ledger.take(phase(A, "call", "failed", "half-way"))
    ledger.take(phase(A, CRASH, "failed", "worker crashed"))
    assert run(ledger, A).outcome is Outcome.passed


def test_what_comes_after_the_end_of_a_case_is_nothing_new(tmp_path: Path) -> None:
    ledger = Ledger(PLAN, tmp_path / "o.jsonl")
    run(ledger, A)
    assert ledger.take(phase(A, "teardown")) is None
    assert [ledger.take(phase(A, CRASH, "failed", "worker crashed")) for _ in range(2)] == [None, None]
    assert [record.outcome for record in ledger.records] == [Outcome.passed]
    assert len(ledger.finished) == 1


def test_in_a_proof_a_record_has_its_fault_and_what_found_it(tmp_path: Path) -> None:
    seeded = replace(B, seed="paused")
    ledger = Ledger(replace(PLAN, cases=(seeded,)), tmp_path / "o.jsonl")
    ledger.take(phase(seeded, "setup"))
    call = phase(seeded, "call", "failed", "why", kinds=("b", "a"))
    call.judged["also"] = [A.test]
    ledger.take(call)
    ledger.take(phase(seeded, "teardown"))
    [record] = outcomes.read(tmp_path / "o.jsonl")
    assert (record.case, record.kinds, record.also) == ("x+paused", ("a", "b"), (A.test,))


def test_a_cases_outcome_stays_only_under_its_own_fault() -> None:
    healthy, paused, missed = (replace(B, nodeid=name, seed=name) for name in ("healthy", "paused", "missed"))
    plan = replace(PLAN, cases=(healthy, paused, missed))
    records = [replace(record(B, Outcome.passed), case="x+healthy"), replace(record(B, Outcome.failed), case="x+paused")]
    assert rest(plan, records, failed_again=False).cases == (missed,)


def test_attempts_count_on_from_an_earlier_run(tmp_path: Path) -> None:
    first = Ledger(PLAN, tmp_path / "o.jsonl")
    run(first, A, call=("failed", "why"))
    second = Ledger(PLAN, tmp_path / "o.jsonl", outcomes.read(tmp_path / "o.jsonl"))
    run(second, A)
    assert [record.attempt for record in outcomes.read(tmp_path / "o.jsonl")] == [1, 2]
    assert outcomes.judged(second.records, "flannel", "default")[A.test] == Found(Outcome.passed, None)


def test_a_report_of_something_else_is_not_ours(tmp_path: Path) -> None:
    stranger = Case("tests/unit/test_x.py::t", "t", "", "", "", ())
    assert Ledger(PLAN, tmp_path / "o.jsonl").take(phase(stranger, "teardown")) is None


def record(case: Case, outcome: Outcome) -> Record:
    return Record(case.test, case.id, case.case or None, "flannel", "default", outcome, None, "", 1.0, 1)


def test_what_never_ran_is_missing_with_the_reason() -> None:
    left = Case("suites/f/test_a.py::test_c[flannel]", "suites.f.test_a.test_c", "id-c", "", "", (("flannel", "default"),))
    plan = Plan(
        judged=PLAN.judged, guidelines={}, instances=(), cases=(A, B), left_out=(left,), absent={"suites.f.gone": "it is gone"}
    )
    judged = outcomes.judged(with_missing(plan, [record(A, Outcome.passed)]), "flannel", "default")
    assert judged[A.test][0] is Outcome.passed
    assert judged[B.test] == Found(Outcome.missing, "the run ended before it")
    assert judged[left.test] == Found(Outcome.missing, "deselected")
    assert judged["suites.f.gone"] == Found(Outcome.missing, "it is gone")


def test_a_test_that_only_an_id_led_to_is_missing_and_says_what_became_of_it() -> None:
    new = replace(A, test="tempest.new.test_a")
    plan = replace(
        PLAN, cases=(new,), absent={"tempest.old.test_a": "it is another now"}, renamed={"tempest.old.test_a": new.test}
    )
    judged = outcomes.judged(with_missing(plan, [record(new, Outcome.passed)]), "flannel", "default")
    assert judged["tempest.old.test_a"] == Found(Outcome.missing, "it is another now (passed)")
    assert outcomes.judged(with_missing(plan, []), "flannel", "default")["tempest.old.test_a"].reason == "it is another now"


def test_one_case_of_a_test_that_never_ran_makes_the_test_missing() -> None:
    other = Case("suites/f/test_a.py::test_b[flannel-y]", B.test, "id-b", "y", "", (("flannel", "default"),))
    plan = Plan(judged=PLAN.judged, guidelines={}, instances=(), cases=(B,), left_out=(other,))
    judged = outcomes.judged(with_missing(plan, [record(B, Outcome.passed)]), "flannel", "default")
    assert judged[B.test][0] is Outcome.missing


def test_a_heavy_test_that_was_not_selected_is_missing_and_one_with_other_cases_is_judged_by_these() -> None:
    whole = replace(A, nodeid="c", test="suites.f.test_a.test_c")
    plan = replace(PLAN, heavy=(replace(B, case="y"), *(replace(whole, case=name) for name in "xy")))
    judged = outcomes.judged(with_missing(plan, [record(A, Outcome.passed), record(B, Outcome.passed)]), "flannel", "default")
    assert judged[B.test] == Found(Outcome.passed)
    assert judged[whole.test] == Found(Outcome.missing, "not selected: --full")


def test_of_a_test_that_was_deselected_that_is_the_reason_whatever_is_heavy_in_it() -> None:
    plan = replace(PLAN, cases=(A,), left_out=(B,), heavy=(replace(B, case="y"),))
    judged = outcomes.judged(with_missing(plan, [record(A, Outcome.passed)]), "flannel", "default")
    assert judged[B.test] == Found(Outcome.missing, "deselected")


def test_a_run_is_resumed_as_a_larger_one_and_as_no_smaller_one() -> None:
    refuse_a_mixture(PLAN, replace(PLAN, full=True), Path("results"))
    with pytest.raises(UsageError, match="results: this run is one with --full; go on with it with --full, or start"):
        refuse_a_mixture(replace(PLAN, full=True), PLAN, Path("results"))


def test_resuming_runs_what_is_missing_or_blocked() -> None:
    records = [record(A, Outcome.failed)]
    assert rest(PLAN, records, failed_again=False).cases == (B,)
    assert rest(PLAN, records, failed_again=True).cases == (A, B)
    assert rest(PLAN, [record(A, Outcome.passed), record(B, Outcome.blocked)], failed_again=True).cases == (B,)


def test_resuming_goes_by_the_latest_attempt() -> None:
    records = [record(A, Outcome.failed), record(A, Outcome.passed), record(B, Outcome.passed)]
    assert rest(PLAN, records, failed_again=True).cases == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"harness": "other"}, "the harness has changed"),
        ({"guidelines": {"g": "other"}}, "the guidelines have changed"),
        ({"judged": ()}, "the programs have changed"),
        ({"nodes": 5}, "the labs have changed"),
        ({"defaults": True}, "the labs have changed"),
        ({"kept": (Instance("mine", "f", "default", 3, kept="mine"),)}, "the labs have changed"),
        ({"software": {"flanneld": "0.28.5"}}, "what the labs run has changed"),
    ],
)
def test_a_run_is_not_resumed_as_another(change: dict[str, Any], words: str) -> None:
    before = replace(PLAN, software={"flanneld": "0.28.4"})
    refuse_a_mixture(before, before, Path("results"))
    refuse_a_mixture(before, replace(before, software={"allure": "3"}), Path("results"))
    refuse_a_mixture(before, replace(before, instances=(Instance("f.own", "f", "default", 3),)), Path("results"))
    two = replace(before, judged=(*before.judged, Judged("flannel", "nft", "g", "f", "f")))
    refuse_a_mixture(two, replace(two, judged=two.judged[::-1]), Path("results"))
    with pytest.raises(UsageError, match=words):
        refuse_a_mixture(before, replace(before, **change), Path("results"))

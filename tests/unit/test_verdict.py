"""The rule of compliance, and that no run of nothing is ever a yes."""

import itertools
import random

import pytest

from reports.guideline import Flag, Program, Requirement, Status
from reports.outcomes import Found, Outcome
from reports.verdict import Share, Verdict, judge, report

FLAG = Flag("D901 fails upstream", "wait", "2026-11-20")
PASSED = Found(Outcome.passed)


def need(
    test: str, status: Status = "required", *, flag: Flag | None = None, capability: str = "c", alias: str = ""
) -> Requirement:
    return Requirement(test, f"id of {test}", (alias,) if alias else (), capability, status, flag)


def judged(*requirements: Requirement, variant: str = "default", **outcomes: Outcome) -> Verdict:
    program = Program("flannel", "flannel", "", requirements)
    return judge(program, "labproof.2026.11", variant, {test: Found(outcome) for test, outcome in outcomes.items()}, {})


def test_the_sentence_of_a_lab_that_complies() -> None:
    tests = [f"t{n}" for n in range(12)]
    verdict = judged(*map(need, tests), **dict.fromkeys(tests, Outcome.passed))
    assert verdict.sentence() == (
        "This lab passes 100.0 % (12/12) of the tests in the labproof.2026.11 required capabilities of the flannel program. "
        "Excluding flagged tests, it passes 100.0 % (12/12). Compliance with labproof.2026.11: YES"
    )


def test_the_sentence_names_the_variant() -> None:
    assert "of the flannel@legacy program" in judged(need("a"), variant="legacy").sentence()


def test_no_required_test_is_no_per_cent_and_no_yes() -> None:
    for verdict in (judged(), judged(need("a", "advisory"), a=Outcome.passed)):
        assert not verdict.compliant
        assert verdict.required == Share(0, 0)
        assert verdict.to_json()["required"] == {"passed": 0, "count": 0, "percent": None}
        assert verdict.sentence() == (
            "labproof.2026.11 has no tests in the required capabilities of the flannel program. "
            "Compliance with labproof.2026.11: NO"
        )


def test_only_flagged_tests_are_no_ground_for_a_yes() -> None:
    verdict = judged(need("a", flag=FLAG), a=Outcome.passed)
    assert not verdict.compliant
    assert str(verdict.required) == "100.0 % (1/1)"
    assert verdict.sentence().endswith("Excluding flagged tests, none is left. Compliance with labproof.2026.11: NO")


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.passed])
def test_only_passed_is_a_pass(outcome: Outcome) -> None:
    assert not judged(need("a"), need("b"), a=outcome, b=Outcome.passed).compliant
    assert judged(need("a", flag=FLAG), need("b"), a=outcome, b=Outcome.passed).compliant
    assert judged(need("a", "advisory"), need("b"), a=outcome, b=Outcome.passed).compliant
    assert judged(need("a", "deprecated"), need("b"), a=outcome, b=Outcome.passed).compliant


def test_a_test_without_a_result_is_missing() -> None:
    verdict = judged(need("a"), need("b"), a=Outcome.passed)
    assert [r.outcome for r in verdict.capabilities[0].requirements] == [Outcome.passed, Outcome.missing]
    assert verdict.capabilities[0].requirements[1].reason == "the run has no result of it"
    assert not verdict.compliant


def test_an_alias_that_passed_is_a_pass_and_otherwise_the_worst_counts() -> None:
    assert judged(need("new", alias="old"), old=Outcome.passed).compliant
    assert judged(need("new", alias="old"), new=Outcome.failed, old=Outcome.passed).compliant
    verdict = judged(need("new", alias="old"), new=Outcome.skipped, old=Outcome.blocked)
    assert verdict.capabilities[0].requirements[0].outcome is Outcome.blocked


def test_a_test_in_two_capabilities_counts_twice() -> None:
    verdict = judged(need("a", capability="x"), need("a", capability="y"), need("b", capability="y"), a=Outcome.passed)
    assert str(verdict.required) == "66.7 % (2/3)"
    assert [(c.name, c.to_json()["passed"], c.to_json()["count"]) for c in verdict.capabilities] == [("x", 1, 1), ("y", 1, 2)]


@pytest.mark.parametrize(
    ("passed", "count", "percent"),
    [
        (0, 0, None),
        (0, 5, 0.0),
        (5, 5, 100.0),
        (2, 114, 1.8),
        (2, 85, 2.4),
        (2, 109, 1.8),
        (9996, 10000, 99.9),
        (4, 10000, 0.1),
        (1, 3, 33.3),
    ],
)
def test_per_cent(passed: int, count: int, percent: float | None) -> None:
    assert Share(passed, count).percent == percent


def test_per_cent_says_all_only_of_all_and_none_only_of_none() -> None:
    for count in range(1, 3000, 7):
        shares = [Share(passed, count).percent for passed in (0, 1, count - 1, count)]
        assert shares[0] == 0.0 or count == 1
        assert shares[3] == 100.0
        assert all(share is not None and 0.1 <= share <= 99.9 for share in shares[1:3]) or count == 1


def random_program(chance: random.Random) -> tuple[Requirement, ...]:
    statuses: tuple[Status, ...] = ("required", "advisory", "deprecated", "removed")
    return tuple(
        need(f"t{n}", chance.choice(statuses), flag=chance.choice([None, FLAG]), capability=chance.choice("xyz"))
        for n in range(chance.randrange(6))
    )


def test_yes_exactly_when_a_required_test_counts_and_all_that_count_passed() -> None:
    chance = random.Random(7)
    answers = set()
    for _ in range(3000):
        requirements = random_program(chance)
        outcomes = {r.test: chance.choice([Outcome.passed, *Outcome]) for r in requirements if chance.random() < 0.9}
        counting = [r.test for r in requirements if r.status == "required" and r.flag is None]
        verdict = judged(*requirements, **outcomes)
        expected = bool(counting) and all(outcomes.get(test) is Outcome.passed for test in counting)
        assert verdict.compliant is expected
        assert verdict.sentence().endswith("YES" if expected else "NO")
        answers.add(expected)
    assert answers == {True, False}


def test_a_worse_outcome_never_mends_a_verdict() -> None:
    order = list(Outcome)
    for before, after in itertools.combinations(order, 2):
        for other in order:
            good, bad = (judged(need("a"), need("b"), a=outcome, b=other) for outcome in (before, after))
            assert bad.compliant <= good.compliant
            assert bad.required.passed <= good.required.passed


def test_the_document_has_the_keys_and_order_of_its_contract() -> None:
    program = Program("flannel", "flannel", "", (need("suites.x", capability="routes"), need("y", "advisory", flag=FLAG)))
    lab = {"name": "flannel", "kind": "embedded", "software": {"flanneld": "0.28.4"}}
    outcomes = {"suites.x": PASSED, "y": Found(Outcome.failed, "no route")}
    verdict = judge(program, "labproof.2026.11", "default", outcomes, lab)
    document = report([verdict], "2026-11-20T10:00:00+00:00", 93.1234, "0.1.0")
    share = {"passed": 1, "count": 1, "percent": 100.0}
    required = {"test": "suites.x", "id": "id of suites.x", "outcome": "passed", "flagged": False, "reason": None}
    flag = {"reason": "D901 fails upstream", "action": "wait", "date": "2026-11-20", "versions": []}
    advisory = {"test": "y", "id": "id of y", "outcome": "failed", "flagged": True, "flag": flag, "reason": "no route"}
    expected = {
        "schema": 1,
        "started": "2026-11-20T10:00:00+00:00",
        "seconds": 93.1,
        "harness": "0.1.0",
        "verdicts": [
            {
                "program": "flannel",
                "variant": "default",
                "guideline": "labproof.2026.11",
                "compliant": True,
                "lab": lab,
                "required": share,
                "non_flagged": share,
                "capabilities": [
                    {"name": "routes", "status": "required", "passed": 1, "count": 1, "requirements": [required]},
                    {"name": "c", "status": "advisory", "passed": 0, "count": 1, "requirements": [advisory]},
                ],
            }
        ],
    }
    assert document == expected
    assert list(document["verdicts"][0]) == list(expected["verdicts"][0])  # type: ignore[index]

"""The judge of refusals, on answers written by hand."""

import pytest

from labs.kafka.metadata import Metadata, Topic
from suites.kafka.refusals import CLIENT, ERRORS, TAKEN, Answer, attempted, refusal_problems, unknown_topic_problems


def test_what_is_as_documented_is_no_problem() -> None:
    attempts = [
        attempted("a topic", TAKEN, Answer(TAKEN)),
        attempted("again", 36, Answer(36)),
        attempted("a value", 40, Answer(42), 42),
        attempted("a record", 10, Answer(10, CLIENT), by=CLIENT),
    ]
    assert refusal_problems(attempts) == []


@pytest.mark.parametrize(
    ("wanted", "answer", "kind"),
    [
        (36, Answer(TAKEN), "not-refused"),
        (36, Answer(40), "refused-otherwise"),
        (36, Answer(None, said="timed out"), "no-answer"),
        (36, Answer(36, CLIENT), "refused-otherwise"),
        (TAKEN, Answer(10), "refused"),
        (TAKEN, Answer(None), "no-answer"),
    ],
)
def test_each_way_to_answer_otherwise_has_its_kind(wanted: int, answer: Answer, kind: str) -> None:
    [problem] = refusal_problems([attempted("it", wanted, answer)])
    assert (problem.kind, problem.where) == (kind, "it")
    assert ERRORS[wanted] in str(problem.expected)


def test_an_answer_is_told_by_its_name_and_by_whom() -> None:
    assert str(Answer(10, CLIENT)) == "MESSAGE_TOO_LARGE by the client"
    assert str(Answer(99)) == "error 99 by the broker"
    assert str(Answer(None, said="timed out")) == "no answer: timed out"


def view(error: int) -> Metadata:
    return Metadata("c", 1, {}, {"t": Topic(error, False, {})})


def test_a_topic_that_is_made_shows_in_the_answer_and_afterwards() -> None:
    gone = {1: view(3), 2: view(3)}
    assert unknown_topic_problems("t", gone, gone) == []
    found = unknown_topic_problems("t", {1: view(3), 2: view(5), 3: "refused"}, {**gone, 2: view(0), 3: "refused"})
    assert [(problem.kind, problem.where) for problem in found] == [
        ("topic-made", "broker 2: t"),
        ("no-answer", "broker 3: t"),
        ("topic-made", "broker 2: t"),
    ]

"""The judge of what must be refused, and by which of the documented errors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from labs.kafka.metadata import UNKNOWN_TOPIC, Metadata
from labs.problem import Problem

ERRORS = {
    0: "no error",
    3: "UNKNOWN_TOPIC_OR_PARTITION",
    10: "MESSAGE_TOO_LARGE",
    17: "INVALID_TOPIC_EXCEPTION",
    36: "TOPIC_ALREADY_EXISTS",
    37: "INVALID_PARTITIONS",
    38: "INVALID_REPLICATION_FACTOR",
    39: "INVALID_REPLICA_ASSIGNMENT",
    40: "INVALID_CONFIG",
    42: "INVALID_REQUEST",
}
"""Kafka protocol guide, section "Error Codes" (https://kafka.apache.org/protocol#protocol_error_codes)."""

TAKEN = 0
CLIENT, BROKER = "the client", "the broker"


@dataclass(frozen=True)
class Answer:
    """`code` is one of `ERRORS`, or None where there is no answer; `by` whom it was given, `said` is for people."""

    code: int | None
    by: str = BROKER
    said: str = ""

    def __str__(self) -> str:
        told = "no answer" if self.code is None else f"{ERRORS.get(self.code, f'error {self.code}')} by {self.by}"
        return f"{told}: {self.said}" if self.said else told


@dataclass(frozen=True)
class Attempt:
    """What was tried, which codes (any of them, by whom) it has to be answered with, and how it was."""

    what: str
    codes: frozenset[int]
    answer: Answer
    by: str = BROKER


def attempted(what: str, code: int, answer: Answer, *others: int, by: str = BROKER) -> Attempt:
    """With one code, or others that versions give for it."""
    return Attempt(what, frozenset({code, *others}), answer, by)


def refusal_problems(attempts: Iterable[Attempt]) -> list[Problem]:
    """What was taken though it must be refused, refused though it must be taken, or refused otherwise than is documented."""
    found = []
    for each in attempts:
        taken = each.codes == {TAKEN}
        right = each.answer.code in each.codes and (taken or each.answer.by == each.by)
        if not right:
            names = " or ".join(ERRORS[code] for code in sorted(each.codes))
            found.append(Problem(_kind(each.answer, taken=taken), each.what, f"{names} by {each.by}", str(each.answer)))
    return found


def _kind(answer: Answer, *, taken: bool) -> str:
    if answer.code is None:
        return "no-answer"
    if answer.code == TAKEN:
        return "not-refused"
    return "refused" if taken else "refused-otherwise"


def unknown_topic_problems(
    topic: str, answers: Mapping[int, Metadata | str], after: Mapping[int, Metadata | str]
) -> list[Problem]:
    """What brokers answer to who asks for a topic that there is not, and whether it is there then."""
    found = []
    for broker, view in answers.items():
        code = None if isinstance(view, str) else view.topics[topic].error
        if code != UNKNOWN_TOPIC:
            answer = Answer(code, said=view if isinstance(view, str) else "")
            kind = "no-answer" if code is None else "topic-made"
            found.append(Problem(kind, f"broker {broker}: {topic}", ERRORS[UNKNOWN_TOPIC], str(answer)))
    made = [broker for broker, view in after.items() if not isinstance(view, str) and not view.topics[topic].error]
    return found + [Problem("topic-made", f"broker {broker}: {topic}", "no such topic", "there it is") for broker in made]

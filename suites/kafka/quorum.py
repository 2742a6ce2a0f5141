"""The judge of a KRaft quorum: who leads it, who votes, and whether all keep up."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from labs.problem import Problem

if TYPE_CHECKING:  # what asks has kafka-python in it
    from labs.kafka.quorum import Member, Quorum

BEHIND = 3.0
"""Seconds by which a member may be behind the leader: followers fetch all the time, on a busy machine some times a second."""
UNKNOWN = -1


def quorum_problems(found: "Quorum | str", voters: Collection[int], brokers: Collection[int]) -> list[Problem]:
    """`found` is what the quorum tells, or why it does not; `voters` are those declared, `brokers` all that have to follow."""
    if isinstance(found, str) or found.leader == UNKNOWN:
        return [Problem("no-quorum-leader", "the quorum", "a leader", found if isinstance(found, str) else "none")]
    if found.leader not in found.voters:
        return [Problem("strange-leader", "the quorum", f"one of {sorted(found.voters)}", found.leader)]
    problems = []
    if set(found.voters) != set(voters):
        problems.append(Problem("wrong-voters", "the quorum", sorted(voters), sorted(found.voters)))
    missing = [each for each in brokers if each not in found.voters and each not in found.observers]
    problems += [Problem("not-following", f"broker {each}", "it follows the metadata log", "unknown") for each in missing]
    now = found.voters[found.leader].caught_up
    return [*problems, *_behind("voter", found.voters, now), *_behind("observer", found.observers, now)]


def _behind(role: str, members: "Mapping[int, Member]", now: int) -> Iterator[Problem]:
    """`now`: when the leader was level with itself, in milliseconds of its own clock."""
    for number, each in members.items():
        late = (now - each.caught_up) / 1000 if UNKNOWN not in (now, each.caught_up) else None
        if each.end == UNKNOWN or (late is None and each.lag > 0) or (late is not None and late > BEHIND):
            told = "never heard of" if each.end == UNKNOWN else f"{each.lag} offsets and {late or 0:.1f} s behind"
            yield Problem(f"{role}-behind", f"{role} {number}", f"at most {BEHIND:g} s behind the leader", told)

"""The judge of Kafka's histories against mutated ones: a healthy history has no problem, and each mutation of it is found.

A healthy history is made by a model of a log: producers whose records are acknowledged, refused or lost sight of, appended
in the order in which each producer sent them, read by consumers up to different places and by a last one to the end.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count, pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from labs.kafka.guarantee import Guarantee
from labs.kafka.operations import (
    End,
    Finished,
    Header,
    History,
    Operation,
    Outcome,
    Positioned,
    Read,
    Reserved,
    Transaction,
    Write,
    value_of,
)
from suites.kafka.accounting import account, balance
from suites.kafka.accounting.finding import EXPECTED, forbidden

PARTITIONS = 2
MARKER = -1
"""A transaction's marker in a log: an offset that no reader is given."""
Logs = dict[int, list[int]]


@dataclass
class Made:
    """A history in its parts; `logs` by partition, the values by offset, as a reader of committed records is given them."""

    writes: list[Write]
    logs: Logs
    ends: list[Transaction] = field(default_factory=list)
    reads: list[Operation] = field(default_factory=list)
    guarantee: Guarantee = field(default_factory=Guarantee)

    @property
    def history(self) -> History:
        numbers = {
            write.producer: 1 + max(w.number for w in self.writes if w.producer == write.producer) for write in self.writes
        }
        announced = [Reserved(producer, 0, 1000) for producer in numbers]
        finished = [Finished(producer, LATE, below) for producer, below in numbers.items()]
        ends = [End(partition, LATE, len(log), len(log)) for partition, log in self.logs.items()]
        parts = [announced, self.writes, self.ends, self.reads, read("final", self.logs), finished, ends]
        return History(Header("t", PARTITIONS, self.guarantee), [each for part in parts for each in part])

    @property
    def kinds(self) -> set[str]:
        return {problem.kind for problem in account(self.history)}

    def settled(self) -> list[tuple[int, int]]:
        """Partition and offset of what is acknowledged and has to be there."""
        ending = {each.number: each.ending for each in self.ends}
        good = {w.value for w in self.writes if w.outcome == "ok" and ending.get(w.transaction, "committed") == "committed"}
        return [
            (partition, offset) for partition, log in self.logs.items() for offset, value in enumerate(log) if value in good
        ]

    def cut(self, partition: int, offset: int) -> None:
        """What lies there is gone, and what comes after moves up: as after a loss, the offsets that are told do not."""
        self.logs[partition][offset] = MARKER


LATE = 10**9
"""A time after all others (µs)."""
SAME = settings(max_examples=100, deadline=None, derandomize=True, database=None)
"""The same examples each time, and none kept beside the code."""


def read(name: str, logs: Logs, upto: dict[int, int] | None = None, size: int = 7) -> list[Operation]:
    """A consumer's reading from the beginning, in polls of some records."""
    found: list[Operation] = []
    for partition, log in logs.items():
        found.append(Positioned(name, partition, LATE - 1, 0))
        end = len(log) if upto is None else min(upto[partition], len(log))
        run: list[int] = []
        for offset in range(end + 1):
            value = log[offset] if offset < end else MARKER
            if run and (value == MARKER or len(run) == size):
                found.append(Read(name, partition, LATE - 1, offset - len(run), tuple(run)))
                run = []
            if value != MARKER:
                run.append(value)
    return found


OUTCOMES = st.sampled_from(["ok"] * 8 + ["fail", "info", "info"])


@st.composite
def healthy(draw: Callable[..., int], *, transactions: bool = True) -> Made:
    """Some producers' records, in one partition or another, in transactions or not."""
    clock, numbers = count(1), {producer: count() for producer in range(draw(st.integers(1, 3)))}
    made = Made([], {partition: [] for partition in range(PARTITIONS)})
    for number in range(draw(st.integers(1, 6))):
        ending = draw(st.sampled_from([None, "committed", "aborted", "info"])) if transactions else None
        producer = draw(st.sampled_from(sorted(numbers)))
        visible = ending in (None, "committed") or (ending == "info" and draw(st.booleans()))
        for _ in range(draw(st.integers(1, 6))):
            made.writes.append(
                _write(draw, made, clock, (producer, next(numbers[producer])), number if ending else -1, visible)
            )
        if ending:
            made.ends.append(Transaction(number, producer, next(clock), next(clock), ending))
            for log in made.logs.values():
                log.append(MARKER)
    assume(any(write.outcome == "ok" for write in made.writes))
    for name in ("a", "b"):
        upto = {partition: draw(st.integers(0, len(log))) for partition, log in made.logs.items()}
        made.reads += read(name, made.logs, upto, draw(st.integers(1, 5)))
    return made


def _write(draw: Callable[..., int], made: Made, clock: count, of: tuple[int, int], transaction: int, visible: bool) -> Write:
    partition, outcome = draw(st.integers(0, PARTITIONS - 1)), draw(OUTCOMES)
    if transaction >= 0 and outcome == "info":
        outcome = "ok"  # a producer does not commit what it has not seen acknowledged
    log, begun = made.logs[partition], next(clock)
    offset = len(log)
    if outcome == "ok" or (outcome == "info" and draw(st.booleans())):
        log.append(value_of(*of) if visible else MARKER)
    told = offset if outcome == "ok" else -1
    return Write(*of, "k", partition, begun, next(clock), outcome, told, transaction)


@settings(SAME, max_examples=300)
@given(healthy())
def test_a_healthy_history_has_no_problem(made: Made) -> None:
    found = balance(made.history)
    assert found.problems == []
    assert found.allowed == []


def some(data: st.DataObject, things: list, what: str) -> object:
    assume(things)
    return data.draw(st.sampled_from(things), label=what)


@SAME
@given(healthy(), st.data())
def test_a_dropped_record_is_lost(made: Made, data: st.DataObject) -> None:
    partition, offset = some(data, made.settled(), "dropped")
    made.logs[partition][offset] = MARKER
    made.reads = []
    assert made.kinds == {"lost-acknowledged"}


@SAME
@given(healthy(), st.data())
def test_a_cut_off_tail_is_lost(made: Made, data: st.DataObject) -> None:
    partition, offset = some(data, made.settled(), "first lost")
    del made.logs[partition][offset:]
    made.reads = []
    assert "lost-acknowledged" in made.kinds <= {"lost-acknowledged", "part-of-transaction", "nothing-acknowledged"}


@SAME
@given(healthy(), st.data())
def test_a_record_that_one_reader_is_not_given_is_skipped(made: Made, data: st.DataObject) -> None:
    partition, offset = some(data, made.settled(), "skipped")
    logs = {key: list(log) for key, log in made.logs.items()}
    logs[partition][offset] = MARKER
    assume(any(value != MARKER for value in logs[partition][offset:]))
    made.reads = read("a", logs)
    assert made.kinds == {"skipped"}


@SAME
@given(healthy(), st.data())
def test_a_copy_is_a_duplicate(made: Made, data: st.DataObject) -> None:
    partition, offset = some(data, made.settled(), "copied")
    made.logs[partition].append(made.logs[partition][offset])
    assert made.kinds == {"duplicate"}
    made.guarantee = replace(made.guarantee, idempotence=False)
    assert made.kinds == set()


@SAME
@given(healthy(transactions=False), st.data())
def test_two_records_that_changed_places_are_reordered(made: Made, data: st.DataObject) -> None:
    one, other = some(data, _neighbours(made), "swapped")
    log = made.logs[one[0]]
    log[one[1]], log[other[1]] = log[other[1]], log[one[1]]
    made.reads = []
    offsets = {log[one[1]]: one[1], log[other[1]]: other[1]}
    assert "acknowledged-elsewhere" in made.kinds
    made.writes = [w._replace(offset=offsets.get(w.value, w.offset)) for w in made.writes]  # so they were acknowledged
    assert made.kinds == {"reordered"}


def _neighbours(made: Made) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Acknowledged records of one producer, the second the next of that producer in the partition."""
    found = []
    producers = {write.producer for write in made.writes}
    for producer in producers:
        for partition in made.logs:
            own = [p for p in made.settled() if p[0] == partition and made.logs[p[0]][p[1]] // 10**9 == producer]
            found += list(pairwise(own))
    return found


@SAME
@given(healthy(), st.data())
def test_an_offset_that_was_acknowledged_wrong_is_found(made: Made, data: st.DataObject) -> None:
    partition, offset = some(data, made.settled(), "told wrong")
    value = made.logs[partition][offset]
    shift = data.draw(st.sampled_from([1, -1, 17]))
    assume(offset + shift >= 0)
    made.writes = [w._replace(offset=w.offset + shift) if w.value == value else w for w in made.writes]
    assert made.kinds == {"acknowledged-elsewhere"}


@SAME
@given(healthy(), st.data())
def test_a_reader_that_sees_something_else_is_found(made: Made, data: st.DataObject) -> None:
    partition, offset = some(data, made.settled(), "seen otherwise")
    number = 1 + max(w.number for w in made.writes if w.producer == 0) if any(w.producer == 0 for w in made.writes) else 0
    made.writes.append(Write(0, number, "k", partition, LATE - 2, LATE - 1, "info"))
    value = value_of(0, number)
    logs = {key: list(log) for key, log in made.logs.items()}
    logs[partition][offset] = value
    made.reads = read("a", logs)
    assert made.kinds == {"offset-differs"}
    made.guarantee = replace(made.guarantee, unclean_election=True)
    assert made.kinds == set()


@SAME
@given(healthy(), st.data())
def test_a_reader_that_goes_back_is_found(made: Made, data: st.DataObject) -> None:
    places = [n for n, each in enumerate(made.reads) if isinstance(each, Read)]
    place = some(data, places, "read again")
    made.reads.insert(place, made.reads[place])
    assert made.kinds == {"offset-went-back"}


@SAME
@given(healthy(), st.integers(0, PARTITIONS - 1), st.booleans(), st.data())
def test_a_record_of_nobody_is_a_phantom(made: Made, partition: int, refused: bool, data: st.DataObject) -> None:
    refusals = [w.value for w in made.writes if w.outcome == "fail"]
    value = some(data, refusals, "refused") if refused else value_of(0, 999)
    made.logs[partition].append(value)
    assert made.kinds == {"phantom"}


@SAME
@given(healthy(), st.data())
def test_a_record_in_another_partition_is_a_phantom(made: Made, data: st.DataObject) -> None:
    partition, offset = some(data, made.settled(), "moved")
    made.logs[1 - partition].append(made.logs[partition][offset])
    made.cut(partition, offset)
    made.reads = []
    assert made.kinds == {"phantom", "lost-acknowledged"}


@SAME
@given(healthy(), st.integers(0, PARTITIONS - 1), st.integers(1, 5))
def test_an_end_that_is_not_reached_is_an_unseen_tail(made: Made, partition: int, short: int) -> None:
    judged = made.history
    ends = [
        each._replace(end=each.end + short) if isinstance(each, End) and each.partition == partition else each
        for each in judged.operations
    ]
    assert {problem.kind for problem in account(replace(judged, operations=ends))} == {"unseen-tail"}


@SAME
@given(healthy(), st.data())
def test_what_is_read_of_an_aborted_transaction_is_found(made: Made, data: st.DataObject) -> None:
    aborted = {each.number for each in made.ends if each.ending == "aborted"}
    write = some(data, [w for w in made.writes if w.transaction in aborted and w.outcome == "ok"], "seen")
    made.logs[write.partition][write.offset] = write.value
    made.reads = []
    assert made.kinds == {"aborted-read"}


@SAME
@given(healthy(), st.data())
def test_a_part_of_an_indeterminate_transaction_is_found(made: Made, data: st.DataObject) -> None:
    unknown = {each.number for each in made.ends if each.ending == "info"}
    members = [w for w in made.writes if w.transaction in unknown and w.outcome == "ok"]
    seen = [w for w in members if made.logs[w.partition][w.offset] == w.value]
    write = some(data, [w for w in seen if sum(o.transaction == w.transaction for o in seen) > 1], "not seen")
    made.cut(write.partition, write.offset)
    made.reads = []
    assert made.kinds == {"part-of-transaction"}


@SAME
@given(healthy(), st.data())
def test_what_is_read_before_its_commit_is_found(made: Made, data: st.DataObject) -> None:
    committed = {each.number for each in made.ends if each.ending == "committed"}
    write = some(data, [w for w in made.writes if w.transaction in committed and w.outcome == "ok"], "seen early")
    made.reads = [Read("early", write.partition, write.begun, write.offset, (write.value,))]
    assert made.kinds == {"uncommitted-read"}


@SAME
@given(healthy(), st.sampled_from(["ok", "info"]))
def test_without_acknowledgements_a_history_shows_nothing(made: Made, outcome: Outcome) -> None:
    made.writes = [w._replace(outcome="info", offset=-1) if w.outcome == "ok" else w for w in made.writes]
    assert made.kinds == {"nothing-acknowledged"}


@settings(SAME, max_examples=200)
@given(healthy(), st.data())
def test_what_a_weaker_guarantee_allows_is_told_all_the_same(made: Made, data: st.DataObject) -> None:
    partition, offset = some(data, made.settled(), "broken")
    made.logs[partition][offset] = value_of(0, 999) if data.draw(st.booleans()) else MARKER
    made.logs[partition].append(data.draw(st.sampled_from(made.logs[partition])))
    made.guarantee = Guarantee(
        acks=data.draw(st.sampled_from(["all", 1, 0])),
        idempotence=data.draw(st.booleans()),
        unclean_election=data.draw(st.booleans()),
    )
    found = balance(made.history)
    assert all(forbidden(problem.kind, made.guarantee) for problem in found.problems)
    assert not any(forbidden(problem.kind, made.guarantee) for problem in found.allowed)
    assert {problem.kind for problem in (*found.problems, *found.allowed)} == set(found.found) <= set(EXPECTED)

"""The account of a history: what it counts, what breaks its guarantee, and what the guarantee allows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from labs.kafka.operations import UNKNOWN, Header, History
from labs.problem import Problem
from suites.kafka.accounting.finding import EXPECTED, Finding, forbidden
from suites.kafka.accounting.ledger import FAIL, INFO, OK, Ledger
from suites.kafka.accounting.losses import losses
from suites.kafka.accounting.order import reordered
from suites.kafka.accounting.reading import reading
from suites.kafka.accounting.sightings import Sightings
from suites.kafka.accounting.transactions import transactions
from suites.kafka.accounting.witnesses import witnesses

SHOWN = 5
"""Examples of each kind in each partition."""


@dataclass(frozen=True)
class Balance:
    """`problems` and `allowed` have one entry a kind and partition, with the count and the first few records.

    `counts`: acknowledged, refused, indeterminate writes; records read (by all readers together), records in the log;
    transactions by how they ended. `found`: how many records each kind has, allowed or not. `examples`: the first few,
    for who wants to look them up in the brokers' segments.
    """

    header: Header
    counts: Mapping[str, int]
    found: Mapping[str, int]
    problems: Sequence[Problem]
    allowed: Sequence[Problem]
    examples: Sequence[Finding]

    def __str__(self) -> str:
        head = f"{self.header.topic}: {', '.join(f'{count} {what}' for what, count in self.counts.items() if count)}"
        rows = [f"  {p.kind}  {p.where}\n    expected: {p.expected}\n    found:    {p.found}" for p in self.problems]
        rows += [f"  allowed: {p.kind}  {p.where}: {p.found}" for p in self.allowed]
        return "\n".join([head, f"  {self.header.guarantee}", *rows])


def account(history: History) -> list[Problem]:
    """What a history has that its own guarantee (`header.guarantee`) forbids."""
    return list(balance(history).problems)


def balance(history: History) -> Balance:
    """The whole account. A million operations take some seconds; who read what is looked up for the examples alone."""
    ledger = Ledger.of(history)
    counts, examples = _sorted(_findings(ledger, history))
    found: Counter[str] = Counter()
    for (kind, _), count in counts.items():
        found[kind] += count
    told = _problems(history, counts, examples)
    guarantee = history.header.guarantee
    return Balance(
        history.header,
        _counts(ledger),
        found,
        [problem for problem in told if forbidden(problem.kind, guarantee)],
        [problem for problem in told if not forbidden(problem.kind, guarantee)],
        [each for some in examples.values() for each in some],
    )


def _findings(ledger: Ledger, history: History) -> Iterator[Finding]:
    sightings = Sightings(ledger)
    yield from losses(ledger, sightings)
    yield from sightings.findings
    yield from reordered(ledger, sightings)
    yield from reading(ledger)
    yield from transactions(ledger, sightings, history)


Place = tuple[str, int]
"""Kind and partition."""


def _sorted(findings: Iterable[Finding]) -> tuple[Mapping[Place, int], Mapping[Place, list[Finding]]]:
    counts: Counter[Place] = Counter()
    examples: dict[Place, list[Finding]] = {}
    for each in findings:
        place = each.kind, each.partition
        counts[place] += 1
        if counts[place] <= SHOWN:
            examples.setdefault(place, []).append(each)
    return counts, examples


def _problems(history: History, counts: Mapping[Place, int], examples: Mapping[Place, list[Finding]]) -> list[Problem]:
    places = {(each.partition, each.offset) for some in examples.values() for each in some if each.offset != UNKNOWN}
    readers = witnesses(history, places)
    order = list(EXPECTED)
    found = []
    for kind, partition in sorted(counts, key=lambda place: (order.index(place[0]), place[1])):
        some = [_told(each, readers) for each in examples[kind, partition]]
        more = f", and {counts[kind, partition] - len(some)} more" if counts[kind, partition] > len(some) else ""
        where = history.header.topic + (f"/{partition}" if partition != UNKNOWN else "")
        found.append(Problem(kind, where, EXPECTED[kind], f"{counts[kind, partition]} {kind}: {'; '.join(some)}{more}"))
    return found


def _told(each: Finding, readers: Mapping[tuple[int, int], str]) -> str:
    who = readers.get((each.partition, each.offset))
    return f"{each}, {who}" if who else str(each)


def _counts(ledger: Ledger) -> dict[str, int]:
    outcomes = ledger.outcomes
    endings = Counter(each.ending for each in ledger.transactions.values())
    return {
        "acknowledged": outcomes.count(OK),
        "refused": outcomes.count(FAIL),
        "indeterminate": outcomes.count(INFO),
        "records read": ledger.records_read,
        "in the log": sum(map(len, ledger.logs.values())),
        **{f"transactions {'indeterminate' if ending == 'info' else ending}": count for ending, count in endings.items()},
    }

"""The results document of RefStack: what passed on a cloud, in the form that its server and its client take."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports import source_text
from reports.guideline_error import GuidelineError
from reports.listed_name import bare
from reports.outcomes import Outcome, Record, by_key, worst

CPID, NAME, UUID = 128, 512, 36  # characters that the server's database has room for
LONGEST = 2**31 - 1  # seconds, likewise
SHOWN = 80  # characters of a name that is at fault
UNFIT = re.compile(r"^\.+|[^\w.@+-]+")  # for the name of a file
FORM = 'a RefStack results document {"cpid", "duration_seconds", "results"}'


class ResultsError(Exception):
    """Results that cannot be read: one line, what is wrong and where."""


@dataclass(frozen=True)
class Result:
    """A test that passed; `uuid` without "id-", None where the test has none."""

    name: str
    uuid: str | None


@dataclass(frozen=True)
class Results:
    """What passed on the cloud that has this id; that a test is not among them says neither that it failed nor that it ran."""

    cpid: str
    duration_seconds: int
    results: tuple[Result, ...]

    def to_json(self) -> dict[str, Any]:
        """The document; a test without an id has no key `uuid`, for the server refuses null."""
        found = [{"name": of.name, **({"uuid": of.uuid} if of.uuid else {})} for of in self.results]
        return {"cpid": self.cpid, "duration_seconds": self.duration_seconds, "results": found}


def passed(records: Iterable[Record]) -> Iterator[tuple[str, str | None]]:
    """Names and ids of the tests all of whose cases passed in their last attempts, in every program that holds them."""
    cases: dict[str, list[Record]] = {}
    for record in by_key(records).values():
        cases.setdefault(record.test, []).append(record)
    for test, held in cases.items():
        if worst(case.outcome for case in held) is Outcome.passed:
            yield test, next((case.id for case in held if case.id), None)


def document(cpid: str, seconds: float, passed: Iterable[tuple[str, str | None]]) -> Results:
    """Of names and ids, as Tempest or we write them: each name once, without its `[…]`, sorted; ids without "id-"."""
    ids: dict[str, str | None] = {}
    for name, id in passed:
        plain = bare(name)
        ids[plain] = ids.get(plain) or (id or "").removeprefix("id-") or None
    return Results(cpid, round(seconds), tuple(Result(name, ids[name]) for name in sorted(ids)))


def write(folder: Path, cloud: str, cpid: str | None, seconds: float, passed: Iterable[tuple[str, str | None]]) -> Path | None:
    """Write `folder`/refstack/CLOUD.json; without a cpid nothing is written, and `no_cpid` has the words for it.

    `folder` is that of the results; `seconds` the run took.
    """
    if not cpid:
        return None
    path = folder / "refstack" / f"{UNFIT.sub('_', cloud)}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(cpid, seconds, passed).to_json(), indent=1) + "\n", encoding="utf-8")
    return path


def no_cpid(cloud: str) -> str:
    """What to tell a person when the cloud's id could not be read."""
    return (
        f"{cloud}: no RefStack results: the id of its identity service is not in the catalog; "
        "give the id that the cloud is known by with --cpid ID"
    )


def read(path: Path) -> Results:
    """The document of a file; ResultsError tells the first thing that is wrong with its form."""
    try:
        return parse(source_text.file(str(path), FORM), str(path))
    except GuidelineError as error:
        raise ResultsError(str(error)) from None


def parse(data: bytes, source: str) -> Results:
    """Make results of the text of a file; `source` is what messages call it."""
    try:
        found = source_text.load(data, FORM)
    except GuidelineError as error:
        raise ResultsError(f"{source}: {error}") from None
    if (slip := next(_slips(found), None)) is not None:
        raise ResultsError(f"{source}: {slip}")
    results = tuple(Result(each["name"], each.get("uuid")) for each in found["results"])
    return Results(found["cpid"], found["duration_seconds"], results)


def _slips(found: object) -> Iterator[str]:
    """What keeps JSON from being a results document."""
    if not isinstance(found, dict):
        yield f"{FORM} is expected"
        return
    keys: dict[str, type] = {"cpid": str, "duration_seconds": int, "results": list}
    yield from (f"{key}: missing; {FORM} is expected" for key in keys if key not in found)
    yield from (f"{key}: unknown key; {FORM} is expected" for key in found if key not in keys)
    wrong = (key for key, kind in keys.items() if type(found[key]) is not kind)
    yield from (f"{key}: {_word(keys[key])} is expected" for key in wrong)
    for number, each in enumerate(found["results"]):
        yield from (f"results[{number}]{slip}" for slip in _result_slips(each))


def _result_slips(each: object) -> Iterator[str]:
    if not isinstance(each, dict):
        yield ': an object {"name", "uuid"} is expected'
    elif "name" not in each:
        yield ".name: missing"
    else:
        yield from (f".{key}: a string is expected" for key in ("name", "uuid") if not isinstance(each.get(key, ""), str))


def _word(kind: type) -> str:
    return {str: "a string", int: "a whole number", list: "a list"}[kind]


def problems(results: Results) -> list[str]:
    """Why the server would refuse the results, or break on them (it answers 500); a line each, none when it takes them."""
    return [*_head(results), *_names(results), *_uuids(results)]


def _head(results: Results) -> Iterator[str]:
    if not results.cpid.strip():
        yield "cpid: empty; the id of the catalog's identity service is expected"
    if len(results.cpid) > CPID:
        yield f"cpid: {len(results.cpid)} characters; the server holds {CPID}"
    if not _latin(results.cpid):
        yield f"cpid: {results.cpid[:SHOWN]!r}: the server holds printable Latin-1 alone"
    if not 0 <= results.duration_seconds <= LONGEST:
        yield f"duration_seconds: {results.duration_seconds}: 0 to {LONGEST} are expected"
    if not results.results:
        yield "results: empty; the server takes no result without a test that passed"


def _names(results: Results) -> Iterator[str]:
    for name in dict.fromkeys(of.name for of in results.results):
        if not name.strip():
            yield "results: a test has an empty name"
        elif not _latin(name):
            yield f"results: {name[:SHOWN]!r}: the server holds printable Latin-1 alone"
        if len(name) > NAME:
            yield f"results: {name[:SHOWN]!r}…: {len(name)} characters; the server holds {NAME}"
    # the server's database tells neither case nor spaces at the end apart
    alike = Counter(of.name.rstrip().casefold() for of in results.results)
    first = {of.name.rstrip().casefold(): of.name for of in reversed(results.results)}
    for folded, count in alike.items():
        if count > 1:
            yield f"results: {first[folded][:SHOWN]!r} stands {count} times (in any case); the server takes each test once"


def _uuids(results: Results) -> Iterator[str]:
    for of in results.results:
        if of.uuid is not None and (len(of.uuid) > UUID or not _latin(of.uuid)):
            yield f"results: {of.name[:SHOWN]!r}: uuid {of.uuid[:SHOWN]!r}: a UUID is expected, without id-"


def _latin(text: str) -> bool:
    return text.isprintable() and all(ord(sign) < 256 for sign in text)

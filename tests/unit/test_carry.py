"""Guidelines carried forward: our own small one on a Tempest in small, and the official ones on the installed one."""

import json
import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reports.carry.carried import Carried, carry, counts
from reports.guideline import GuidelineError, parse, read
from reports.outcomes import Found, Outcome
from reports.tempest import installed
from reports.tempest.installed import Installed
from reports.verdict import judge

FLAG = {"reason": "D100 slow", "action": "none", "date": "2016-01-01"}


def official() -> Path | None:
    named = os.environ.get("LABPROOF_GUIDELINES")
    folder = Path(named) if named else Path(__file__).parents[3] / "shared" / "guidelines"
    return folder if (folder / "2020.06.json").is_file() else None


FOLDER = official()
needs_files = pytest.mark.skipif(FOLDER is None, reason="no official guideline files; name their folder by LABPROOF_GUIDELINES")
DATES = ["2015.03", "2015.04", "2015.05", "2015.07", "2016.01", "2016.08", "2017.01", "2017.09"]
DATES += ["2018.02", "2018.11", "2019.06", "2019.11", "2020.06"]
ADD_ONS = [f"add-ons/{name}.{date}" for name in ("dns", "orchestration") for date in ("2018.02", "2018.11", "2020.06")]


def old() -> dict[str, Any]:
    """One kept, one renamed, one moved, two that are one today, one gone with its capability; one in no component."""
    tests = {
        "m.C.kept": {"idempotent_id": "id-1", "flagged": FLAG},
        "m.C.renamed": {"idempotent_id": "id-2", "aliases": ["m.C.before", "m.C.after"], "flag": FLAG},
        "m.C.moved": {"idempotent_id": "3"},
        "m.C.one": {"idempotent_id": "id-4", "aliases": ["m.C.both"], "flagged": FLAG},
        "m.C.other": {"idempotent_id": "id-5", "aliases": ["m.C.both"]},
    }
    about = {"achievements": ["doc", "doc"], "admin": False, "description": "d", "project": "p", "required_since": "2016.01"}
    return {
        "metadata": {"id": "2016.99", "schema": "2.0", "source": "elsewhere"},
        "platforms": {"moon": {"description": "a moon", "components": [{"name": "rock"}]}},
        "add-ons": {"Dark Side": {"components": [{"name": "dust"}]}},
        "components": {
            "rock": {"capabilities": {"required": ["most", "lost"], "removed": ["long-gone"]}},
            "dust": {"capabilities": {"advisory": ["lost"]}},
        },
        "capabilities": {
            "most": {**about, "tests": tests},
            "lost": {**about, "acheivements": [], "tests": {"plug.C.gone": {"idempotent_id": "id-6"}}},
            "spare": {**about, "tests": {"m.C.kept": {"idempotent_id": "id-1"}, "m.C.none": {}}},
        },
    }


THERE = Installed("48.0.0", {"m.C.kept": "1", "m.C.after": "2", "n.D.moved": "3", "m.C.both": "4"}, {"tempest": "48.0.0"}, {})


def small() -> Carried:
    return carry(json.dumps(old()).encode(), "/home/me/g.json", THERE)


def test_each_test_is_kept_renamed_moved_or_gone() -> None:
    carried = small()
    told = {(line.requirement.test, line.requirement.capability): (line.resolution.how, line.change) for line in carried.lines}
    assert told == {
        ("m.C.kept", "most"): ("name", ""),
        ("m.C.renamed", "most"): ("alias", "another method"),
        ("m.C.moved", "most"): ("id", "another class, another module"),
        ("m.C.one", "most"): ("alias", "another method"),
        ("m.C.other", "most"): ("alias", "another method"),
        ("plug.C.gone", "lost"): ("gone", ""),
        ("m.C.kept", "spare"): ("name", ""),
        ("m.C.none", "spare"): ("gone", ""),
    }
    assert counts(carried.of(carried.old.programs["moon"])) == {"name": 1, "alias": 3, "id": 1, "gone": 1}
    assert carried.emptied == ["lost"]
    assert carried.absent == {"plug": 1}
    assert [line.requirement.test for line in carried.joined["m.C.both"]] == ["m.C.one", "m.C.other"]


def test_the_new_guideline_has_the_names_of_today_and_the_old_ones_as_aliases() -> None:
    carried = small()
    new = parse(json.dumps(carried.document).encode(), "g")
    assert (new.id, new.schema) == ("2016.99-carried-tempest-48.0.0", "2.0")
    moon = new.programs["moon"]
    assert [(each.test, each.id, each.aliases, each.flag is not None) for each in moon.requirements] == [
        ("m.C.kept", "1", (), True),
        ("m.C.after", "2", ("m.C.renamed", "m.C.before"), True),
        ("n.D.moved", "3", ("m.C.moved",), False),
        ("m.C.both", "4", ("m.C.one", "m.C.other"), False),
    ]
    assert moon.requirements[0].flag is not None
    assert moon.requirements[0].flag.to_json() == {**FLAG, "versions": []}
    assert carried.document["components"]["rock"]["capabilities"]["removed"] == ["long-gone", "lost"]
    assert new.programs["Dark Side"].requirements == ()
    assert carried.document["metadata"]["source"] == "g.json"
    assert carried.document["metadata"]["carried"]["gone"] == ["m.C.none", "plug.C.gone"]


@pytest.mark.parametrize(("id", "expected"), [(None, {}), ("7", {"idempotent_id": "id-7"})])
def test_a_test_has_its_id_of_today_or_none(id: str | None, expected: dict[str, str]) -> None:
    there = Installed("48.0.0", {**THERE.ids, "m.C.none": id}, THERE.software, {})
    document = carry(json.dumps(old()).encode(), "g.json", there).document
    assert document["capabilities"]["spare"]["tests"]["m.C.none"] == expected
    assert parse(json.dumps(document).encode(), "g").id == "2016.99-carried-tempest-48.0.0"


def test_old_results_still_count() -> None:
    moon = parse(json.dumps(small().document).encode(), "g").programs["moon"]
    before = {name: Found(Outcome.passed) for name in old()["capabilities"]["most"]["tests"]}
    assert judge(moon, "g", "default", before, {}).compliant


def test_our_own_guideline_is_not_carried() -> None:
    [own] = sorted((Path(__file__).parents[2] / "guidelines").glob("*.json"))[-1:]
    with pytest.raises(GuidelineError, match=r"names the harness's own tests"):
        carry(own.read_bytes(), own.name, THERE)


@cache
def tempest() -> Installed:
    return installed.tests()


def carried(name: str) -> Carried:
    assert FOLDER is not None
    return carry((FOLDER / f"{name}.json").read_bytes(), f"{name}.json", tempest())


@needs_files
@pytest.mark.parametrize("name", [*DATES, *ADD_ONS])
def test_an_official_guideline_is_carried_whole(name: str, tmp_path: Path) -> None:
    found = carried(name)
    path = tmp_path / f"{found.id}.json"
    path.write_text(json.dumps(found.document))
    new = read(str(path))
    assert new.programs.keys() == found.old.programs.keys()
    by = counts(found.lines)
    assert sum(by.values()) == len(found.lines)
    joined = sum(len(lines) - 1 for lines in found.joined.values())
    assert sum(len(held["tests"]) for held in found.document["capabilities"].values()) == len(found.lines) - by["gone"] - joined
    for program in found.old.programs.values():
        assert_program(found, new.programs[program.name].requirements, program.requirements)


def assert_program(found: Carried, new: Any, before: Any) -> None:
    """Every test of the program is there under a name of today that knows the old one, with its status and flag, or is gone."""
    known = {(line.requirement.capability, line.requirement.test): line.resolution.name for line in found.lines}
    there = {(each.capability, name): each for each in new for name in each.names}
    for each in before:
        today = known[each.capability, each.test]
        if today is None:
            assert (each.capability, each.test) not in there
            continue
        carried = there[each.capability, each.test]
        assert (carried.test, carried.status) == (today, each.status)
        assert carried.test in tempest().ids
        flags = {other.flag is None for other in before if known[other.capability, other.test] == today}
        assert (carried.flag is None) in flags


@needs_files
@pytest.mark.parametrize("name", [*DATES, *ADD_ONS])
def test_a_carried_guideline_is_valid_by_the_official_schema(name: str) -> None:
    assert FOLDER is not None
    schema = json.loads((FOLDER / "schema" / "2.0.json").read_text())
    document = json.loads(json.dumps(carried(name).document))
    ids = [of.get("idempotent_id") for held in document["capabilities"].values() for of in held["tests"].values()]
    assert ids or name in ADD_ONS, "all tests of an add-on's are a plugin's"
    assert all(id is None or len(id) > len("id-") for id in ids)
    pytest.importorskip("jsonschema").validate(document, schema)


@needs_files
@pytest.mark.parametrize(
    ("name", "expected"),
    [("2015.07", {"name": 114, "alias": 3, "id": 2, "gone": 10}), ("2020.06", {"name": 284, "alias": 0, "id": 1, "gone": 1})],
)
def test_what_tempest_47_has_of_two_guidelines(name: str, expected: dict[str, int]) -> None:
    if tempest().version != "47.0.0":
        pytest.skip(f"the figures are those of Tempest 47.0.0, and {tempest().version} is installed")
    found = carried(name)
    platform = found.old.program("platform")
    assert platform is not None
    assert counts(found.of(platform)) == expected
    changed = Counter(line.change for line in found.lines if line.resolution.how == "id")
    assert changed == (
        {"another class, another module": 1} if name == "2020.06" else {"another method": 1, "another method, another class": 1}
    )

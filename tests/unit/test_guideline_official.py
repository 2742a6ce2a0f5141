"""The official guidelines, where the machine has them: counts of required tests, and the sentence of the seed article."""

import json
import os
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from reports.guideline import GuidelineError, parse, read
from reports.outcomes import Found, Outcome
from reports.verdict import judge

OWN = Path(__file__).parents[2] / "guidelines"


def official() -> Path | None:
    named = os.environ.get("LABPROOF_GUIDELINES")
    beside = Path(__file__).parents[3] / "shared" / "guidelines"
    folder = Path(named) if named else beside
    return folder if (folder / "2020.06.json").is_file() else None


FOLDER = official()
needs_files = pytest.mark.skipif(FOLDER is None, reason="no official guideline files; name their folder by LABPROOF_GUIDELINES")

COUNTS = {
    "2015.03": ((127, 9), (112, 9), (15, 0)),
    "2015.04": ((127, 51), (112, 48), (15, 3)),
    "2015.05": ((128, 33), (113, 31), (15, 2)),
    "2015.07": ((129, 31), (114, 29), (17, 2)),
    "2016.01": ((124, 28), (111, 28), (14, 0)),
    "2016.08": ((228, 17), (215, 17), (14, 0)),
    "2017.01": ((262, 33), (214, 15), (49, 18)),
    "2017.09": ((259, 29), (208, 13), (52, 16)),
    "2018.02": ((337, 20), (285, 20), (53, 0)),
    "2018.11": ((283, 11), (225, 11), (59, 0)),
    "2019.06": ((286, 11), (228, 11), (60, 0)),
    "2019.11": ((286, 11), (228, 11), (60, 0)),
    "2020.06": ((286, 11), (228, 11), (60, 0)),
}
LATER = ("2018.11", "2019.06", "2019.11", "2020.06")
ADD_ONS = {
    **{f"dns.{date}": 10 for date in ("2018.02", *LATER)},
    **{f"orchestration.{date}": 60 for date in LATER},
    "orchestration.2018.02": 39,
}


@needs_files
@pytest.mark.parametrize("name", COUNTS)
def test_required_and_flagged_tests_of_a_guideline(name: str) -> None:
    guideline = read(f"{FOLDER}/{name}.json")
    for short, (count, flagged) in zip(("platform", "compute", "object"), COUNTS[name], strict=True):
        program = guideline.program(short)
        assert program is not None
        required = [r for r in program.requirements if r.status == "required"]
        assert (len(required), sum(r.flag is not None for r in required)) == (count, flagged)


@needs_files
@pytest.mark.parametrize("name", ADD_ONS)
def test_required_tests_of_an_add_on(name: str) -> None:
    program = read(f"{FOLDER}/add-ons/{name}.json").program(name.partition(".")[0])
    assert program is not None
    required = [r for r in program.requirements if r.status == "required"]
    assert len(required) == ADD_ONS[name]
    assert all(r.id and not r.id.startswith("id-") for r in required)


def official_and_valid(name: str) -> tuple[dict[str, Any], Callable[[dict[str, Any]], bool]]:
    """A file, and whether a document is valid by the JSON schema of the file's version."""
    jsonschema = pytest.importorskip("jsonschema")
    assert FOLDER is not None
    document = json.loads((FOLDER / f"{name}.json").read_text())
    schema = json.loads((FOLDER / "schema" / f"{document.get('schema') or document['metadata']['schema']}.json").read_text())
    return document, jsonschema.validators.validator_for(schema)(schema).is_valid


# Of the versions before 1.5 there is no JSON schema.
SINCE_1_5 = [name for name in COUNTS if name not in ("2015.03", "2015.04", "2015.05")]


@needs_files
@pytest.mark.parametrize("name", [*SINCE_1_5, *(f"add-ons/{add_on}" for add_on in ADD_ONS)])
def test_what_the_official_schemas_take_we_take(name: str) -> None:
    document, valid = official_and_valid(name)
    assert valid(document)
    assert parse(json.dumps(document).encode(), name).id


@needs_files
@pytest.mark.parametrize("name", ["2015.07", "2017.01", "2018.02", "2020.06", "add-ons/dns.2020.06"])
def test_slips_that_the_official_schemas_refuse_we_refuse(name: str) -> None:
    """Slips in what a verdict depends on."""
    document, valid = official_and_valid(name)
    found = [slip for slip in slips(document) if not valid(slip)]
    assert len(found) > 3
    for slip in found:
        with pytest.raises(GuidelineError):
            parse(json.dumps(slip).encode(), name)


def slips(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The document with one value each changed to another kind, or left out."""
    component = next(iter(document["components"]))
    capability, rule = next((name, rule) for name, rule in document["capabilities"].items() if rule["tests"])
    test = next(iter(rule["tests"]))
    paths: list[list[str]] = [
        ["components"],
        ["capabilities"],
        ["components", component],
        ["components", component, "required"],
    ]
    paths += [["components", component, "capabilities"], ["components", component, "capabilities", "required"]]
    paths += [["capabilities", capability], ["capabilities", capability, "tests"], ["capabilities", capability, "tests", test]]
    paths += [["capabilities", capability, "tests", test, key] for key in ("idempotent_id", "aliases", "flagged")]
    for path in paths:
        for value in (None, 3, "x", [], {}, [1], ...):
            changed: Any = deepcopy(document)
            place = changed
            for step in path[:-1]:
                place = place.get(step, {})
            if value is not ...:
                place[path[-1]] = value
            else:
                place.pop(path[-1], None)
            yield changed


@needs_files
@pytest.mark.parametrize("name", ["2015.07", "2018.02", "2020.06"])
def test_when_a_capability_was_first_required_is_known(name: str) -> None:
    program = read(f"{FOLDER}/{name}.json").program("platform")
    assert program is not None
    since = {r.required_since for r in program.requirements if r.status == "required"}
    assert all(re.fullmatch(r"20\d\d\.\d\d", date) for date in since - {""})
    assert since - {""}


@needs_files
def test_a_component_of_another_file_is_refused() -> None:
    with pytest.raises(GuidelineError, match="os_powered_compute, which is not in the file"):
        read(f"{FOLDER}/verticals/nfv.next.json")


@needs_files
def test_the_sentence_of_the_seed_article() -> None:
    compute = read(f"{FOLDER}/2015.07.json").program("compute")
    assert compute is not None
    plain = [r.test for r in compute.requirements if r.status == "required" and r.flag is None]
    verdict = judge(compute, "2015.07", "default", dict.fromkeys(plain[:2], Found(Outcome.passed)), {})
    assert verdict.sentence() == (
        "This lab passes 1.8 % (2/114) of the tests in the 2015.07 required capabilities of the OpenStack Powered Compute "
        "program. Excluding flagged tests, it passes 2.4 % (2/85). Compliance with 2015.07: NO"
    )


@needs_files
def test_an_alias_counts_as_the_test() -> None:
    program = read(f"{FOLDER}/2020.06.json").program("compute")
    assert program is not None
    plain = [r for r in program.requirements if r.status == "required" and r.flag is None]
    verdict = judge(program, "2020.06", "default", {r.names[-1]: Found(Outcome.passed) for r in plain}, {})
    assert any(r.aliases for r in plain)
    assert (verdict.compliant, str(verdict.non_flagged)) == (True, "100.0 % (217/217)")


def official_schema() -> dict[str, Any]:
    if FOLDER is None:
        pytest.skip("no official schema; name its folder by LABPROOF_GUIDELINES")
    return json.loads((FOLDER / "schema" / "2.0.json").read_text())  # type: ignore[no-any-return]


def test_the_form_of_our_own_fits_the_official_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    flag = {"reason": "D901 not put back", "action": "wait", "date": "2026-11-20", "versions": ["flanneld 0.28.4"]}
    test = {"idempotent_id": "id-0b6f0f2e-7c1e-4a57-9d55-3a4f3a8a1f10", "flagged": flag}
    about = {"description": "d", "project": "flannel", "required_since": "2026.11", "achievements": [], "admin": False}
    metadata = {
        "id": "labproof.2026.11",
        "schema": "2.0",
        "reference": "https://opendev.org/openstack/interop/raw/branch/master/doc/source/schema/2.0.json",
        "source": "guidelines/labproof.2026.11.json",
        "scoring": {},
        "os_trademark_approval": {"target_approval": "2026.11", "releases": ["2026.11"], "status": "approved"},
        "software": {"flanneld": "0.28.4"},
    }
    document = {
        "metadata": metadata,
        "platforms": {"flannel": {"description": "d", "components": [{"name": "flannel_observe"}]}},
        "components": {
            "flannel_observe": {
                "capabilities": {"required": ["flannel-routes"], "advisory": [], "deprecated": [], "removed": []}
            }
        },
        "capabilities": {"flannel-routes": {**about, "tests": {"suites.flannel.test_routes.test_x": test}}},
        "designated_sections": {},
        "test_repositories": {"labproof": {"repository": "https://example.org/labproof.git"}},
    }
    assert parse(json.dumps(document).encode(), "g").software == {"flanneld": "0.28.4"}
    jsonschema.validate(document, official_schema())


@pytest.mark.parametrize("path", sorted(OWN.glob("*.json")), ids=lambda path: path.name)
def test_our_guidelines_keep_the_official_schema(path: Path) -> None:
    guideline = read(str(path))
    assert guideline.id == path.stem
    assert all(any(r.status == "required" for r in program.requirements) for program in guideline.programs.values())
    pytest.importorskip("jsonschema").validate(json.loads(path.read_text()), official_schema())

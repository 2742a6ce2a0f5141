"""What is sent, and what a bundle of it holds: out of a file, a results folder, a bundle; what cannot be sent is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from reports.bundle import packing
from reports.bundle.packing import pack
from reports.bundle.source import EVIDENCE, SourceError, source

DOCUMENT = {"cpid": "c1", "duration_seconds": 3, "results": [{"name": "a"}, {"name": "b", "uuid": "u"}]}
GUIDELINE = {
    "metadata": {"id": "2018.02.json", "schema": "2.0", "source": "there", "scoring": {}, "os_trademark_approval": {}},
    "platforms": {"OpenStack Powered Compute": {"description": "", "components": []}},
    "components": {},
    "capabilities": {},
}
VERDICT = {
    "harness": "0.1.0",
    "verdicts": [{"program": "identity", "variant": "default", "lab": {"name": "o", "software": {"keystone": "30.0.0"}}}],
}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """As a run leaves it."""
    folder = tmp_path / "results"
    (folder / "refstack").mkdir(parents=True)
    (folder / "refstack/lab.json").write_text(json.dumps(DOCUMENT))
    (folder / "outcomes.jsonl").write_text('{"test": "c", "outcome": "failed", "reason": "password=hunter2 was refused"}\n')
    (folder / "verdict.json").write_text(json.dumps(VERDICT))
    plan = {"guidelines": {"https://me:hunter2@host/g.json": json.dumps(GUIDELINE)}, "software": {"keystone": "30.0.0"}}
    (folder / "plan.json").write_text(json.dumps(plan))
    return folder


@pytest.mark.parametrize("named", [".", "refstack/lab.json"])
def test_a_results_folder_gives_all_its_evidence(results: Path, named: str) -> None:
    found = source(str(results / named))
    assert json.loads(found.body) == DOCUMENT
    assert found.folder == results
    assert sorted(found.files) == ["guidelines/2018.02.json", "outcomes.jsonl", "results.json", "software.json", "verdict.json"]
    assert json.loads(found.files["guidelines/2018.02.json"]) == GUIDELINE
    software = {"harness": "0.1.0", "labs": {"identity@default": {"keystone": "30.0.0"}}, "planned": {"keystone": "30.0.0"}}
    assert json.loads(found.files["software.json"]) == software
    assert found.lacking == ()
    assert b"failed" in found.files["outcomes.jsonl"]
    assert not any(b"hunter2" in data for data in found.files.values())


KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEhunter2\n"


def test_evidence_without_secrets_is_json_as_it_was(results: Path) -> None:
    """Keys of several lines, one of them cut short, numbers, names of secrets; what has none stays as it was to the byte."""
    plain = '{"test":  "identity-own-password", "reason": "ä\u2028", "seconds": 1.50, "password": 5}'
    reasons = [f"{KEY}-----END RSA PRIVATE KEY-----\nrefused", KEY, "password=hunter2 was refused", "plain"]
    lines = [json.dumps({"test": f"t{n}", "reason": reason, "n": n}) for n, reason in enumerate(reasons)]
    named = json.dumps({"properties": {"password": "hunter2", "passed": "hunter 2", "n": [{"adminPass": "hunter2"}]}})
    (results / "outcomes.jsonl").write_text("\n".join([*lines, plain, named, '{"reason": "password=hunter2, and cu']))
    (results / "verdict.json").write_text(json.dumps(VERDICT | {"notes": [KEY], "passphrase": "hunter2"}, indent=1))
    found = source(str(results)).files
    assert not any(b"hunter2" in data for data in found.values())
    *whole, cut = found["outcomes.jsonl"].decode().split("\n")
    assert [json.loads(line).get("n") for line in whole[: len(reasons)]] == list(range(len(reasons)))
    assert json.loads(whole[0])["reason"].endswith("-----END RSA PRIVATE KEY-----\nrefused")
    assert whole[len(reasons) - 1 : -1] == [lines[-1], plain]
    assert json.loads(whole[-1])["properties"] == {"password": "******", "passed": "hunter 2", "n": [{"adminPass": "******"}]}
    assert cut == '{"reason": "password=******, and cu'
    assert json.loads(found["verdict.json"])["verdicts"] == VERDICT["verdicts"]


def test_what_is_lacking_is_named(results: Path) -> None:
    (results / "plan.json").write_text("{")
    (results / "verdict.json").unlink()
    assert source(str(results)).lacking == ("verdict.json", "guidelines/", "software.json")


def test_a_file_of_its_own_has_no_evidence(results: Path, tmp_path: Path) -> None:
    (results / "refstack/lab.json").rename(results / "lab.json")
    found = source(str(results / "lab.json"))
    assert list(found.files) == ["results.json"]
    assert found.lacking == EVIDENCE
    assert found.folder == results


def test_a_bundle_gives_back_what_went_into_it(results: Path, tmp_path: Path) -> None:
    before = source(str(results))
    (tmp_path / "b.zip").write_bytes(pack(before.files, None))
    after = source(str(tmp_path / "b.zip"))
    assert (after.results, after.body) == (before.results, before.body)
    assert after.kept is not None
    assert after.kept.files == before.files


BAD: dict[str, tuple[Any, str]] = {
    "empty": ({**DOCUMENT, "results": []}, "not sent: results: empty"),
    "twice": ({**DOCUMENT, "results": [{"name": "a"}, {"name": "A"}]}, "not sent: results: 'a' stands 2 times"),
    "long": ({**DOCUMENT, "cpid": "c" * 129, "duration_seconds": -1}, r"not sent: cpid: 129 characters.* \(and 1 more\)"),
    "script": ({**DOCUMENT, "results": [{"name": "тест"}]}, "not sent: results: 'тест': the server holds printable Latin-1"),
    "list": ([], "a RefStack results document"),
    "no name": ({**DOCUMENT, "results": [{"uuid": "u"}]}, r"results\[0\].name: missing"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_the_server_would_break_on_is_refused_here(tmp_path: Path, kind: str) -> None:
    document, reason = BAD[kind]
    for data in (json.dumps(document).encode(), pack({packing.RESULTS: json.dumps(document).encode()}, None)):
        (tmp_path / "file").write_bytes(data)
        with pytest.raises(SourceError, match=reason) as refused:
            source(str(tmp_path / "file"))
        assert len(str(refused.value).splitlines()) == 1


def test_what_is_no_results_at_all(results: Path, tmp_path: Path) -> None:
    (tmp_path / "html").write_text("<html>")
    (tmp_path / "zip").write_bytes(b"PK\x03\x04 some other zip")
    (tmp_path / "cut").write_bytes(pack({packing.RESULTS: b"{}"}, None)[:-30])
    (tmp_path / "folder").mkdir()
    cases = {"absent": "No such file", "html": "an HTML or XML page", "zip": "not a bundle", "cut": "changed since it was made"}
    for name, reason in {**cases, "folder": "no refstack/\\*.json is in it", "a\0b": "null"}.items():
        with pytest.raises(SourceError, match=reason):
            source(str(tmp_path / name))
    (results / "refstack/second.json").write_text("{}")
    with pytest.raises(SourceError, match=r"several clouds have .*; name one: .*lab.json, .*second.json"):
        source(str(results))

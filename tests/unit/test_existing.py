"""An existing cloud, as a run meets it: prepared once, attached to from anywhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from labs.errors import LabError, UsageError
from labs.existing.lab_file import read
from labs.openstack.existing import FACTS, ExistingCloud
from labs.seam import Lab
from tests.unit.keystone_answers import Answer, Server, keystone, serving

PASSWORD = "sesame-street"
AUTH = {"username": "ada", "project_name": "engine", "user_domain_name": "Default", "project_domain_name": "Default"}


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABPROOF_CLOUD_PASSWORD", PASSWORD)
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(keystone) as running:
        yield running


def prepared(folder: Path, url: str, more: str = "", said: list[str] | None = None) -> ExistingCloud:
    (folder / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"mine": {"auth": {"auth_url": url, **AUTH}}}}))
    file = folder / "mycloud.yaml"
    secret = "password: {env: LABPROOF_CLOUD_PASSWORD}"
    file.write_text(f"lab: mycloud\nsubject: openstack\ncloud: mine\nclouds_file: clouds.yaml\n{secret}\n{more}")
    return ExistingCloud.prepare(read(file), folder / "results/labs/mycloud", (said if said is not None else []).append)


def test_it_is_prepared_once_and_attached_to_without_a_question(tmp_path: Path, server: Server) -> None:
    said: list[str] = []
    first = prepared(tmp_path, server.url, said=said)
    assert said == [f"lab mycloud: {server.url}/v3, ada in engine: no administrator, so tests that need one are skipped"]
    asked = len(server.asked)
    lab: Lab = ExistingCloud.attach(str(first.folder))
    assert len(server.asked) == asked
    assert isinstance(lab, ExistingCloud)
    assert (lab.name, lab.nodes, lab.alive, lab.software) == ("mycloud", (), True, {"identity": "v3.14"})
    assert (lab.cloud, lab.clouds_file, lab.cpid) == ("mine", tmp_path / "clouds.yaml", "cpid-1")
    assert (lab.is_admin, lab.one_at_a_time) == (False, True)
    assert lab.tempest_conf == lab.folder / "tempest.conf" == first.tempest_conf
    assert lab.problems() == []
    lab.settle()


def test_a_password_stands_in_tempest_s_files_alone_and_not_after_the_end(tmp_path: Path, server: Server) -> None:
    lab = prepared(tmp_path, server.url)
    holders = [path.name for path in lab.folder.rglob("*") if path.is_file() and PASSWORD in path.read_text()]
    assert holders == ["accounts.yaml"]
    assert PASSWORD not in str(lab.evidence())
    lab.close()
    assert [path.name for path in lab.folder.rglob("*") if path.is_file()] == [FACTS]


def test_a_cloud_that_goes_away_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(keystone) as server:
        lab = prepared(tmp_path, server.url)
    [problem] = lab.problems()
    assert (problem.kind, problem.where) == ("unreachable", f"{server.url}/v3")
    assert "connection refused" in str(problem.found)
    assert "connection refused" in lab.evidence()["identity"]
    monkeypatch.setattr("labs.openstack.existing.SETTLE_LIMIT", 0.1)
    with pytest.raises(LabError, match="lab mycloud: not ready after"):
        lab.settle()
    for ask in (lab.left_behind, lab.clear):
        with pytest.raises(LabError, match=r"cloud mine: http.* does not answer: connection refused"):
            ask()


def test_one_that_cannot_be_used_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="does not answer: connection refused"):
        prepared(tmp_path, "http://127.0.0.1:1/v3")
    assert not (tmp_path / "results").exists()


def test_what_was_never_prepared(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="no cloud was prepared here"):
        ExistingCloud.attach(str(tmp_path))
    (tmp_path / FACTS).write_text("{}")
    with pytest.raises(LabError, match="no cloud was prepared here: KeyError"):
        ExistingCloud.attach(str(tmp_path))


def test_a_lab_file_that_has_changed_since_is_told(tmp_path: Path, server: Server) -> None:
    lab = prepared(tmp_path, server.url)
    (tmp_path / "mycloud.yaml").write_text("lab: [")
    assert "its file is not what it was" in str(lab.problems()[0].found)


def test_the_user_s_own_tempest_conf_wins(tmp_path: Path, server: Server) -> None:
    own = tmp_path / "own.conf"
    own.write_text(f"[identity]\nuri_v3 = {server.url}/v3\n")
    said: list[str] = []
    lab = prepared(tmp_path, server.url, "tempest_conf: own.conf\n", said)
    assert (lab.tempest_conf, lab.one_at_a_time) == (own, False)
    assert said[1] == f"lab mycloud: with {own}"
    lab.close()
    assert own.exists()
    own.write_text("[identity]\nuri_v3 = https://elsewhere.example.org/v3\n")
    with pytest.raises(UsageError, match="they have to be one cloud"):
        prepared(tmp_path, server.url, "tempest_conf: own.conf\n")


def test_what_the_user_should_know_is_said(tmp_path: Path) -> None:
    catalog = [{"type": kind, "id": None, "name": kind, "endpoints": []} for kind in ("identity", "compute", "image")]
    said: list[str] = []
    with serving(lambda url: keystone(url, ("admin",), catalog=catalog)) as server:
        lab = prepared(tmp_path, server.url, said=said)
    assert (lab.is_admin, lab.cpid) == (True, None)
    assert said == [
        f"lab mycloud: {server.url}/v3, ada in engine: an administrator",
        "lab mycloud: has glance, nova too; tests of these need a tempest.conf of your own (tempest_conf)",
        "lab mycloud: its catalog has no id of the identity service; give the cloud's id with --cpid",
    ]


def test_going_on_with_a_run_what_its_user_had_before_it_counts(tmp_path: Path) -> None:
    rules: list[dict[str, Any]] = [{"id": "r1", "path": "/a"}]
    with serving(lambda url: lambda method, path, accept: _with_rules(url, method, path, accept, rules)) as server:
        first = prepared(tmp_path, server.url)
        assert first.left_behind() == []
        rules.append({"id": "r2", "path": "/b"})
        again = prepared(tmp_path, server.url)
        assert again.prefix != first.prefix
        assert [problem.where for problem in again.left_behind()] == ["access_rules: /b"]
        assert again.clear() == []
        assert [rule["id"] for rule in rules] == ["r1"]


def _with_rules(url: str, method: str, path: str, accept: str, rules: list[dict[str, Any]]) -> Answer:
    if "/access_rules" not in path:
        return keystone(url)(method, path, accept)
    if method == "DELETE":
        rules[:] = [rule for rule in rules if not path.endswith(rule["id"])]
        return Answer(204)
    return Answer(200, {"access_rules": rules})


def test_the_facts_are_plain_data(tmp_path: Path, server: Server) -> None:
    facts = json.loads((prepared(tmp_path, server.url).folder / FACTS).read_text())
    assert facts["file"] == str(tmp_path / "mycloud.yaml")
    assert facts["catalog"]["identity"][0]["url"] == f"{server.url}/v3"
    assert facts["user"] == "ada"

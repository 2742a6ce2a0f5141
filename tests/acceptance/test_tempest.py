"""Tempest's tests on a kept identity lab, as a user runs them: names, outcomes, reasons, reports, exit codes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from labs.openstack.identity import IdentityLab

ROOT = Path(__file__).parents[2]
TOKENS = "tempest.api.identity.v3.test_tokens.TokensV3Test"
CREATE = f"{TOKENS}.test_create_token"
CREATE_ID = "6f8e4436-fc96-4282-8122-e41df57197a9"
APPLICATION_CREDENTIALS = "tempest.api.identity.v3.test_application_credentials.ApplicationCredentialsV3Test"
OWN_CREDENTIAL = f"{APPLICATION_CREDENTIALS}.test_create_application_credential"
CATALOG = "tempest.api.identity.v3.test_catalog.IdentityCatalogTest.test_catalog_standardization"


@dataclass(frozen=True)
class Ended:
    """How a run ended; `path` is its results folder."""

    code: int
    output: str
    path: Path

    def json(self, name: str) -> Any:
        return json.loads((self.path / name).read_text())

    @property
    def requirements(self) -> dict[str, dict[str, Any]]:
        [verdict] = self.json("verdict.json")["verdicts"]
        return {each["test"]: each for capability in verdict["capabilities"] for each in capability["requirements"]}

    def allure(self, name: str) -> dict[str, Any]:
        """The one result of the test of that full name."""
        results = (json.loads(path.read_text()) for path in (self.path / "allure-results").glob("*-result.json"))
        [found] = [result for result in results if result["fullName"] == name]
        return found


@dataclass(frozen=True)
class Kept:
    """A kept lab, and runs on it."""

    lab: IdentityLab
    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str, lab: str = "identity") -> Ended:
        results = self.folder / "results"
        command = [sys.executable, "-m", "proof", "--lab", lab, "--results", str(results), *arguments]
        ended = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=180)
        return Ended(ended.returncode, ended.stdout + ended.stderr, results)

    def file(self, cloud: str, clouds: str | None = None) -> str:
        """A lab file of a cloud of the lab's clouds.yaml, or of one with this text."""
        path = self.folder / "mine.yaml"
        place = self.lab.clouds_file
        if clouds is not None:
            place = self.folder / "clouds.yaml"
            place.write_text(clouds)
        path.write_text(f"lab: mine\nsubject: openstack\ncloud: {cloud}\nclouds_file: {place}\n")
        return str(path)

    def guideline(self, tests: dict[str, dict[str, Any]]) -> str:
        """A file with one program of one required capability."""
        capability = {"description": "d", "project": "p", "required_since": "2015.07", "achievements": [], "admin": False}
        document = {
            "metadata": {"id": "2015.07", "schema": "2.0"},
            "platforms": {"OpenStack Powered Compute": {"components": [{"name": "all"}]}},
            "components": {"all": {"capabilities": {"required": ["some"]}}},
            "capabilities": {"some": capability | {"tests": tests}},
        }
        path = self.folder / "guideline.json"
        path.write_text(json.dumps(document))
        return str(path)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("identity")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "TOX_"))}
    environment = kept | {"LABPROOF_STATE": str(folder / "state"), "PYTHONPATH": f"{ROOT}:{ROOT / 'fixtures'}"}
    command = [sys.executable, "-m", "labs"]
    up = subprocess.run([*command, "up", "identity"], env=environment, capture_output=True, text=True, timeout=300)
    assert up.returncode == 0, up.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABPROOF_STATE", str(folder / "state"))
        yield Kept(IdentityLab.attach("identity"), folder, environment)
    subprocess.run([*command, "down", "identity"], env=environment, check=True, timeout=60)


def test_each_test_is_an_item_with_its_own_name_in_every_report(kept: Kept) -> None:
    ended = kept.run("--program", "identity-readonly")
    assert (ended.code, "Compliance with labproof.2026.11: YES" in ended.output) == (0, True), ended.output
    assert f"identity: {CREATE}" in ended.output
    cases = ElementTree.parse(ended.path / "junit.xml").getroot().iter("testcase")
    assert (TOKENS, "test_create_token[identity]") in {(case.get("classname"), case.get("name")) for case in cases}
    labels = {each["name"]: each["value"] for each in ended.allure(f"{TOKENS}#test_create_token")["labels"]}
    assert (labels["parentSuite"], labels["suite"], labels["subSuite"]) == (
        "tempest.api.identity.v3", "test_tokens", "TokensV3Test",
    )  # fmt: skip
    assert (labels["epic"], labels["feature"], labels["requirement"]) == ("identity-readonly", "identity-tokens", CREATE_ID)
    sent = ended.json("refstack/identity.json")
    assert sent["cpid"] == kept.lab.cpid
    assert {"name": CREATE, "uuid": CREATE_ID} in sent["results"]
    assert len(sent["results"]) == len(ended.requirements)


def test_a_failure_is_told_with_what_was_asked_and_answered_and_no_secret(kept: Kept) -> None:
    kept.lab.configure(policy={"identity:list_user_projects": "!"})
    try:
        ended = kept.run("--program", "identity", "-k", "IdentityV3ProjectsTest or test_create_token")
    finally:
        kept.lab.settle()
    assert ended.code == 1
    assert "tempest.lib.exceptions.Forbidden" in ended.output
    assert len(ended.output.splitlines()) < 80, ended.output
    assert "Incompatible Exception" not in ended.output
    name = "tempest.api.identity.v3.test_projects.IdentityV3ProjectsTest"
    found = ended.requirements[f"{name}.test_list_projects_returns_only_authorized_projects"]
    assert (found["outcome"], found["kinds"]) == ("failed", ["Forbidden"])
    assert ended.requirements[CREATE]["outcome"] == "passed"
    assert ended.requirements[CATALOG]["reason"] == "deselected"
    attached = {
        each["name"]: (ended.path / "allure-results" / each["source"]).read_text()
        for each in ended.allure(f"{name}#test_list_projects_returns_only_authorized_projects")["attachments"]
    }
    assert "Response - Headers" in attached["exchange"]
    written = "\n".join(path.read_text(errors="replace") for path in ended.path.rglob("*") if path.is_file())
    assert not [password for password in kept.lab.passwords.values() if password in written]
    assert "gAAAA" not in written


def test_names_of_a_guideline_that_changed_are_told_apart(kept: Kept) -> None:
    moved = f"{TOKENS.replace('v3.test_tokens', 'v2.test_tokens')}.test_validate_token"
    tests = {
        CREATE: {"idempotent_id": f"id-{CREATE_ID}"},
        "tempest.old.test_catalog": {"idempotent_id": "id-56b57ced-22b8-4127-9b8a-565dfb0207e2", "aliases": [CATALOG]},
        moved: {"idempotent_id": "id-a9512ac3-3909-48a4-b395-11f438e16260"},
        "tempest.old.test_gone": {"idempotent_id": "id-00000000-0000-4000-8000-000000000000"},
    }
    ended = kept.run("--guideline", kept.guideline(tests), "--program", "compute")
    outcomes = {test: (each["outcome"], each["reason"]) for test, each in ended.requirements.items()}
    assert outcomes[CREATE] == outcomes["tempest.old.test_catalog"] == ("passed", None)
    assert outcomes["tempest.old.test_gone"] == ("missing", "Tempest 47.0.0 has no such test")
    outcome, reason = outcomes[moved]
    assert outcome == "missing"
    assert f"{TOKENS}.test_validate_token has its id" in reason
    assert reason.endswith("(passed)")
    assert "passes 50.0 % (2/4)" in ended.output
    assert ended.code == 1
    assert {each["name"] for each in ended.json("refstack/identity.json")["results"]} == {
        CREATE, CATALOG, f"{TOKENS}.test_validate_token",
    }  # fmt: skip


def test_a_lab_that_does_not_answer_blocks_and_does_not_fail(kept: Kept) -> None:
    kept.lab.keystone.daemon.pause()
    try:
        ended = kept.run("--program", "identity-readonly", "-k", "TokensV3Test")
    finally:
        kept.lab.settle()
    assert ended.requirements[CREATE]["outcome"] == "blocked"
    assert "keystone" in ended.requirements[CREATE]["reason"]
    assert ended.code == 1


def test_without_xdist_it_is_the_same(kept: Kept) -> None:
    ended = kept.run("--program", "identity-readonly", "-k", "TokensV3Test", "-n", "0")
    assert ended.requirements[CREATE]["outcome"] == "passed"
    assert ended.requirements[CATALOG]["reason"] == "deselected"


def things(kept: Kept) -> dict[str, int]:
    """How many rows Keystone has of what tests make."""
    tables = ("user", "project", "role", "group", "assignment", "application_credential", "access_rule", "credential")
    return {table: int(kept.lab.database.sql(f"select count(*) from keystone.{table}").split()[-1]) for table in tables}


def test_an_existing_cloud_is_judged_by_its_lab_file_alone_and_left_as_it_was(kept: Kept) -> None:
    before = things(kept)
    ended = kept.run(lab=kept.file("identity"))
    assert (ended.code, "100.0 %" in ended.output) == (0, True), ended.output
    [verdict] = ended.json("verdict.json")["verdicts"]
    assert (verdict["program"], verdict["lab"]["kind"], verdict["lab"]["name"]) == ("identity-readonly", "existing", "mine")
    assert things(kept) == before
    assert ended.json("refstack/identity.json")["cpid"] == kept.lab.cpid
    written = "\n".join(path.read_text(errors="replace") for path in ended.path.rglob("*") if path.is_file())
    assert not [password for password in kept.lab.passwords.values() if password in written]


def test_without_an_administrator_what_needs_one_is_skipped_with_that_reason(kept: Kept) -> None:
    before = things(kept)
    ended = kept.run("--program", "identity", "-k", "TokensV3Test or DomainsTestJSON", lab=kept.file("identity-member"))
    assert ended.requirements[CREATE]["outcome"] == "passed", ended.output
    domains = "tempest.api.identity.admin.v3.test_domains.DomainsTestJSON.test_list_domains"
    found = ended.requirements[domains]
    assert (found["outcome"], found["reason"]) == ("skipped", "Missing Identity Admin API credentials in configuration.")
    assert ended.code == 1
    assert things(kept) == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("password: ", "password: not"), "does not accept"),
        (("127.0.0.1:", "127.0.0.2:"), "does not answer"),
        (("cacert: ", "# "), "cacert"),
    ],
)
def test_a_cloud_that_cannot_be_used_is_one_line(kept: Kept, change: tuple[str, str], told: str) -> None:
    ended = kept.run(lab=kept.file("identity", kept.lab.clouds_file.read_text().replace(*change)))
    assert ended.code == 6, ended.output
    [line] = [line for line in ended.output.splitlines() if line.startswith("blocked: mine: ")]
    assert told in line
    assert "Traceback" not in ended.output


def test_a_lab_file_that_is_wrong_is_told_before_anything_is_touched(kept: Kept) -> None:
    path = Path(kept.file("identity"))
    path.write_text(path.read_text().replace("cloud: ", "cluod: "))
    ended = kept.run(lab=str(path))
    assert (ended.code, f"{path}:3: cluod: unknown key" in ended.output) == (4, True), ended.output


def test_a_program_that_a_cloud_does_not_serve_is_refused(kept: Kept) -> None:
    ended = kept.run("--program", "flannel", lab=kept.file("identity"))
    assert (ended.code, 'program "flannel" is not served by the given labs: mine' in ended.output) == (4, True)


def test_what_failed_is_run_again_and_the_rest_stays(kept: Kept) -> None:
    kept.lab.configure(policy={"identity:create_application_credential": "!"})
    try:
        first = kept.run("--program", "identity-readonly", "-k", "CredentialsV3Test or TokensV3Test", "--cpid", "mine")
    finally:
        kept.lab.settle()
    assert first.requirements[OWN_CREDENTIAL]["outcome"] == "failed"
    again = kept.run(
        "--program", "identity-readonly", "-k", "CredentialsV3Test or TokensV3Test", "--cpid", "mine", "--rerun", "failed"
    )
    assert again.requirements[OWN_CREDENTIAL]["outcome"] == again.requirements[CREATE]["outcome"] == "passed", again.output
    assert f"identity: {CREATE}" not in again.output
    sent = again.json("refstack/identity.json")
    assert sent["cpid"] == "mine"
    assert {CREATE, OWN_CREDENTIAL} < {each["name"] for each in sent["results"]}


def test_a_flagged_test_that_fails_is_known_in_every_report(kept: Kept) -> None:
    flag = {"reason": "D400 known", "action": "wait", "date": "2020-06-01"}
    tests = {OWN_CREDENTIAL: {"idempotent_id": "id-1", "flagged": flag}, CREATE: {"idempotent_id": f"id-{CREATE_ID}"}}
    kept.lab.configure(policy={"identity:create_application_credential": "!"})
    try:
        ended = kept.run("--guideline", kept.guideline(tests))
    finally:
        kept.lab.settle()
    result = ended.allure(f"{APPLICATION_CREDENTIALS}#test_create_application_credential")
    found = ended.requirements[OWN_CREDENTIAL]
    assert (found["outcome"], result["status"]) == ("failed", "failed"), ended.output
    assert result["statusDetails"]["message"].startswith("flagged: D400 known")
    assert result["statusDetails"]["known"]
    assert "Flagged, still failing" in ended.output
    assert ended.code == 0


def test_interrupted_in_a_class_nothing_of_it_is_left_in_the_users_cloud(kept: Kept) -> None:
    before = things(kept)
    results = kept.folder / "interrupted"
    options = ["--lab", kept.file("identity"), "--program", "identity", "-k", "RolesV3TestJSON", "--results", str(results)]
    command = [sys.executable, "-m", "proof", *options]
    started = subprocess.Popen(command, cwd=ROOT, env=kept.environment, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    for line in started.stdout:
        if line.startswith("passed "):
            break
    started.send_signal(signal.SIGINT)
    rest = started.stdout.read()
    assert started.wait(60) == 2, rest
    assert things(kept) == before, rest
    assert not list(results.glob("labs/*/tempest.conf"))


def test_the_class_of_a_worker_that_died_is_run_again(kept: Kept) -> None:
    results = kept.folder / "crashed"
    options = ["--lab", "identity", "--program", "identity", "-k", "RolesV3TestJSON", "--results", str(results)]
    command = [sys.executable, "-m", "proof", *options]
    started = subprocess.Popen(command, cwd=ROOT, env=kept.environment, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    for line in started.stdout:
        if line.startswith("passed "):
            break
    for pid in workers_of(started.pid):
        os.kill(pid, signal.SIGKILL)
    rest = started.stdout.read()
    assert started.wait(90) == 1, rest
    ended = Ended(1, rest, results)
    roles = {name: each["outcome"] for name, each in ended.requirements.items() if "RolesV3TestJSON" in name}
    assert set(roles.values()) == {"passed"}, rest


def workers_of(controller: int) -> list[int]:
    """The processes that run cases for a run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent, line = int(path.read_text().rpartition(")")[2].split()[1]), (path.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == controller and b"execfile" not in line and b"exec(eval(" in line:
            found.append(int(path.parent.name))
    return found

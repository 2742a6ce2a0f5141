"""A real cloud known by a lab file and a clouds.yaml alone: reached, tested with Tempest, and left as it was found."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from labs.errors import LabError
from labs.existing.lab_file import read
from labs.faults import paused
from labs.openstack import cloud
from labs.openstack.cloud import session
from labs.openstack.cloud_entry import find
from labs.openstack.existing import ExistingCloud
from labs.openstack.identity import IdentityLab
from labs.openstack.inventory import Inventory, asking, left_behind, observe
from labs.openstack.inventory_names import run_prefix
from labs.wait import watch

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("tempest_outcomes.py")
ADMIN = ["admin.v3.test_trusts", "admin.v3.test_regions", "v3.test_tokens"]
MEMBER = [
    *("v3.test_access_rules", "v3.test_application_credentials", "v3.test_catalog", "v3.test_tokens", "v3.test_projects"),
    *("admin.v3.test_users", "admin.v3.test_roles", "admin.v3.test_domains"),
]
NO_ADMIN = "Missing Identity Admin API credentials in configuration."


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityLab]:
    folder = tmp_path_factory.mktemp("identity")
    os.environ["LABPROOF_STATE"] = str(folder / "state")
    name = f"cloud-{os.getpid()}"
    lab = IdentityLab.up(name, variant="default", nodes=1, logs=folder / "logs", owner=os.getpid(), progress=print)
    yield lab
    lab.down()
    del os.environ["LABPROOF_STATE"]


@pytest.fixture
def outside(lab: IdentityLab, tmp_path: Path) -> Path:
    """What a user has: the folder of clouds.yaml and of the CA that it names."""
    (tmp_path / "ca.pem").write_text(lab.cacert.read_text())
    (tmp_path / "clouds.yaml").write_text(lab.clouds_file.read_text().replace(str(lab.cacert), str(tmp_path / "ca.pem")))
    return tmp_path


@pytest.fixture
def before(lab: IdentityLab) -> Inventory:
    return everything(lab)


def everything(lab: IdentityLab) -> Inventory:
    entry = find(lab.cloud, lab.clouds_file)
    return observe(asking(session(entry), f"{lab.url}/v3"))


def prepared(outside: Path, entry: str, said: list[str] | None = None) -> ExistingCloud:
    file = outside / "mycloud.yaml"
    file.write_text(f"lab: mycloud\nsubject: openstack\ncloud: {entry}\nclouds_file: clouds.yaml\n")
    return ExistingCloud.prepare(read(file), outside / "results/labs/mycloud", (said if said is not None else []).append)


def tempest(mine: ExistingCloud, modules: Sequence[str]) -> subprocess.Popen[str]:
    argv = [sys.executable, str(RUNNER), str(mine.tempest_conf), mine.prefix, *modules]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT / 'fixtures'}"}
    return subprocess.Popen(argv, env=env, cwd=mine.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def outcomes(mine: ExistingCloud, modules: Sequence[str]) -> dict[str, tuple[str, str]]:
    with tempest(mine, modules) as running:
        told, _ = running.communicate(timeout=240)
    assert running.returncode == 0, told
    found: dict[str, tuple[str, str]] = json.loads(told.splitlines()[-1])
    return found


def test_an_administrator_s_tests_pass_and_nothing_is_left(lab: IdentityLab, outside: Path, before: Inventory) -> None:
    mine = prepared(outside, "identity")
    assert (mine.cloud, mine.is_admin, mine.one_at_a_time, mine.cpid) == ("identity", True, False, lab.cpid)
    assert re.fullmatch(r"v3\.\d+", mine.software["identity"])
    found = outcomes(mine, ADMIN)
    assert len(found) >= 13
    assert [(name, of) for name, of in found.items() if of[0] != "passed"] == []
    assert mine.left_behind() == []
    assert left_behind(before, everything(lab)) == []


def test_without_an_administrator_what_needs_one_is_skipped_with_that_reason(
    lab: IdentityLab, outside: Path, before: Inventory
) -> None:
    said: list[str] = []
    mine = prepared(outside, "identity-member", said)
    assert said == [f"lab mycloud: {lab.url}/v3, member in demo: no administrator, so tests that need one are skipped"]
    assert (mine.is_admin, mine.one_at_a_time, mine.cpid) == (False, True, lab.cpid)
    found = outcomes(mine, MEMBER)
    assert {tuple(of) for name, of in found.items() if ".admin." in name} == {("skipped", NO_ADMIN)}
    passed = [name for name, of in found.items() if of[0] == "passed"]
    assert len(passed) >= 10
    assert [(name, of) for name, of in found.items() if of[0] == "failed"] == []
    assert left_behind(before, everything(lab)) == []
    mine.clear()
    assert mine.left_behind() == []


def test_what_tempest_leaves_of_a_user_s_own_is_found_and_goes(lab: IdentityLab, outside: Path) -> None:
    """Access rules outlive the credentials that they were made for."""
    mine = prepared(outside, "identity-member")
    outcomes(mine, ["v3.test_access_rules"])
    assert [problem.where.partition(":")[0] for problem in mine.left_behind()] == ["access_rules"]
    assert mine.clear() == []
    assert mine.left_behind() == []


def test_what_a_killed_run_left_goes_with_the_next_and_nobody_else_s(
    lab: IdentityLab, outside: Path, before: Inventory
) -> None:
    entry = find(lab.cloud, lab.clouds_file)
    asked, users = session(entry), f"{lab.url}/v3/users"
    others = ["tempest-TokensV3Test-1", f"{run_prefix()}-TokensV3Test-1", f"{run_prefix(time.time() - 90_000)}-TokensV3Test-1"]
    ids = [asked.post(users, json={"user": {"name": name}}).json()["user"]["id"] for name in others]
    killed = prepared(outside, "identity")
    try:
        with tempest(killed, ADMIN) as running:
            assert watch(killed.left_behind, lambda found: len(found) > 3, within=60).met
            running.send_signal(signal.SIGKILL)
        assert len(killed.left_behind()) > 3
        said: list[str] = []
        following = prepared(outside, "identity", said)
        assert [line for line in said if "killed runs had left" in line and "removed" in line], said
        assert killed.left_behind() == following.left_behind() == []
        there = [asked.get(f"{users}/{id}", raise_exc=False).status_code for id in ids]
        assert there == [200, 200, 404], "the third is of a run of yesterday's"
    finally:
        for id in ids:
            asked.delete(f"{users}/{id}", raise_exc=False)
    assert left_behind(before, everything(lab)) == []


def test_a_killed_run_s_things_go_by_its_own_prefix(lab: IdentityLab, outside: Path, before: Inventory) -> None:
    mine = prepared(outside, "identity")
    with tempest(mine, ["admin.v3.test_trusts"]) as running:
        assert watch(mine.left_behind, bool, within=60).met
        running.send_signal(signal.SIGKILL)
    assert mine.clear() == []
    assert left_behind(before, everything(lab)) == []


def test_it_is_attached_to_without_a_question(lab: IdentityLab, outside: Path) -> None:
    mine = prepared(outside, "identity")
    with paused(lab.keystone.daemon):
        assert ExistingCloud.attach(str(mine.folder)).cpid == lab.cpid


def test_what_cannot_be_used_is_one_line(lab: IdentityLab, outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, text = outside / "clouds.yaml", (outside / "clouds.yaml").read_text()

    def refused(changed: str, entry: str = "identity") -> str:
        file.write_text(changed)
        with pytest.raises(LabError) as caught:
            prepared(outside, entry)
        assert "\n" not in str(caught.value)
        assert lab.passwords["admin"] not in str(caught.value)
        return str(caught.value)

    assert refused(text, "elsewhere").endswith("has no such entry; there are: identity, identity-member")
    told = refused(text.replace(lab.passwords["admin"], "wrong"))
    assert "does not accept the credential of its entry: The request you have made requires authentication" in told
    without = "\n".join(line for line in text.splitlines() if "cacert" not in line)
    assert "is not trusted" in (told := refused(without))
    assert "name its CA in the entry (cacert: FILE)" in told
    monkeypatch.setattr(cloud, "LIMIT", 1.0)
    with paused(lab.keystone.daemon):
        start = time.monotonic()
        assert "does not answer" in refused(text)
        assert time.monotonic() - start < 5

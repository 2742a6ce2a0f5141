"""The real RefStack server as a lab: what it takes, whom it knows, which tests it requires, how it comes back and goes."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from labs.embedded.sweeper import sweep
from labs.errors import UsageError
from labs.faults import killed, paused, rebooted
from labs.refstack.lab import RefStackLab, guidelines_folder
from labs.wait import watch
from reports.guideline import read
from tests.labs.embedded.test_ends import GONE_WITHIN, inhabitants, namespaces, stat
from tests.labs.refstack_server import WITHIN, Api, needs_server, server, signature, token
from tests.unit.test_guideline_official import FOLDER, needs_files

pytestmark = needs_server
OWN = Path(__file__).parents[2] / "guidelines"
RESULTS = [
    {
        "name": "tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token",
        "uuid": str(UUID(int=1)),
    },
    {"name": "tempest.api.identity.v3.test_api_discovery.TestApiDiscovery.test_list_api_versions"},
]
RESULT = {"cpid": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "duration_seconds": 184, "results": RESULTS}
NAMES = [each["name"] for each in RESULTS]
OWNER = """
import os, sys, time
from pathlib import Path
from labs.refstack.lab import RefStackLab
lab = RefStackLab.up("lab", variant="default", nodes=1, logs=Path(sys.argv[1]), owner=os.getpid(), progress=print)
print("up", flush=True)
time.sleep(60)
"""
HEAD = "434be17a6ec3"
"""The last of the server's 13 migrations."""


@pytest.fixture(scope="module")
def refstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RefStackLab]:
    with server(FOLDER or OWN, tmp_path_factory.mktemp("logs")) as lab:
        yield lab


@pytest.fixture(scope="module")
def api(refstack: RefStackLab) -> Api:
    return Api(refstack.url)


def body(**more: Any) -> bytes:
    return json.dumps(RESULT | more).encode()


@pytest.fixture(scope="module")
def key(refstack: RefStackLab) -> rsa.RSAPrivateKey:
    loaded = load_pem_private_key(refstack.private_key.read_bytes(), None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    return loaded


def test_it_is_well_and_tells_what_it_runs(refstack: RefStackLab) -> None:
    assert refstack.problems() == []
    assert refstack.software["refstack"] == "2.1.0"
    assert refstack.software["mariadb"].split(".") >= ["10", "6"]
    assert refstack.mariadb.sql("select version_num from alembic_version", "refstack").split() == [HEAD]
    assert any(refstack.url in line for line in refstack.introduction())
    assert any(str(refstack.private_key) in line for line in refstack.introduction())


def test_another_process_attaches_to_it(refstack: RefStackLab) -> None:
    other = RefStackLab.attach(refstack.name)
    assert (other.url, other.user_openid, other.private_key) == (refstack.url, refstack.user_openid, refstack.private_key)
    assert other.problems() == []


def test_anybody_uploads_a_result_and_reads_it_back(api: Api) -> None:
    answer = api.upload(body())
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["url"] == f"{api.url}/#/results/{made['test_id']}"
    kept = api.get(f"results/{made['test_id']}")
    assert (kept["id"], kept["duration_seconds"], sorted(kept["results"])) == (made["test_id"], 184, sorted(NAMES))
    assert (kept["user_role"], kept["verification_status"], kept["meta"]) == ("user", 0, {})
    listed = api.get("results", params={"cpid": RESULT["cpid"]})["results"]
    assert made["test_id"] in [each["id"] for each in listed]


def test_a_signed_result_is_its_users_alone_until_it_is_shared(refstack: RefStackLab, api: Api, key: rsa.RSAPrivateKey) -> None:
    answer = api.upload(body(), **signature(key, body()))
    assert answer.status_code == 201, answer.text
    place = f"results/{answer.json()['test_id']}"
    mine = token(key, refstack.user_openid)
    assert api.ask("GET", place).status_code == 401
    assert api.get(place, headers=mine)["user_role"] == "owner"
    for meta, value in {"shared": "true", "target": "platform", "guideline": "2020.06.json"}.items():
        assert api.ask("POST", f"{place}/meta/{meta}", data=value, headers=mine).status_code == 201
    shared = api.get(place)
    assert shared["meta"] == {"shared": "true", "target": "platform", "guideline": "2020.06.json"}
    assert sorted(shared["results"]) == sorted(NAMES)
    assert api.ask("DELETE", place).status_code == 403
    assert api.ask("DELETE", place, headers=mine).status_code == 204
    assert api.ask("GET", place).status_code == 404


def test_the_user_is_known_by_the_key(refstack: RefStackLab, api: Api, key: rsa.RSAPrivateKey) -> None:
    mine = token(key, refstack.user_openid)
    assert api.get("profile", headers=mine)["openid"] == refstack.user_openid
    [known] = api.get("profile/pubkeys", headers=mine)
    assert [known["format"], known["pubkey"]] == refstack.public_key.read_text().split()[:2]


def test_a_strangers_key_and_a_changed_body_are_refused(api: Api, key: rsa.RSAPrivateKey) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert api.upload(body(), **signature(stranger, body())).status_code == 401
    changed = api.upload(body(duration_seconds=1), **signature(key, body()))
    assert (changed.status_code, changed.json()["title"]) == (400, "Signature verification failed")


def test_it_refuses_as_the_public_one_did(api: Api) -> None:
    twice = [RESULTS[0], {"name": NAMES[0].upper()}]
    assert api.upload(body(results=twice)).status_code == 500
    assert api.upload(body(cpid="c" * 129)).status_code == 500
    assert api.upload(body(results=[{"name": "tempest.測試"}])).status_code == 500
    assert api.upload(body(results=[])).status_code == 400
    assert api.upload(body(more=1)).status_code == 400


def test_our_own_guidelines_are_served_where_no_others_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABPROOF_GUIDELINES", raising=False)
    assert guidelines_folder() == OWN
    monkeypatch.setenv("LABPROOF_GUIDELINES", str(OWN / "none"))
    with pytest.raises(UsageError, match="LABPROOF_GUIDELINES"):
        guidelines_folder()


def test_its_guidelines_are_the_files_of_the_folder(refstack: RefStackLab, api: Api) -> None:
    files = {file.name for file in refstack.guidelines.glob("*.json")}
    assert files
    assert {each["file"] for each in api.get("guidelines")["powered"]} == files
    for name in files:
        assert api.get(f"guidelines/{name}") == json.loads((refstack.guidelines / name).read_text())


@needs_files
@pytest.mark.parametrize("version", ["2015.07", "2018.02", "2020.06"])
@pytest.mark.parametrize("target", ["platform", "compute", "object"])
def test_it_requires_what_our_verdict_requires(api: Api, version: str, target: str) -> None:
    program = read(f"{FOLDER}/{version}.json").program(target)
    assert program is not None
    required = [each for each in program.requirements if each.status == "required"]
    for aliases, flagged in product((True, False), repeat=2):
        counted = [each for each in required if flagged or each.flag is None]
        ours = Counter(f"{name}[id-{each.id}]" for each in counted for name in (each.names if aliases else (each.test,)))
        query = {"target": target, "type": "required", "alias": str(aliases).lower(), "flag": str(flagged).lower()}
        answer = api.ask("GET", f"guidelines/{version}/tests", params=query)
        assert Counter(answer.text.splitlines()) == ours
        assert ours.total() >= len(counted) > 0


@needs_files
@pytest.mark.parametrize("target", ["dns", "orchestration"])
def test_add_ons_are_served_too(api: Api, target: str) -> None:
    program = read(f"{FOLDER}/add-ons/{target}.2020.06.json").program(target)
    assert program is not None
    answer = api.ask("GET", f"guidelines/{target}.2020.06/tests", params={"target": target, "type": "required"})
    required = [name for each in program.requirements if each.status == "required" for name in each.names]
    assert Counter(line.partition("[")[0] for line in answer.text.splitlines()) == Counter(required)
    assert f"{target}.2020.06.json" in [each["file"] for each in api.get("guidelines")[target]]


def test_results_outlive_a_database_that_was_killed(refstack: RefStackLab, api: Api) -> None:
    made = api.upload(body()).json()["test_id"]
    with killed(refstack.mariadb.daemon):
        assert [problem.kind for problem in refstack.problems()] == ["mariadb-stopped"]
        assert api.upload(body()).status_code == 500
    refstack.settle()
    assert sorted(api.get(f"results/{made}")["results"]) == sorted(NAMES)
    assert api.upload(body()).status_code == 201


def test_a_paused_server_is_silent_and_a_killed_one_comes_back_at_the_same_address(refstack: RefStackLab, api: Api) -> None:
    with paused(refstack.server):
        assert [problem.kind for problem in refstack.problems()] == ["refstack-paused"]
        with pytest.raises(requests.ReadTimeout):
            requests.post(f"{refstack.url}/v1/results/", data=body(), timeout=0.5)
    with killed(refstack.server):
        assert [problem.kind for problem in refstack.problems()] == ["refstack-stopped"]
    refstack.settle()
    assert api.upload(body()).status_code == 201


def test_it_stops_when_told_to_and_starts_again(refstack: RefStackLab, api: Api) -> None:
    for service in refstack.services:
        service.restart()
    refstack.settle()
    assert api.upload(body()).status_code == 201


def test_a_rebooted_node_is_a_new_server_at_the_same_address_with_the_same_user(
    refstack: RefStackLab, api: Api, key: rsa.RSAPrivateKey
) -> None:
    made = api.upload(body()).json()["test_id"]
    with rebooted(refstack.machine):
        assert {problem.kind for problem in refstack.problems()} >= {"mariadb-stopped", "refstack-stopped"}
        refstack.settle()
    assert api.ask("GET", f"results/{made}").status_code == 404
    assert api.upload(body(), **signature(key, body())).status_code == 201


def test_evidence_has_the_results_and_the_logs(refstack: RefStackLab, api: Api) -> None:
    made = api.upload(body()).json()["test_id"]
    texts = refstack.evidence()
    assert made in texts["results"]
    assert "POST /v1/results/" in texts["refstack.log"]
    assert "ready for connections" in texts["mariadb.log"]


def alive(pids: Iterable[int]) -> set[tuple[int, str]]:
    """Each as its pid and when it was born."""
    return {(pid, fields[19]) for pid in pids if (fields := stat(pid)) and fields[0] != "Z"}


def test_nothing_of_it_outlives_its_owners_death(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABPROOF_STATE", str(tmp_path / "state"))
    path = os.pathsep.join(entry for entry in sys.path if entry)
    argv = [sys.executable, "-c", OWNER, str(tmp_path / "logs")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}) as owner:
        assert owner.stdout is not None
        try:
            assert "up\n" in iter(owner.stdout.readline, "")
            lab = RefStackLab.attach("lab")
            found = inhabitants(namespaces(lab.machine.pid) - namespaces(os.getpid()))
            assert {str(service.pid) for service in lab.services} < {str(pid) for pid, _ in found}
        finally:
            owner.send_signal(signal.SIGKILL)
    left = watch(lambda: found & alive(pid for pid, _ in found), lambda left: not left, within=GONE_WITHIN).last
    assert left == set()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(lab.url.rpartition(":")[2])), timeout=WITHIN)
    sweep()
    assert not lab.private_key.exists()
    assert list((tmp_path / "state/labs").iterdir()) == []

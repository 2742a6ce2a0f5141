"""The identity lab: Keystone reached from the host over TLS, its users and catalog, its faults and its end."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labs.embedded.control import ended
from labs.errors import LabError, UsageError
from labs.faults import killed, paused, powered_off, stopped
from labs.openstack.identity import IdentityLab
from labs.openstack.identity_client import Client
from labs.openstack.keystone import PROCESSES
from labs.seam import Daemon
from labs.subject import EmbeddedLab, subject
from labs.wait import watch

GONE_WITHIN = 3.0
DAEMONS = ["mariadb", "memcached", "haproxy", "keystone"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityLab]:
    folder = tmp_path_factory.mktemp("identity")
    os.environ["LABPROOF_STATE"] = str(folder / "state")
    name = f"identity-{os.getpid()}"
    lab = IdentityLab.up(name, variant="default", nodes=1, logs=folder / "logs", owner=os.getpid(), progress=print)
    yield lab
    lab.down()
    del os.environ["LABPROOF_STATE"]


def token(lab: IdentityLab, user: str = "admin", project: str = "admin") -> str:
    answer = lab.client.authenticate(user, lab.passwords[user], project)
    assert answer.status == 201, answer
    return answer.headers["x-subject-token"]


def openstack(lab: IdentityLab, cloud: str, *command: str) -> subprocess.CompletedProcess[str]:
    """What the OpenStack client answers, told of nothing but the lab's clouds.yaml."""
    env = {name: os.environ.get(name, "") for name in ("PATH", "PYTHONPATH")}
    env |= {"HOME": str(lab.site.folder), "OS_CLIENT_CONFIG_FILE": str(lab.clouds_file)}
    program = [sys.executable, "-c", "import sys; from openstackclient.shell import main; sys.exit(main())"]
    argv = [*program, "--os-cloud", cloud, *command]
    return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_the_seam_is_fulfilled(lab: IdentityLab) -> None:
    kind: type[EmbeddedLab] = subject("identity")
    assert kind is IdentityLab
    seen: EmbeddedLab = lab
    assert seen.problems() == []
    assert [node.name for node in seen.nodes] == ["keystone"]
    daemon: Daemon = seen.nodes[0].daemons["keystone"]
    assert daemon.running
    assert lab.software["keystone"].startswith("30.")
    assert "lab setting" in lab.software["password_hash_rounds"]


def test_it_has_one_node_and_one_variant(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r'identity has no variant "old"; there are: default'):
        IdentityLab.up("x", variant="old", nodes=1, logs=tmp_path, owner=None, progress=print)
    with pytest.raises(UsageError, match="a lab of identity has 1 node, not 3"):
        IdentityLab.up("x", variant="default", nodes=3, logs=tmp_path, owner=None, progress=print)


def test_the_openstack_client_uses_the_printed_clouds_file_as_it_is(lab: IdentityLab) -> None:
    told = "\n".join(lab.introduction())
    assert lab.clouds_file.read_text().strip() in told
    assert f"OS_CLIENT_CONFIG_FILE={lab.clouds_file} openstack --os-cloud identity token issue" in told
    issued = openstack(lab, lab.cloud, "token", "issue", "-f", "json")
    assert issued.returncode == 0, issued.stderr
    assert json.loads(issued.stdout)["id"].startswith("gAAAA")
    users = openstack(lab, lab.cloud, "user", "list", "-f", "value", "-c", "Name")
    assert {"admin", "member"} <= set(users.stdout.split()), users.stderr


def test_where_a_proxy_is_set_clients_are_told_to_go_around_it(lab: IdentityLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    assert any("use it: NO_PROXY=127.0.0.1 OS_CLIENT_CONFIG_FILE=" in line for line in lab.introduction())


def test_a_member_is_no_administrator(lab: IdentityLab) -> None:
    assert openstack(lab, lab.member_cloud, "token", "issue").returncode == 0
    listed = openstack(lab, lab.member_cloud, "user", "list")
    assert listed.returncode != 0
    assert "403" in listed.stderr


def test_only_who_trusts_its_authority_reaches_it(lab: IdentityLab) -> None:
    trusting = ssl.create_default_context(cafile=lab.cacert)
    assert json.load(urllib.request.urlopen(f"{lab.url}/v3", context=trusting, timeout=5))["version"]["id"].startswith("v3")
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"{lab.url}/v3", context=ssl.create_default_context(), timeout=5)
    assert not Client(lab.url.replace("127.0.0.1", "127.0.0.2"), lab.cacert).connects
    with pytest.raises(OSError, match=r"reset|closed|Remote|response|400"):
        urllib.request.urlopen(f"{lab.url}/v3".replace("https", "http"), timeout=5)


def test_its_files_are_closed_to_others(lab: IdentityLab) -> None:
    for file in (lab.clouds_file, lab.tempest_conf, lab.files.server):
        assert file.stat().st_mode & 0o077 == 0
    assert lab.site.folder.stat().st_mode & 0o077 == 0


def test_the_catalog_has_its_own_url_three_times(lab: IdentityLab) -> None:
    answer = lab.client.authenticate("admin", lab.passwords["admin"], "admin")
    [service] = answer.body["token"]["catalog"]
    assert (service["id"], service["type"], service["name"]) == (lab.cpid, "identity", "keystone")
    assert {endpoint["interface"]: endpoint["url"] for endpoint in service["endpoints"]} == dict.fromkeys(
        ("public", "internal", "admin"), f"{lab.url}/v3"
    )


def test_parallel_clients_are_not_mixed_up(lab: IdentityLab) -> None:
    """Keystone takes the token of one request for another's when two threads of one process serve them."""
    tokens = {"admin": token(lab), "member": token(lab, "member", "demo")}
    shown = lab.client.ask("GET", "/v3/auth/projects", token=tokens["member"])
    assert [project["name"] for project in shown.body["projects"]] == ["demo"]
    member = lab.database.sql("select user_id from local_user where name = 'member'", "keystone").strip()
    path = f"/v3/users/{member}/application_credentials"

    def once(number: int) -> int:
        if number % 2:
            return lab.client.ask("GET", "/v3/users", token=tokens["admin"]).status
        body = {"application_credential": {"name": f"parallel {number}"}}
        return lab.client.ask("POST", path, body, token=tokens["member"]).status

    with ThreadPoolExecutor(8) as clients:
        statuses = list(clients.map(once, range(160)))
    lab.database.sql("delete from application_credential", "keystone")
    assert statuses == [201, 200] * 80


@pytest.mark.parametrize("name", DAEMONS)
def test_a_killed_daemon_is_seen_and_healed(lab: IdentityLab, name: str) -> None:
    with killed(lab.nodes[0].daemons[name]):
        assert f"{name}-stopped at keystone" in str(lab.problems()[0])
    assert lab.problems() == []


@pytest.mark.parametrize("name", DAEMONS)
def test_a_paused_daemon_is_seen_and_settled(lab: IdentityLab, name: str) -> None:
    lab.nodes[0].daemons[name].pause()
    assert f"{name}-paused at keystone" in str(lab.problems()[0])
    lab.settle()
    assert lab.problems() == []


def test_paused_keystone_answers_nobody(lab: IdentityLab) -> None:
    with paused(lab.keystone.daemon):
        assert lab.client.ask("GET", "/v3").status == 0
    assert lab.client.ask("GET", "/v3").status == 200


def test_a_stopped_database_is_no_token(lab: IdentityLab) -> None:
    with stopped(lab.database.daemon):
        assert lab.client.authenticate("admin", lab.passwords["admin"], "admin").status >= 500
    assert lab.client.authenticate("admin", lab.passwords["admin"], "admin").status == 201


def test_a_policy_is_in_force_at_once_and_goes_when_it_settles(lab: IdentityLab) -> None:
    admin, before = token(lab), lab.keystone.daemon.pid
    lab.configure(policy={"identity:list_users": "!"})
    assert {lab.client.ask("GET", "/v3/users", token=admin).status for _ in range(12)} == {403}
    assert lab.problems() == []
    lab.settle()
    assert {lab.client.ask("GET", "/v3/users", token=admin).status for _ in range(12)} == {200}
    assert lab.keystone.daemon.pid == before, "rules need no new start"


def lifetime(lab: IdentityLab) -> float:
    """Seconds from now to the end of a new token."""
    answer = lab.client.authenticate("admin", lab.passwords["admin"], "admin")
    return (datetime.fromisoformat(answer.body["token"]["expires_at"]) - datetime.now(UTC)).total_seconds()


def test_options_start_it_anew_and_go_when_it_settles(lab: IdentityLab) -> None:
    assert lifetime(lab) == pytest.approx(3600, abs=60)
    lab.configure(options={"token": {"expiration": "300"}})
    assert lifetime(lab) == pytest.approx(300, abs=60)
    assert not IdentityLab.attach(lab.name).keystone.as_declared
    lab.settle()
    assert lifetime(lab) == pytest.approx(3600, abs=60)


@pytest.mark.parametrize(
    "damage",
    [
        "delete from endpoint where interface = 'internal'",
        "delete from assignment where role_id = (select id from role where name = 'member')",
        "delete from password where local_user_id = (select id from local_user where name = 'admin')",
        "delete from password where local_user_id = (select id from local_user where name = 'member')",
        "update user set enabled = 0 where id = (select user_id from local_user where name = 'member')",
        "update project set enabled = 0 where name = 'demo'",
    ],
)
def test_damaged_data_are_mended(lab: IdentityLab, damage: str) -> None:
    lab.database.sql(damage, "keystone")
    lab.memcached.ask("flush_all")
    assert lab._unsettled()
    lab.settle()
    assert not lab._unsettled()


def test_after_a_power_cut_it_is_made_anew_at_the_same_address(lab: IdentityLab) -> None:
    with powered_off(lab.nodes[0]):
        assert not lab.machine.on
    assert lab.problems() == []
    lab.machine.power_off()
    lab.settle()
    assert token(lab, "member", "demo")


def test_another_process_attaches_and_repairs_it(lab: IdentityLab) -> None:
    lab.keystone.daemon.kill()
    script = (
        "import sys; from labs.openstack.identity import IdentityLab as L; l = L.attach(sys.argv[1]); l.settle(); print(l.cpid)"
    )
    done = subprocess.run([sys.executable, "-c", script, lab.name], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == lab.cpid, done.stderr
    assert lab.problems() == []


def test_who_is_of_another_subject_is_not_taken_for_it(lab: IdentityLab) -> None:
    lab.site.save(subject="other")
    try:
        with pytest.raises(LabError, match="it is no identity lab"):
            IdentityLab.attach(lab.name)
    finally:
        lab.site.save(subject="identity")


def test_evidence_tells_catalog_grants_processes_and_logs(lab: IdentityLab) -> None:
    told = lab.evidence()
    assert told["endpoints"].count(f"{lab.url}/v3") == 3
    assert "UserProject\tmember\tdemo\tmember" in told["grants"]
    assert "pyuwsgi" in told["processes"]
    assert "POST /v3/auth/tokens" in told["haproxy.log"]
    assert " 201 " in told["keystone.log"]
    assert not [name for name, text in told.items() if lab.passwords["admin"] in text]


OWNER = """
import os, sys
from pathlib import Path
from labs.openstack.identity import IdentityLab
lab = IdentityLab.up(sys.argv[1], variant="default", nodes=1, logs=Path(sys.argv[2]), owner=os.getpid(), progress=str)
print(lab.url.rpartition(':')[2], *(service.pid for service in lab.services), flush=True)
input()
"""


def test_killed_its_owner_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABPROOF_STATE", str(tmp_path / "state"))
    argv = [sys.executable, "-c", OWNER, f"orphan-{os.getpid()}", str(tmp_path / "logs")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        port, *pids = map(int, owner.stdout.readline().split())
        workers = [int(pid) for pid in Path(f"/proc/{pids[-1]}/task/{pids[-1]}/children").read_text().split()]
        assert len(workers) == PROCESSES
        fds = [os.pidfd_open(pid) for pid in (*pids, *workers)]
        owner.send_signal(signal.SIGKILL)

        assert watch(lambda: closed(port) and all(ended(fd, 0) for fd in fds), bool, within=GONE_WITHIN).met
        for fd in fds:
            os.close(fd)


def closed(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False

"""What an identity lab writes: files for its users, and Keystone's own configuration, which has to agree with them."""

import configparser
import json
import ssl
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from labs.openstack.identity import PROJECTS, REGION, IdentityLab
from labs.openstack.identity_files import Files
from labs.openstack.keystone import FOLDER, Keystone, raised

URL = "https://127.0.0.1:4567"
VALUES = {"url": URL, "region": REGION, "admin_password": "secret-a", "member_password": "secret-b"}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    files = Files(tmp_path)
    files.make("x", VALUES)
    return files


def parsed(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return parser


@pytest.fixture
def keystone(tmp_path: Path) -> Keystone:
    """Of a machine whose file system is a folder, and that runs nothing."""
    idle = SimpleNamespace(daemon=lambda *_, **__: SimpleNamespace(running=False), root=tmp_path)
    keystone = Keystone(idle, {}, lambda: True)  # type: ignore[arg-type]
    keystone.write(url=URL, database="mysql://x", memcached="127.0.0.1:11211")
    return keystone


def test_clouds_are_those_that_the_lab_names(files: Files) -> None:
    clouds = yaml.safe_load(files.clouds.read_text())["clouds"]
    assert set(clouds) == {IdentityLab.cloud, IdentityLab.member_cloud}
    for cloud in clouds.values():
        auth = cloud["auth"]
        assert auth["project_name"] == PROJECTS[auth["username"]]
        assert (auth["auth_url"], cloud["cacert"], cloud["region_name"]) == (URL, str(files.cacert), REGION)
    assert clouds["identity"]["auth"]["password"] == "secret-a"
    assert clouds["identity-member"]["auth"]["password"] == "secret-b"


def test_secrets_are_closed_to_others(files: Files) -> None:
    for file in (files.clouds, files.tempest, files.server):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_server_has_a_certificate_of_the_labs_authority(files: Files) -> None:
    context = ssl.create_default_context(cafile=files.cacert)
    assert [ca["subject"] for ca in context.get_ca_certs()] == [((("commonName", "lab x"),),)]
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(files.server)


def test_tempest_expects_what_keystone_does(files: Files, keystone: Keystone, tmp_path: Path) -> None:
    tempest = parsed(files.tempest.read_text())
    own = parsed((tmp_path / f"{FOLDER}/keystone.conf".lstrip("/")).read_text())
    expected = {
        "user_lockout_failure_attempts": "lockout_failure_attempts",
        "user_lockout_duration": "lockout_duration",
        "user_unique_last_password_count": "unique_last_password_count",
    }
    for told, kept in expected.items():
        assert tempest["identity"][told] == own["security_compliance"][kept]
    assert tempest["identity"]["uri_v3"] == f"{own['DEFAULT']['public_endpoint']}/v3"
    assert set(tempest["service_available"].values()) == {"false"}


def test_its_keys_are_new_each_time(keystone: Keystone, tmp_path: Path) -> None:
    place = tmp_path / f"{FOLDER}/fernet/1".lstrip("/")
    first = place.read_text()
    keystone.write(url=URL, database="mysql://x", memcached="127.0.0.1:11211")
    assert len(first) == len(place.read_text()) == 44
    assert first != place.read_text()


def test_what_a_fault_declares_stands_beside_and_the_next_declaration_takes_its_place(
    keystone: Keystone, tmp_path: Path
) -> None:
    folder = tmp_path / FOLDER.lstrip("/")
    assert keystone.as_declared
    keystone.configure({"identity:list_users": "!"}, {"token": {"expiration": "1"}, "cache": {"enabled": "false"}})
    changed = parsed((folder / "changed.conf").read_text())
    assert {name: dict(changed[name]) for name in changed.sections()} == {
        "token": {"expiration": "1"},
        "cache": {"enabled": "false"},
    }
    assert json.loads((folder / "policy.json").read_text()) == {"identity:list_users": "!"}
    assert not keystone.as_declared
    keystone.configure(policy={"a": "b"})
    assert (folder / "changed.conf").read_text() == ""
    assert not keystone.as_declared
    keystone.configure()
    assert keystone.as_declared


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "Traceback:\n  x\nkeystone.exception.Conflict: it is there\n(Background on this error)",
            "keystone.exception.Conflict: it is there",
        ),
        ("a.DBError: one\n\nb.DBConnectionError: (x) two\n", "b.DBConnectionError: (x) two"),
        ("command not found\n", "command not found"),
        ("", "it logged nothing"),
    ],
)
def test_what_a_program_raised_is_one_line(text: str, told: str) -> None:
    assert raised(text) == told

"""The tempest.conf of a cloud: what Tempest reads out of it is what the cloud said."""

import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from oslo_config import cfg

from labs.errors import LabError, UsageError
from labs.openstack import tempest_conf
from labs.openstack.cloud import Cloud, Endpoint
from labs.openstack.cloud_entry import Entry

ROOT = "https://keystone.example.org:5000/v3"
PREFIX = "labproof-tp70dm-e8a"
IDENTITY = {"identity": (Endpoint("public", "North", ROOT), Endpoint("internal", "North", "http://10.0.0.2:5000/v3"))}
CLOUD = Cloud(
    name="mine",
    root=ROOT,
    version="v3.14",
    region="North",
    verify=True,
    user="ada",
    user_id="u1",
    user_domain="people",
    project="engine",
    project_domain="machines",
    system=False,
    roles=("admin", "member", "reader"),
    is_admin=True,
    catalog=IDENTITY,
    extensions=("OS-INHERIT", "OS-TRUST"),
    cpid="c1",
)
PASSWORDS = ["plain", "a$b", "$uri_v3", r"\$", r"a\$$b", ' " ', "'x'", "#; [x] = :", " blanks ", "ü€", "%(x)s", '"', "x" * 200]


def entry(password: str | None = "plain", **other: Any) -> Entry:
    given = {"name": "mine", "file": None, "auth_url": ROOT, "auth_type": "password", "region": None, "verify": True}
    rest = {"interface": "public", "certificate": None, "auth": None, "password": password}
    return Entry(**{**given, **rest, **other})


def read(path: Path) -> cfg.ConfigOpts:
    """As Tempest reads it: with its own declaration of the options."""
    from tempest import config

    conf = cfg.ConfigOpts()
    for group, options in config._opts:
        if group is None:
            conf.register_opts(options)
        else:
            conf.register_group(group)
            conf.register_opts(options, group=group.name)
    conf.register_opt(cfg.StrOpt("lock_path"), group="oslo_concurrency")
    conf([], project="tempest", default_config_files=[str(path)])
    return conf


def test_with_an_administrator(tmp_path: Path) -> None:
    conf = read(tempest_conf.write(CLOUD, entry(), tmp_path, PREFIX))
    auth, identity = conf.auth, conf.identity
    assert auth.use_dynamic_credentials
    assert auth.test_accounts_file is None
    assert (auth.admin_username, auth.admin_password, auth.admin_project_name) == ("ada", "plain", "engine")
    assert (auth.admin_user_domain_name, auth.admin_project_domain_name) == ("people", "machines")
    assert (identity.uri_v3, identity.region, identity.v3_endpoint_type) == (ROOT, "North", "public")
    assert (identity.ca_certificates_file, identity.disable_ssl_certificate_validation) == (None, False)
    assert conf["identity-feature-enabled"].api_extensions == ["OS-INHERIT", "OS-TRUST"]
    assert conf.resource_name_prefix == PREFIX
    assert Path(conf.oslo_concurrency.lock_path).is_dir()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tempest-lock", "tempest.conf"]


def test_without_one_there_is_the_user_s_own_account(tmp_path: Path) -> None:
    conf = read(tempest_conf.write(replace(CLOUD, is_admin=False), entry("a: 'b\n"), tmp_path, PREFIX))
    assert not conf.auth.use_dynamic_credentials
    assert (conf.auth.admin_username, conf.auth.admin_password) == (None, None)
    [account] = yaml.safe_load(Path(conf.auth.test_accounts_file).read_text())
    assert account.pop("roles") == ["member", "reader"]
    assert account == {
        "username": "ada",
        "password": "a: 'b\n",
        "project_name": "engine",
        "user_domain_name": "people",
        "project_domain_name": "machines",
    }


def test_the_only_account_is_a_member_for_tempest_whatever_its_roles_are_called(tmp_path: Path) -> None:
    path = tempest_conf.write(replace(CLOUD, is_admin=False, roles=("developer", "admin")), entry(), tmp_path, PREFIX)
    [account] = yaml.safe_load(Path(read(path).auth.test_accounts_file).read_text())
    assert account["roles"] == ["developer", "member"]


@pytest.mark.parametrize("password", PASSWORDS)
def test_any_password_is_read_back_as_it_is(tmp_path: Path, password: str) -> None:
    assert read(tempest_conf.write(CLOUD, entry(password), tmp_path, PREFIX)).auth.admin_password == password


@pytest.mark.parametrize("is_admin", [True, False])
def test_passwords_are_for_the_user_s_eyes_and_go_at_the_end(tmp_path: Path, is_admin: bool) -> None:
    cloud, secret = replace(CLOUD, is_admin=is_admin), "sesame-street"
    (tmp_path / "tempest.conf").write_text("of an earlier run, for all eyes")
    (tmp_path / "tempest.conf").chmod(0o644)
    tempest_conf.write(cloud, entry(secret), tmp_path, PREFIX)
    holders = [path for path in tmp_path.rglob("*") if path.is_file() and secret in path.read_text()]
    assert [path.name for path in holders] == ["tempest.conf" if is_admin else "accounts.yaml"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir() if path.is_file())
    tempest_conf.forget(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    tempest_conf.forget(tmp_path)


def test_what_is_not_known_is_left_to_tempest(tmp_path: Path) -> None:
    cloud = replace(CLOUD, region=None, extensions=None)
    conf = read(tempest_conf.write(cloud, entry(), tmp_path, PREFIX))
    assert (conf.identity.region, conf["identity-feature-enabled"].api_extensions) == ("RegionOne", ["all"])


def test_how_far_it_is_trusted(tmp_path: Path) -> None:
    conf = read(tempest_conf.write(replace(CLOUD, verify="/ca.pem"), entry(), tmp_path, PREFIX))
    assert conf.identity.ca_certificates_file == "/ca.pem"
    assert not conf.identity.disable_ssl_certificate_validation
    conf = read(tempest_conf.write(replace(CLOUD, verify=False), entry(), tmp_path, PREFIX))
    assert conf.identity.ca_certificates_file is None
    assert conf.identity.disable_ssl_certificate_validation


def test_services_are_those_of_the_catalog(tmp_path: Path) -> None:
    names = ("cinder", "glance", "neutron", "nova", "swift", "horizon")
    available = read(tempest_conf.write(CLOUD, entry(), tmp_path, PREFIX)).service_available
    assert [name for name in names if available[name]] == []
    cloud = replace(CLOUD, catalog={**IDENTITY, "compute": (), "block-storage": (), "dns": ()})
    available = read(tempest_conf.write(cloud, entry(), tmp_path, PREFIX)).service_available
    assert [name for name in names if available[name]] == ["cinder", "nova"] == list(tempest_conf.other_services(cloud))


def test_the_environment_s_proxy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    assert (
        read(tempest_conf.write(CLOUD, entry(), tmp_path, PREFIX))["service-clients"].proxy_url
        == "http://proxy.example.org:3128"
    )
    monkeypatch.setenv("NO_PROXY", "example.org")
    assert read(tempest_conf.write(CLOUD, entry(), tmp_path, PREFIX))["service-clients"].proxy_url is None


@pytest.mark.parametrize(
    ("cloud", "given", "line"),
    [
        (CLOUD, entry(auth_type="v3applicationcredential"), "its entry signs in by v3applicationcredential, and Tempest by a"),
        (CLOUD, entry(password=None), "its entry signs in by password, and Tempest by a password alone"),
        (
            replace(CLOUD, project=None),
            entry(),
            "its entry names no project, and Tempest needs one; add project_name, or give a",
        ),
        (CLOUD, entry(certificate="/me.pem"), "its entry has a client's certificate (cert), which Tempest cannot show; give a"),
    ],
)
def test_where_tempest_could_not_sign_in(tmp_path: Path, cloud: Cloud, given: Entry, line: str) -> None:
    with pytest.raises(LabError) as caught:
        tempest_conf.write(cloud, given, tmp_path, PREFIX)
    assert str(caught.value).startswith(f"cloud mine: {line}")
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_a_password_of_several_lines_cannot_be_told(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="several lines"):
        tempest_conf.write(CLOUD, entry("two\nlines"), tmp_path, PREFIX)


def test_accounts_that_a_killed_process_had_are_given_back(tmp_path: Path) -> None:
    tempest_conf.write(replace(CLOUD, is_admin=False), entry(), tmp_path, PREFIX)
    locks = tmp_path / tempest_conf.LOCKS
    (locks / ("0a" * 16)).write_text("TokensV3Test")
    (locks / "test_accounts_io").write_text("")
    tempest_conf.free_accounts(tmp_path)
    assert [path.name for path in locks.iterdir()] == ["test_accounts_io"]
    tempest_conf.free_accounts(tmp_path / "nothing-here")


# --- the user's own


@pytest.mark.parametrize(
    "uri",
    [ROOT, ROOT + "/", ROOT.removesuffix("/v3"), "http://10.0.0.2:5000", "https://KEYSTONE.example.org:5000/v3"],
)
def test_the_user_s_own_is_used_as_it_is(tmp_path: Path, uri: str) -> None:
    path = tmp_path / "mine.conf"
    path.write_text(text := f"# mine\n[identity]\nuri_v3 = {uri}\n[compute]\nimage_ref = 1\n")
    assert tempest_conf.own(path, CLOUD) == path
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "no tempest.conf: it has no uri_v3 in [identity]"),
        ("[identity]\nregion = x\n", "no tempest.conf: it has no uri_v3 in [identity]"),
        (
            "[identity]\nuri_v3 = https://keystone.example.org/v3\n",
            f"uri_v3 is https://keystone.example.org/v3, and cloud mine is {ROOT}: they have to be one cloud",
        ),
        ("[identity]\nuri_v3\n", "2: no tempest.conf: No ':' or '=' found in assignment"),
        ("[a]\nuri_v3 = x\n[identity\n", "3: no tempest.conf: Invalid section (must end with ])"),
        (b"\xff\xfe", "cannot be read: not text in UTF-8"),
    ],
)
def test_one_that_cannot_be_meant(tmp_path: Path, text: str | bytes, line: str) -> None:
    path = tmp_path / "mine.conf"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(UsageError) as caught:
        tempest_conf.own(path, CLOUD)
    assert str(caught.value).removeprefix(f"{path}:").lstrip() == line


def test_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file or directory"):
        tempest_conf.own(tmp_path / "nix.conf", CLOUD)

"""Entries of clouds.yaml: what cannot be used is one line, and no cloud is asked."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from labs.errors import LabError
from labs.openstack.cloud_entry import find

PASSWORD = "sesame-street"
URL = "https://keystone.example.org:5000/v3"
AUTH = {"auth_url": URL, "username": "ada", "password": PASSWORD, "project_name": "engine", "user_domain_name": "D"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the clouds nor the variables of whoever runs the tests; openstacksdk looks for files where it was imported."""
    from openstack.config import loader

    for name in ("OS_CLOUD", "OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE", "OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "usual").mkdir()
    monkeypatch.setattr(loader, "CONFIG_FILES", [str(tmp_path / "usual/clouds.yaml")])
    monkeypatch.setattr(loader, "SECURE_FILES", [str(tmp_path / "usual/secure.yaml")])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(
        tmp_path / "clouds.yaml", {"clouds": {"mine": {"auth": AUTH, "region_name": "North"}, "other": {"auth": AUTH}}}
    )


def write(path: Path, held: Any) -> Path:
    path.write_text(held if isinstance(held, str) else yaml.safe_dump(held))
    return path


def refused(file: Path | None, name: str = "mine") -> str:
    with pytest.raises(LabError) as caught:
        find(name, file)
    told = str(caught.value)
    assert "\n" not in told
    assert PASSWORD not in told
    return told.removeprefix(f"cloud {name}: ").replace(str(file), "FILE")


def test_what_an_entry_says(file: Path) -> None:
    entry = find("mine", file)
    assert (entry.name, entry.file, entry.auth_url, entry.region) == ("mine", file, URL, "North")
    assert (entry.auth_type, entry.verify, entry.interface, entry.password) == ("password", True, "public", PASSWORD)
    assert PASSWORD not in repr(entry)


def test_the_password_may_come_from_elsewhere(tmp_path: Path) -> None:
    without = {key: value for key, value in AUTH.items() if key != "password"}
    file = write(tmp_path / "clouds.yaml", {"clouds": {"mine": {"auth": without}}})
    assert find("mine", file, "given").password == "given"
    write(tmp_path / "secure.yaml", {"clouds": {"mine": {"auth": {"password": "beside"}}}})
    assert find("mine", file).password == "beside"


def test_with_a_file_of_its_own_no_variable_counts(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = write(tmp_path / "others.yaml", {"clouds": {"mine": {"auth": {**AUTH, "username": "eve"}}}})
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(other))
    assert find("mine", file).file == file
    assert find("mine", None).file == other


def test_the_usual_places(tmp_path: Path) -> None:
    assert refused(None).startswith(
        "no clouds.yaml is found; name it in the lab file (clouds_file) or in OS_CLIENT_CONFIG_FILE"
    )
    usual = write(tmp_path / "usual/clouds.yaml", "clouds: {mine: [}\n")
    assert refused(None) == f"{usual}:1: not YAML: expected the node content, but found '}}'"
    write(usual, {"clouds": {"mine": {"auth": AUTH}}})
    assert find("mine", None).file == usual


def test_no_such_entry_names_those_there_are(file: Path) -> None:
    assert refused(file, "mone") == "FILE has no such entry; there are: mine, other"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 'FILE is no clouds.yaml: "clouds:" with an entry a cloud is expected'),
        ("- a\n", 'FILE is no clouds.yaml: "clouds:" with an entry a cloud is expected'),
        ("clouds: [mine]\n", 'FILE is no clouds.yaml: "clouds:" with an entry a cloud is expected'),
        (f"clouds:\n  mine: !{PASSWORD}\n", "FILE:2: not YAML: could not determine a constructor for the tag '…'"),
        ("clouds: {mine: hallo}\n", "its entry in FILE cannot be used: a value is not of the kind that openstacksdk expects"),
        (
            "clouds: {mine: {auth: 3}}\n",
            "its entry in FILE cannot be used: a value is not of the kind that openstacksdk expects",
        ),
        ("clouds: {mine: {}}\n", "its entry in FILE cannot be used: it lacks auth_url"),
        (
            "clouds: {mine: {auth: {auth_url: 'ftp://x'}}}\n",
            "its entry in FILE needs an auth_url (https://…), found: ftp://x",
        ),
        (
            f"clouds: {{mine: {{auth_type: magic, auth: {{auth_url: '{URL}'}}}}}}\n",
            "its entry in FILE cannot be used: auth_type",
        ),
        (
            f"clouds: {{mine: {{cacert: /nix, auth: {{auth_url: '{URL}'}}}}}}\n",
            "the CA of its entry is not there: cacert: /nix",
        ),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, text: str, line: str) -> None:
    assert refused(write(tmp_path / "clouds.yaml", text)).startswith(line)


def test_a_file_that_is_not_there_or_is_none(tmp_path: Path) -> None:
    assert refused(tmp_path / "nix.yaml") == "FILE cannot be read: No such file or directory"
    (tmp_path / "binary.yaml").write_bytes(b"\xff")
    assert refused(tmp_path / "binary.yaml") == "FILE is not text in UTF-8"

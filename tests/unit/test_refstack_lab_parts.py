"""Parts of the RefStack lab that need no lab: which guideline files are served, and the keys of its user."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key, load_ssh_public_key

from labs.refstack.guideline_server import file, listing
from labs.refstack.user import User


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "2020.06.json",
        "next.json",
        "labproof.2026.11.json",
        "README.md",
        "add-ons/dns.2020.06.json",
        "secret/x.json",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_files_are_listed_as_a_repository_lists_them(folder: Path) -> None:
    names = ["2020.06.json", "labproof.2026.11.json", "next.json"]
    assert listing(folder, "guidelines") == [{"name": n, "path": f"guidelines/{n}", "type": "file"} for n in names]
    assert [each["path"] for each in listing(folder, "add-ons/guidelines")] == ["add-ons/guidelines/dns.2020.06.json"]
    assert listing(folder, "secret") == []


def test_a_repository_has_them_a_folder_deeper(folder: Path) -> None:
    for place in ("guidelines", "add-ons/guidelines"):
        (folder / place).mkdir()
        (folder / place / "2016.01.json").write_text(place)
    assert "2016.01.json" in [each["name"] for each in listing(folder, "guidelines")]
    assert file(folder, "guidelines/2016.01.json") == folder / "guidelines/2016.01.json"
    assert file(folder, "add-ons/guidelines/2016.01.json") == folder / "add-ons/guidelines/2016.01.json"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("guidelines/2020.06.json", "2020.06.json"),
        ("add-ons/guidelines/dns.2020.06.json", "add-ons/dns.2020.06.json"),
        ("add-ons/guidelines/labproof.2026.11.json", "labproof.2026.11.json"),
        ("guidelines/2020.07.json", None),
        ("guidelines/README.md", None),
        ("guidelines/secret/x.json", None),
        ("guidelines/../secret/x.json", None),
        ("", None),
    ],
)
def test_a_file_is_had_by_its_name_and_nothing_else_is(folder: Path, path: str, found: str | None) -> None:
    assert file(folder, path) == (folder / found if found else None)


def test_a_users_key_is_the_same_in_all_forms_and_closed_to_others(tmp_path: Path) -> None:
    user = User.make(tmp_path / "user")
    pem = load_pem_private_key(user.pem.read_bytes(), None)
    ssh = load_ssh_private_key(user.openssh.read_bytes(), None)
    public = load_ssh_public_key(user.public.read_bytes())
    assert isinstance(pem, rsa.RSAPrivateKey)
    assert isinstance(ssh, rsa.RSAPrivateKey)
    assert isinstance(public, rsa.RSAPublicKey)
    assert pem.public_key() == ssh.public_key() == public
    assert b"BEGIN OPENSSH PRIVATE KEY" in user.openssh.read_bytes()
    assert user.folder.stat().st_mode & 0o777 == 0o700
    assert {each.stat().st_mode & 0o777 for each in user.folder.iterdir()} == {0o600}
    kind, key, _comment = user.public.read_text().split()
    assert kind == "ssh-rsa"
    assert base64.b64decode(key)

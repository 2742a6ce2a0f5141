"""RSA keys in every form that people have them in, what they sign, and what is said of those that will not do."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from reports import signature
from reports.signature import KeyRefused

KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
FORMS = {"PKCS1": PrivateFormat.TraditionalOpenSSL, "PKCS8": PrivateFormat.PKCS8, "OpenSSH": PrivateFormat.OpenSSH}
WORD = "correct horse ß"


def no_passphrase() -> str:
    raise AssertionError("the passphrase was asked for")


def private_text(form: str, word: str | None = None) -> bytes:
    return KEY.private_bytes(Encoding.PEM, FORMS[form], BestAvailableEncryption(word.encode()) if word else NoEncryption())


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], str]:
    """Write a file, and its path."""

    def write(data: bytes) -> str:
        (tmp_path / "key").write_bytes(data)
        return str(tmp_path / "key")

    return write


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_key_is_read_and_signs(written: Callable[[bytes], str], form: str) -> None:
    key = signature.private(written(private_text(form)), no_passphrase)
    made = key.sign(b"exactly these bytes")
    assert key.public.verifies(b"exactly these bytes", made)
    assert not key.public.verifies(b"exactly these bytes\n", made)
    assert not signature.PublicKey(OTHER.public_key()).verifies(b"exactly these bytes", made)
    assert key.sign(b"exactly these bytes") == made
    assert key.key.private_numbers() == KEY.private_numbers()
    assert str(KEY.private_numbers().d) not in repr(key)


@pytest.mark.parametrize("form", FORMS)
def test_an_encrypted_key_needs_its_passphrase(written: Callable[[bytes], str], form: str) -> None:
    path = written(private_text(form, WORD))
    assert signature.private(path, lambda: WORD).public.text == signature.PublicKey(KEY.public_key()).text
    for wrong in ("wrong", "", WORD + " "):
        with pytest.raises(KeyRefused, match="the passphrase does not open it") as refused:
            signature.private(path, lambda wrong=wrong: wrong)
        assert not wrong.strip() or wrong not in str(refused.value)


@pytest.mark.parametrize("around", ["{}", "{} a comment@host\n", "\n{}\n\n"])
def test_a_public_key_is_read_as_ssh_writes_it(written: Callable[[bytes], str], around: str) -> None:
    text = signature.PublicKey(KEY.public_key()).text
    assert text.startswith("ssh-rsa AAAAB3NzaC1yc2EA")
    assert signature.public(written(around.format(text).encode())).text == text


@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
def test_a_public_key_is_read_in_pem(written: Callable[[bytes], str], form: PublicFormat) -> None:
    data = KEY.public_key().public_bytes(Encoding.PEM, form)
    assert signature.public(written(data)).text == signature.PublicKey(KEY.public_key()).text


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="no ssh-keygen is installed here")
def test_keys_and_fingerprints_are_those_of_ssh_keygen(tmp_path: Path) -> None:
    path = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", WORD, "-f", path], check=True)
    key = signature.private(str(path), lambda: WORD)
    said = subprocess.run(["ssh-keygen", "-l", "-f", path], capture_output=True, text=True, check=True)
    assert key.public.fingerprint in said.stdout.split()
    assert signature.public(f"{path}.pub").text == key.public.text


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl is installed here")
def test_openssl_takes_a_signature_of_ours(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"exactly these bytes")
    (tmp_path / "sig").write_bytes(signature.PrivateKey(KEY).sign(b"exactly these bytes"))
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "pem").write_bytes(public)
    command = ["openssl", "dgst", "-sha256", "-verify", "pem", "-signature", "sig", "data"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "Verified OK" in said.stdout


ED25519 = ed25519.Ed25519PrivateKey.generate()
CURVE = ec.generate_private_key(ec.SECP256R1())
PUBLIC = signature.PublicKey(KEY.public_key()).text.encode()
NOT_PRIVATE = {
    "public, of ssh": (PUBLIC, "a public key; the private one"),
    "public, in PEM": (
        KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "a public key; the private one",
    ),
    "ed25519": (ED25519.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()), "not an RSA key"),
    "curve": (CURVE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), "not an RSA key"),
    "PuTTY": (b"PuTTY-User-Key-File-3: ssh-rsa\n", "puttygen"),
    "empty": (b"", "no private key in PEM or OpenSSH form"),
    "zeros": (bytes(2000), "no private key in PEM or OpenSSH form"),
    "text": (b"a letter to a friend", "no private key in PEM or OpenSSH form"),
    "torn PEM": (private_text("PKCS1")[:900], "no private key in PEM or OpenSSH form"),
    "torn OpenSSH": (private_text("OpenSSH")[:900], "no private key in PEM or OpenSSH form"),
    "huge": (b"x" * 100_000, "larger than 64 kB, so no key"),
}


@pytest.mark.parametrize("kind", NOT_PRIVATE)
def test_what_cannot_sign_is_refused_in_one_line(written: Callable[[bytes], str], kind: str) -> None:
    data, reason = NOT_PRIVATE[kind]
    path = written(data)
    with pytest.raises(KeyRefused, match=reason) as refused:
        signature.private(path, no_passphrase)
    assert str(refused.value).startswith(path)
    assert len(str(refused.value).splitlines()) == 1


NOT_PUBLIC = {
    "private in PEM": (private_text("PKCS8"), "a private key; the public one"),
    "private, of OpenSSH": (private_text("OpenSSH"), "a private key; the public one"),
    "ed25519": (ED25519.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH), "not an RSA key"),
    "torn": (PUBLIC[:100], "no public key"),
    "text": (b"a letter to a friend", "no public key"),
    "empty": (b"", "no public key"),
    "zeros": (bytes(100), "no public key"),
}


@pytest.mark.parametrize("kind", NOT_PUBLIC)
def test_what_checks_nothing_is_refused_in_one_line(written: Callable[[bytes], str], kind: str) -> None:
    data, reason = NOT_PUBLIC[kind]
    path = written(data)
    with pytest.raises(KeyRefused, match=reason) as refused:
        signature.public(path)
    assert len(str(refused.value).splitlines()) == 1


def test_a_key_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "absent", "No such file"), (tmp_path, "not a file")):
        for read in (lambda path: signature.private(path, no_passphrase), signature.public):
            with pytest.raises(KeyRefused, match=reason):
                read(str(path))

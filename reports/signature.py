"""RSA keys and what they sign, as ssh and RefStack know them: PKCS #1 v1.5 over SHA-256, public keys as `ssh-rsa AAAA…`."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
    load_ssh_private_key,
    load_ssh_public_key,
)

from reports.masking import shown
from reports.named_file import NotAFile, Unreadable, read

LIMIT = 65536  # bytes; an RSA key of 16384 bits has 13 kB
NEW = "make one with: ssh-keygen -t rsa -b 4096"
NO_KEY = (ValueError, UnsupportedAlgorithm)  # what cryptography says to a text that it takes for no key


class KeyRefused(Exception):
    """A key that cannot be used: one line, which, why, and what would be right."""


@dataclass(frozen=True)
class PublicKey:
    """What a signature is checked with."""

    key: RSAPublicKey

    @property
    def text(self) -> str:
        """In one line, as ssh writes it: `ssh-rsa AAAA…`."""
        return self.key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` writes it: `SHA256:…`."""
        digest = hashlib.sha256(base64.b64decode(self.text.split()[1])).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"

    def verifies(self, data: bytes, signature: bytes) -> bool:
        """Whether the signature is of exactly these bytes, by this key."""
        try:
            self.key.verify(signature, data, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class PrivateKey:
    """What signs."""

    key: RSAPrivateKey = field(repr=False)

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.key.public_key())

    def sign(self, data: bytes) -> bytes:
        """Over exactly these bytes; the same each time."""
        return self.key.sign(data, PKCS1v15(), SHA256())


def private(path: str, passphrase: Callable[[], str]) -> PrivateKey:
    """Read a private key in PEM or OpenSSH form; `passphrase` is asked only for one that is encrypted."""
    data, where = _read(path), shown(path)
    if _is_public(data):
        raise KeyRefused(f"{where}: a public key; the private one of the pair is needed, to sign with")
    if data.startswith(b"PuTTY-User-Key-File"):
        raise KeyRefused(f"{where}: a key in PuTTY's form; write it in OpenSSH's with: puttygen KEY -O private-openssh -o NEW")
    load = load_ssh_private_key if b"BEGIN OPENSSH PRIVATE KEY" in data else load_pem_private_key
    key: object
    try:
        key = load(data, None)
    except TypeError:  # it is encrypted
        key = _unlocked(lambda word: load(data, word), passphrase(), where)
    except NO_KEY:
        raise KeyRefused(f"{where}: no private key in PEM or OpenSSH form, or a damaged one; {NEW}") from None
    if not isinstance(key, RSAPrivateKey):
        raise KeyRefused(f"{where}: not an RSA key, and RefStack takes no other; {NEW}")
    return PrivateKey(key)


def _unlocked(load: Callable[[bytes], object], passphrase: str, where: str) -> object:
    try:
        return load(passphrase.encode())
    except (TypeError, *NO_KEY):
        raise KeyRefused(f"{where}: the passphrase does not open it") from None


def public(path: str) -> PublicKey:
    """Read a public key, as ssh writes it (`ssh-rsa AAAA…`) or in PEM."""
    data, where = _read(path), shown(path)
    if b"PRIVATE KEY-----" in data or data.startswith(b"PuTTY"):
        raise KeyRefused(f"{where}: a private key; the public one of the pair is needed: ssh-keygen -y -f {where} > KEY.pub")
    load = load_pem_public_key if data.startswith(b"-----") else load_ssh_public_key
    try:
        key = load(data)
    except NO_KEY:
        raise KeyRefused(f'{where}: no public key; a line "ssh-rsa AAAA…" or a public key in PEM is expected') from None
    if not isinstance(key, RSAPublicKey):
        raise KeyRefused(f"{where}: not an RSA key, and only such keys sign here")
    return PublicKey(key)


def _is_public(data: bytes) -> bool:
    return b"PUBLIC KEY-----" in data or data.startswith((b"ssh-", b"ecdsa-", b"sk-"))


def _read(path: str) -> bytes:
    try:
        data = read(path, LIMIT)
    except NotAFile:
        raise KeyRefused(f"{shown(path)}: not a file; the file of an RSA key is expected") from None
    except Unreadable as error:
        raise KeyRefused(f"{shown(path)}: the key cannot be read: {error}") from None
    if len(data) > LIMIT:
        raise KeyRefused(f"{shown(path)}: larger than {LIMIT // 1024} kB, so no key")
    return data.strip() + b"\n"

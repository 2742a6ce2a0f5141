"""A lab's own certificates: who trusts its authority reaches its servers at their names, and nobody else does."""

import socket
import ssl
from pathlib import Path
from threading import Thread

import pytest

from labs.certificates import Authority, Identity


def context(folder: Path, identity: Identity) -> ssl.SSLContext:
    (folder / "server.pem").write_text(identity.certificate + identity.key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem")
    return context


def greeted(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> bytes:
    """What a client that calls the server by this name is told; SSLError when it does not trust it."""
    near, far = socket.socketpair()

    def serve() -> None:
        try:
            with server.wrap_socket(far, server_side=True) as end:
                end.sendall(b"hello")
        except OSError:
            far.close()

    thread = Thread(target=serve)
    thread.start()
    near.settimeout(5)
    try:
        with client.wrap_socket(near, server_hostname=name) as end:
            return end.recv(16)
    finally:
        near.close()
        thread.join(5)


def strict(pem: str) -> ssl.SSLContext:
    """As newer Pythons check by default."""
    client = ssl.create_default_context(cadata=pem)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    return client


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_server_is_trusted_at_its_names(tmp_path: Path, name: str) -> None:
    authority = Authority.make("lab x")
    server = context(tmp_path, authority.issue("keystone", ["127.0.0.1", "localhost"]))
    assert greeted(server, strict(authority.pem), name) == b"hello"


@pytest.mark.parametrize("name", ["127.0.0.2", "example.org"])
def test_it_is_not_trusted_elsewhere(tmp_path: Path, name: str) -> None:
    authority = Authority.make("lab x")
    server = context(tmp_path, authority.issue("keystone", ["127.0.0.1", "localhost"]))
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        greeted(server, strict(authority.pem), name)


def test_another_authority_of_the_same_name_does_not_vouch_for_it(tmp_path: Path) -> None:
    server = context(tmp_path, Authority.make("lab x").issue("keystone", ["localhost"]))
    with pytest.raises(ssl.SSLCertVerificationError):
        greeted(server, strict(Authority.make("lab x").pem), "localhost")


def test_a_server_may_not_sign(tmp_path: Path) -> None:
    authority = Authority.make("lab x")
    (tmp_path / "server.pem").write_text(authority.issue("keystone", ["localhost"]).certificate)
    with pytest.raises(ssl.SSLCertVerificationError):
        greeted(context(tmp_path, Authority.make("keystone").issue("other", ["localhost"])), strict(authority.pem), "localhost")

"""A cloud that answers in every way but the right one is one line; one that answers right tells what it is."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from labs.errors import LabError
from labs.openstack import cloud
from labs.openstack.cloud import Endpoint, reach
from labs.openstack.cloud_entry import Entry, find
from tests.unit.keystone_answers import Answer, keystone, refusal, serving, v3

PASSWORD = "sesame-street"
AUTH = {"username": "ada", "password": PASSWORD, "project_name": "engine", "user_domain_name": "D", "project_domain_name": "D"}


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OS_CLOUD", "OS_CLIENT_CONFIG_FILE", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


def entry(folder: Path, url: str, **more: Any) -> Entry:
    file = folder / "clouds.yaml"
    file.write_text(yaml.safe_dump({"clouds": {"mine": {"auth": {"auth_url": url, **AUTH}, **more}}}))
    return find("mine", file)


def refused(given: Entry) -> str:
    """What is said of a cloud that cannot be used: one line, no secret."""
    with pytest.raises(LabError) as caught:
        reach(given)
    told = str(caught.value)
    assert "\n" not in told
    assert PASSWORD not in told
    assert told.startswith("cloud mine: ")
    return told.removeprefix("cloud mine: ").replace(given.auth_url, "URL")


V2 = {"versions": {"values": [{"id": "v2.0", "status": "stable", "links": []}]}}
NONE = "no identity service (Keystone) answers at URL; check its auth_url"


@pytest.mark.parametrize(
    ("root", "line"),
    [
        (Answer(200, b"<html>It works!</html>"), NONE),
        (Answer(200, [1]), NONE),
        (Answer(200, {"versions": 3}), NONE),
        (Answer(200, b"\xff\xfe"), NONE),
        (Answer(300, V2), "URL offers identity v2.0; v3 is needed"),
        (refusal(404, "no page\nof that name"), "URL answers 404: no page of that name"),
        (Answer(503, b"upstream"), "URL answers 503: Service Unavailable"),
        (Answer(200, b"{", cut=True), "URL does not answer: incompleteread"),
    ],
)
def test_where_no_identity_service_is(tmp_path: Path, root: Answer, line: str) -> None:
    with serving(lambda _url: lambda *_asked: root) as server:
        assert refused(entry(tmp_path, f"{server.url}/v3")).startswith(line)


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (
            refusal(401, "The request you have made requires authentication."),
            "URL does not accept the credential of its entry: The request you have made requires authentication.",
        ),
        (refusal(403, "not now"), "URL answers 403: not now"),
        (refusal(500, "An unexpected\nerror"), "URL answers 500: An unexpected error"),
        (Answer(201, b"<html>", {"X-Subject-Token": "x"}), "URL: Invalid response from server."),
        (Answer(201, {"token": []}, {"X-Subject-Token": "x"}), "URL answers what no identity service does (AttributeError)"),
        (Answer(201, {"token": {}}, {"X-Subject-Token": "x"}), "URL answers what no identity service does (KeyError)"),
    ],
)
def test_where_no_token_is_given(tmp_path: Path, answer: Answer, line: str) -> None:
    with serving(lambda url: lambda method, *_: answer if method == "POST" else Answer(200, {"version": v3(url)})) as server:
        assert refused(entry(tmp_path, f"{server.url}/v3")) == line


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("http://127.0.0.1:1/v3", "URL does not answer: connection refused"),
        ("http://nowhere.invalid/v3", "URL does not answer: "),
    ],
)
def test_where_nobody_is(tmp_path: Path, url: str, line: str) -> None:
    assert refused(entry(tmp_path, url)).startswith(line)


def test_the_wait_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a server that never answers, and of one that drips: no single read takes long, all of it would."""
    monkeypatch.setattr(cloud, "LIMIT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v3"
        start = time.monotonic()
        assert refused(entry(tmp_path, url)).startswith("URL does not answer: ")
        assert time.monotonic() - start < 5
        threading.Thread(target=_drip, args=(silent,), daemon=True).start()
        assert refused(entry(tmp_path, url)) == "URL does not answer: not within 0 s"


def _drip(server: socket.socket) -> None:
    """The connection of the first attempt waits in the queue still."""
    for _ in range(2):
        connection, _ = server.accept()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        threading.Thread(target=_drop, args=(connection,), daemon=True).start()


def _drop(connection: socket.socket) -> None:
    try:
        for _ in range(30):
            connection.sendall(b"x")
            time.sleep(0.1)
    except OSError:
        pass


# --- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Self-signed, of 127.0.0.1, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a cloud")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    none = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, none)
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(pem + built.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def port(certificate: Path) -> Iterator[int]:
    """Of a server that speaks TLS with that certificate, and says nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    connection.close()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]


def test_a_certificate_that_is_not_trusted_says_what_mends_it(tmp_path: Path, port: int) -> None:
    told = refused(entry(tmp_path, f"https://127.0.0.1:{port}/v3"))
    assert told == "URL is not trusted: self-signed certificate; name its CA in the entry (cacert: FILE), or give verify: false"


def test_another_authority(tmp_path: Path, port: int, certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(ssl.DER_cert_to_PEM_cert(_another()).encode())
    told = refused(entry(tmp_path, f"https://127.0.0.1:{port}/v3", cacert=str(other)))
    assert told.endswith(f"the CA in {other} (cacert) is not the one that signed it")


def _another() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "somebody else")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=7)
    return (
        builder.not_valid_before(now)
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


def test_a_certificate_for_another_name(tmp_path: Path, port: int, certificate: Path) -> None:
    told = refused(entry(tmp_path, f"https://localhost:{port}/v3", cacert=str(certificate)))
    assert told.startswith("URL is not trusted: Hostname mismatch, certificate is not valid for 'localhost'; check auth_url")


def test_a_trusted_one_and_none_at_all_go_on(tmp_path: Path, port: int, certificate: Path) -> None:
    for more in ({"cacert": str(certificate)}, {"verify": False}):
        assert refused(entry(tmp_path, f"https://127.0.0.1:{port}/v3", **more)).startswith("URL does not answer: ")


def test_what_speaks_no_tls(tmp_path: Path) -> None:
    with serving(lambda _url: lambda *_asked: Answer()) as server:
        told = refused(entry(tmp_path, f"{server.url.replace('http', 'https')}/v3"))
        assert told == "URL does not speak TLS as it should: WRONG_VERSION_NUMBER"


# --- what is known of one that answers


@pytest.mark.parametrize("path", ["", "/", "/v3", "/v3/"])
def test_what_a_cloud_tells(tmp_path: Path, path: str) -> None:
    with serving(keystone) as server:
        found = reach(entry(tmp_path, f"{server.url}{path}"))
        assert (found.root, found.version, found.region, found.cpid) == (f"{server.url}/v3", "v3.14", "RegionOne", "cpid-1")
        assert (found.user, found.user_id, found.project, found.roles) == ("ada", "u1", "engine", ("member",))
        assert found.catalog == {"identity": (Endpoint("public", "RegionOne", f"{server.url}/v3"),)}
        assert found.extensions == ("OS-TRUST",)
        assert not found.is_admin
        assert not any("users" in asked for asked in server.asked)


@pytest.mark.parametrize(("users", "is_admin"), [(200, True), (403, False), (404, False)])
def test_an_administrator_is_who_may_do_what_they_may(tmp_path: Path, users: int, is_admin: bool) -> None:
    with serving(lambda url: keystone(url, ("admin", "member"), users)) as server:
        assert reach(entry(tmp_path, server.url)).is_admin is is_admin


@pytest.mark.parametrize("catalog", [[], [{"type": "compute", "id": "n", "endpoints": []}], [{"type": "identity"}]])
def test_without_an_identity_service_in_the_catalog_there_is_no_cpid(tmp_path: Path, catalog: list[Any]) -> None:
    with serving(lambda url: keystone(url, catalog=catalog)) as server:
        assert reach(entry(tmp_path, server.url)).cpid is None


def test_the_region_has_to_be_there(tmp_path: Path) -> None:
    with serving(keystone) as server:
        told = refused(entry(tmp_path, server.url, region_name="Nowhere"))
        assert told == 'no region is called "Nowhere"; there are: RegionOne'
    two = [
        {
            "type": "identity",
            "id": "i",
            "endpoints": [{"interface": "public", "region": region, "url": "http://x"} for region in "AB"],
        }
    ]
    with serving(lambda url: keystone(url, catalog=two)) as server:
        assert refused(entry(tmp_path, server.url)) == "say which region (region_name) in its entry; there are: A, B"
        assert reach(entry(tmp_path, server.url, region_name="B")).region == "B"

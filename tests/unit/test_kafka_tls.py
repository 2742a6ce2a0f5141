"""TLS connections to servers of Python's own, and to bytes written by hand: who refuses, and for which reason."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from kafka.errors import KafkaError, KafkaTimeoutError

from labs.certificates import Authority, Identity
from labs.kafka.reach import explained, port_state, why, whys
from labs.kafka.tls import Handshake, handshake, refused, versions
from labs.kafka.tls_stream import Alert
from labs.kafka.way import Tls, Way

PAST = (timedelta(days=-2), timedelta(days=-1))
PLACES = ["127.0.0.1", "broker.example"]
ANSWER = struct.pack(">iihi", 10, 1, 0, 0)


@dataclass(frozen=True)
class Here(Way):
    """A way on which a server's end of each connection is served by a function, in a thread."""

    serve: Callable[[socket.socket], None] = field(kw_only=True)

    def connect(self, host: str, port: int, within: float) -> socket.socket:
        here, there = socket.socketpair()
        here.settimeout(within)
        threading.Thread(target=self._served, args=(there,), name=f"{host}:{port}", daemon=True).start()
        return here

    def _served(self, sock: socket.socket) -> None:
        with sock:
            self.serve(sock)


class Files:
    """Certificates of our authority and of another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ours, other = Authority.make("ours"), Authority.make("other")
        (folder / "ca.pem").write_text(ours.pem)
        (folder / "other.pem").write_text(other.pem)
        self.write("server", ours.issue("server", PLACES))
        self.write("ended", ours.issue("server", PLACES, valid=PAST))
        self.write("client", ours.issue("client", ["client"]))
        self.write("foreign", other.issue("client", ["client"]))

    def write(self, name: str, identity: Identity) -> None:
        (self.folder / f"{name}.crt").write_text(identity.certificate)
        (self.folder / f"{name}.key").write_text(identity.key)

    def tls(self, name: str | None, ca: str = "ca", check_hostname: bool = True) -> Tls:
        own = [self.folder / f"{name}.{kind}" for kind in ("crt", "key")] if name else [None, None]
        return Tls(self.folder / f"{ca}.pem", own[0], own[1], check_hostname)

    def server(self, name: str = "server", newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> Callable[[socket.socket], None]:
        """One that wants a certificate, and answers as a broker does."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        context.load_verify_locations(self.folder / "ca.pem")
        context.verify_mode, context.maximum_version = ssl.CERT_REQUIRED, newest

        def serve(sock: socket.socket) -> None:
            try:
                with context.wrap_socket(sock, server_side=True) as wrapped:
                    answering(wrapped)
            except OSError:
                return

        return serve


def answering(sock: socket.socket) -> None:
    try:
        if sock.recv(1000)[:6] == b"\0\0\0\x12\0\x12":
            sock.sendall(ANSWER)
            sock.recv(1000)
    except OSError:
        return


def closing(_: socket.socket) -> None:
    """Hangs up at once."""


def silent(sock: socket.socket) -> None:
    """Until the client hangs up."""
    while sock.recv(1000):
        continue


def lingering(*answers: bytes) -> Callable[[socket.socket], None]:
    """Sends each of these after a message of the client's."""

    def serve(sock: socket.socket) -> None:
        for answer in answers:
            sock.recv(10000)
            sock.sendall(answer)

    return serve


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("tls"))


def at(serve: Callable[[socket.socket], None], tls: Tls | None) -> Here:
    return Here("test", (), tls, serve=serve)


def tried(
    files: Files, tls: Tls, server: str = "server", newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3, host: str = PLACES[0]
) -> Handshake:
    return handshake(at(files.server(server, newest), tls), host, 9093, within=5)


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
class TestOfEachVersion:
    def test_a_good_certificate_is_accepted(self, files: Files, newest: ssl.TLSVersion) -> None:
        found = tried(files, files.tls("client"), newest=newest)
        assert (found.accepted, found.reason, found.version) == (True, "accepted", newest.name.replace("_", ".", 1)[:7])
        assert found.cipher
        assert (found.shown.subject, found.shown.issuer, set(found.shown.names)) == ("server", "ours", set(PLACES))
        assert found.offered.subject == "client"

    def test_no_certificate_is_refused_by_the_broker(self, files: Files, newest: ssl.TLSVersion) -> None:
        found = tried(files, files.tls(None), newest=newest)
        named = {"handshake_failure", "certificate_required"}
        assert (found.by, found.reason in named, found.offered) == ("broker", True, None)

    def test_another_authoritys_is_refused_by_the_broker(self, files: Files, newest: ssl.TLSVersion) -> None:
        found = tried(files, files.tls("foreign"), newest=newest)
        assert (found.by, found.reason, found.offered.issuer) == ("broker", "unknown_ca", "other")

    def test_a_client_that_trusts_another_authority_refuses(self, files: Files, newest: ssl.TLSVersion) -> None:
        found = tried(files, files.tls("client", ca="other"), newest=newest)
        assert (found.by, found.reason, found.shown.issuer) == ("client", "unknown-ca", "ours")

    def test_a_wrong_host_is_refused_by_the_client(self, files: Files, newest: ssl.TLSVersion) -> None:
        found = tried(files, files.tls("client"), newest=newest, host="10.0.0.1")
        assert (found.by, found.reason, set(found.shown.names)) == ("client", "host-mismatch", set(PLACES))

    def test_a_certificate_that_has_ended_is_refused_by_the_client(self, files: Files, newest: ssl.TLSVersion) -> None:
        found = tried(files, files.tls("client"), server="ended", newest=newest)
        assert (found.by, found.reason) == ("client", "expired")


def test_a_host_is_not_looked_at_where_the_way_says_so(files: Files) -> None:
    assert tried(files, files.tls("client", check_hostname=False), host="10.0.0.1").accepted


def test_each_version_is_tried_alone(files: Files) -> None:
    way = at(files.server(newest=ssl.TLSVersion.TLSv1_2), files.tls("client"))
    found = versions(way, PLACES[0], 9093)
    assert {version for version, made in found.items() if made.accepted} == {"TLSv1.2"}
    assert (found["TLSv1.3"].by, found["TLSv1.3"].reason) == ("broker", "protocol_version")


def test_the_alert_is_found_behind_what_a_broker_sends_twice(files: Files) -> None:
    """As Kafka 2.4 does: its output buffer once more, zeros, and at its very end the alert."""
    noise = b"\x16\x03\x03\x00\x04\x02\x00\x00\x55" + b"\0" * 16000
    way = at(lingering(noise + b"\x15\x03\x03\x00\x02\x02\x2e"), files.tls(None))
    found = handshake(way, PLACES[0], 9093)
    assert (found.by, found.reason) == ("broker", "certificate_unknown")


def test_silence_and_other_protocols_are_told(files: Files) -> None:
    def reason(serve: Callable[[socket.socket], None]) -> str:
        return handshake(at(serve, files.tls("client")), PLACES[0], 9093, within=0.3).reason

    assert reason(closing) == "not-tls"
    assert reason(lingering(b"HTTP/1.1 400 Bad Request\r\n\r\n")) == "not-tls"
    assert reason(silent) == "timeout"


def test_a_way_without_tls_has_no_handshake() -> None:
    with pytest.raises(ValueError, match="without TLS"):
        handshake(Way("test", ()), PLACES[0], 9093)


def test_why_names_what_differs_between_both_ends(files: Files) -> None:
    def told(tls: Tls | None, serve: Callable[[socket.socket], None]) -> str | None:
        return why(at(serve, tls), PLACES[0], 9093, within=0.5)

    assert told(files.tls("client"), files.server()) is None
    assert told(None, answering) is None
    assert told(None, files.server()) == "127.0.0.1:9093: it speaks TLS, and the client does not"
    assert told(files.tls("client"), answering) == "127.0.0.1:9093: it speaks Kafka without TLS, and the client wants TLS"
    assert "unknown_ca (it was shown 'client' of 'other'" in str(told(files.tls("foreign"), files.server()))
    assert "Hostname mismatch" not in str(told(files.tls("client", check_hostname=False), files.server()))
    assert "answers nothing" in str(told(None, silent))


def test_a_port_that_nobody_serves_is_refused() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and does not listen
        port = bound.getsockname()[1]
        way = Way("test", (f"127.0.0.1:{port}",))
        assert port_state(way, "127.0.0.1", port) == "refused"
        assert whys(way) == f"127.0.0.1:{port}: connection refused: nobody listens there"
        bound.listen()
        assert port_state(way, "127.0.0.1", port) == "open"


def made(way: Way, error: KafkaError) -> str:
    """What is told where a client of that way could not be made."""
    with pytest.raises(KafkaError) as found, explained(way):
        raise error
    assert type(found.value) is type(error)
    return str(found.value)


def test_a_client_that_cannot_be_made_says_why(files: Files) -> None:
    way = Here("test", ("127.0.0.1:9093",), files.tls("foreign"), serve=files.server())
    told = made(way, KafkaTimeoutError("Unable to bootstrap"))
    assert told.startswith("KafkaTimeoutError: Unable to bootstrap: 127.0.0.1:9093: the broker refused the client: TLS alert")
    well = Here("test", ("127.0.0.1:9093",), files.tls("client"), serve=files.server())
    assert made(well, KafkaTimeoutError("Unable to bootstrap")) == "KafkaTimeoutError: Unable to bootstrap"


def test_errors_are_named() -> None:
    assert refused(Alert("bad_certificate"), 7) == (
        "broker",
        "bad_certificate",
        "the broker refused the client: TLS alert bad_certificate",
    )
    assert refused(ConnectionResetError("reset"), 5)[:2] == ("network", "closed")
    assert refused(ConnectionResetError("reset"), 0)[:2] == ("network", "not-tls")
    assert refused(TimeoutError(), 0)[:2] == ("network", "timeout")

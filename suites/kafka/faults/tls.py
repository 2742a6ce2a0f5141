"""Seeded faults of TLS: what a broker shows, whom it trusts, which versions it speaks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12Certificate, serialize_java_truststore

from labs.fault import fault
from labs.kafka.addresses import TLS
from labs.kafka.files import PASSWORD
from labs.kafka.lab import KafkaLab
from labs.kafka.shown import from_pem
from labs.kafka.tls import Handshake, handshake
from labs.kafka.way import Tls
from labs.observe.reading import told
from labs.wait import until
from suites.kafka.faults.settings import alter, altered
from suites.kafka.strangers import authority, stranger

VICTIM = 2
APPLIED = 10.0
"""Seconds until a broker goes by a setting that was changed while it runs."""
TURNS = 4
"""Its two network threads take connections in turn, and learn of a new store one after the other."""


@contextmanager
def stored(kafka: KafkaLab, store: str, file: Path, in_force: Callable[[], bool]) -> Iterator[None]:
    """Another file as the key or trust store of a broker's listener for TLS, while it runs.

    What takes it back is the declared one; that the setting is deleted alone would not (2.4 keeps the last one then).
    """
    declared = kafka.declared[VICTIM][f"ssl.{store}.location"]
    name = f"listener.name.ssl.ssl.{store}.location"
    with altered(kafka, VICTIM, {name: str(file)}):
        until(lambda: all(in_force() for _ in range(TURNS)), within=APPLIED, what=f"broker {VICTIM}: another {store}")
        try:
            yield
        finally:
            alter(kafka, VICTIM, {name: declared})
            until(lambda: not any(in_force() for _ in range(TURNS)), within=APPLIED, what=f"broker {VICTIM}: its own {store}")


def shaken(kafka: KafkaLab, client: Tls) -> Handshake:
    """What becomes of a client at that broker."""
    return handshake(kafka.outside.using(client), kafka.brokers[VICTIM].public, TLS)


@contextmanager
def showing(kafka: KafkaLab, kind: str) -> Iterator[None]:
    """A certificate of that kind (`labs.kafka.files.KINDS`)."""
    known = from_pem(Path(kafka.files.stores(VICTIM, kind, pem=True)["ssl.keystore.location"]))
    store = kafka.files.stores(VICTIM, kind, pem=kafka.variant.major >= 3)["ssl.keystore.location"]
    with stored(kafka, "keystore", Path(store), lambda: shaken(kafka, kafka.files.client).shown == known):
        yield


@contextmanager
def trusting(kafka: KafkaLab, certificate: Path, client: Tls) -> Iterator[None]:
    """A certificate trusted beside the lab's authority, by which that client is let in."""
    files = (kafka.files.client.cafile, certificate)
    if kafka.variant.major >= 3:
        store, content = "more.pem", b"".join(file.read_bytes() for file in files)
    else:
        held = [PKCS12Certificate(x509.load_pem_x509_certificate(file.read_bytes()), file.stem.encode()) for file in files]
        store, content = "more.p12", serialize_java_truststore(held, BestAvailableEncryption(PASSWORD.encode()))
    file = kafka.files.folder / store
    file.write_bytes(content)
    with stored(kafka, "truststore", file, lambda: shaken(kafka, client).accepted):
        yield


@contextmanager
def told_else(kafka: KafkaLab, settings: dict[str, str]) -> Iterator[None]:
    """A broker that was started with other settings."""
    broker = kafka.brokers[VICTIM]
    broker.configure(dict(settings))
    try:
        yield
    finally:
        broker.configure({})


# --- what a broker shows


@fault("process")
def certificate_expired(kafka: KafkaLab) -> Iterator[None]:
    """A broker with a certificate that has ended."""
    with showing(kafka, "expired"):
        yield


@fault("process")
def certificate_ending(kafka: KafkaLab) -> Iterator[None]:
    """A broker with a certificate that ends in two days, and that nobody has renewed."""
    with showing(kafka, "ending"):
        yield


@fault("process")
def certificate_foreign(kafka: KafkaLab) -> Iterator[None]:
    """A broker with a certificate of an authority that clients do not know."""
    with showing(kafka, "foreign"):
        yield


@fault("process")
def certificate_of_elsewhere(kafka: KafkaLab) -> Iterator[None]:
    """A broker with a certificate of another host."""
    with told_else(kafka, kafka.files.stores(VICTIM, "elsewhere", pem=kafka.variant.major >= 3)):
        yield


# --- whom it lets in


@fault("process")
def certificates_not_asked_for(kafka: KafkaLab) -> Iterator[None]:
    """A broker that lets in whoever comes."""
    with told_else(kafka, {"ssl.client.auth": "none"}):
        yield


@fault("process")
def certificates_optional(kafka: KafkaLab) -> Iterator[None]:
    """A broker that looks at a client's certificate if it has one."""
    with told_else(kafka, {"ssl.client.auth": "requested"}):
        yield


@fault("process")
def foreign_authority_trusted(kafka: KafkaLab) -> Iterator[None]:
    """A broker that trusts one authority too many."""
    file = kafka.files.folder / "stranger-ca.pem"
    file.write_text(authority().pem)
    with stranger(kafka.files.client) as client, trusting(kafka, file, client):
        yield


@fault("process")
def expired_certificate_trusted(kafka: KafkaLab) -> Iterator[None]:
    """A broker with a client's own certificate in its trust store: Java asks no more then, nor when it ends."""
    expired = kafka.files.expired
    assert expired.certfile is not None
    with trusting(kafka, expired.certfile, expired):
        yield


# --- which versions it speaks

RELAXED = "/run/java.security"


@fault("process", "node")
def old_versions_spoken(kafka: KafkaLab) -> Iterator[None]:
    """A broker with TLS 1.1 in its settings, on a machine whose Java has no algorithm switched off."""
    host = kafka.brokers[VICTIM].node.host
    java = kafka.site.facts["runtime"]["java"]
    policy = told(host, "readlink -f $(dirname $(dirname $(readlink -f %s)))/conf/security/java.security", java).strip()
    line = "jdk.tls.disabledAlgorithms=SSLv3"
    told(host, f"cp {policy} {RELAXED} && echo {line} >> {RELAXED} && mount --bind {RELAXED} {policy}")
    try:
        with told_else(kafka, {"ssl.enabled.protocols": "TLSv1.1,TLSv1.2"}):
            yield
            told(host, "umount %s", policy)
    finally:
        host.run("umount %s", policy)


@fault("process")
def a_version_switched_off(kafka: KafkaLab) -> Iterator[None]:
    """A broker that speaks one version of TLS alone, and not the one that every client has."""
    with told_else(kafka, {"ssl.enabled.protocols": "TLSv1.3", "ssl.protocol": "TLSv1.3"}):
        yield

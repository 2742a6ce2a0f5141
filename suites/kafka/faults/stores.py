"""Key and trust stores of a broker, changed while it runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12Certificate, serialize_java_truststore

from labs.kafka.addresses import TLS
from labs.kafka.files import PASSWORD
from labs.kafka.lab import KafkaLab
from labs.kafka.shown import from_pem
from labs.kafka.tls import Handshake, handshake
from labs.kafka.way import Tls
from labs.wait import until
from suites.kafka.faults.settings import APPLIED, VICTIM, alter, altered

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

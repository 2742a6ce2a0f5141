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
    store = _trust_store(kafka, "more", kafka.files.client.cafile, certificate)
    with stored(kafka, "truststore", store, lambda: shaken(kafka, client).accepted):
        yield


@contextmanager
def trusting_only(kafka: KafkaLab, certificate: Path) -> Iterator[None]:
    """A certificate trusted in place of the lab's authority, so that its clients are not let in."""
    store = _trust_store(kafka, "other", certificate)
    with stored(kafka, "truststore", store, lambda: not shaken(kafka, kafka.files.client).accepted):
        yield


def _trust_store(kafka: KafkaLab, name: str, *certificates: Path) -> Path:
    """A file as the version takes it."""
    if kafka.variant.major >= 3:
        name, content = f"{name}.pem", b"".join(each.read_bytes() for each in certificates)
    else:
        loaded = {each.stem.encode(): x509.load_pem_x509_certificate(each.read_bytes()) for each in certificates}
        held = [PKCS12Certificate(certificate, alias) for alias, certificate in loaded.items()]
        name, content = f"{name}.p12", serialize_java_truststore(held, BestAvailableEncryption(PASSWORD.encode()))
    file = kafka.files.folder / name
    file.write_bytes(content)
    return file

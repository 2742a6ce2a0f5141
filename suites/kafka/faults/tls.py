"""Seeded faults of TLS: what a broker shows, whom it trusts, which versions it speaks."""

from collections.abc import Iterator
from contextlib import contextmanager

from labs.fault import fault
from labs.kafka.lab import KafkaLab
from labs.observe.reading import told
from suites.kafka.faults.settings import VICTIM
from suites.kafka.faults.stores import showing, trusting, trusting_only
from suites.kafka.strangers import authority, stranger
from suites.kafka.tls import SPOKEN


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


@fault("process")
def clients_not_trusted(kafka: KafkaLab) -> Iterator[None]:
    """A broker whose trust store has another authority in place of the clients': it refuses whoever comes."""
    with trusting_only(kafka, kafka.files.suspicious.cafile):
        yield


# --- which versions it speaks

NEW = ("TLSv1.2", "TLSv1.3")

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
        with told_else(kafka, {SPOKEN: f"{kafka.declared[VICTIM][SPOKEN]},TLSv1.1"}):
            yield
            told(host, "umount %s", policy)
    finally:
        host.run("umount %s", policy)


@fault("process")
def another_version_spoken(kafka: KafkaLab) -> Iterator[None]:
    """A broker that speaks TLS 1.2 and 1.3, of which it was told one alone."""
    with told_else(kafka, {SPOKEN: ",".join(NEW)}):
        yield


@fault("process")
def version_missing(kafka: KafkaLab) -> Iterator[None]:
    """A broker that speaks, of TLS 1.2 and 1.3, the one that it was not told."""
    with told_else(kafka, {SPOKEN: next(each for each in NEW if each != kafka.declared[VICTIM][SPOKEN])}):
        yield

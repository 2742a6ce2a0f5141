"""Clients that only the cluster's own authority can make, and that must be refused."""

from labs.kafka.lab import KafkaLab
from proof.holds import holds
from proof.requirement import proven_by, requirement
from suites.kafka.faults.tls import clients_not_trusted, expired_certificate_trusted
from suites.kafka.test_tls import refused


@requirement("a3453821-88f3-40a0-8836-0d326dd54dcd")
@proven_by(expired_certificate_trusted, kind="let-in")
@proven_by(clients_not_trusted, kind="refused-otherwise")
def test_a_client_with_an_expired_certificate_is_refused(kafka: KafkaLab) -> None:
    """TLS: who shows a certificate of the right authority that has ended is refused by each broker, for that reason."""
    holds(refused(kafka, "with an expired certificate", kafka.files.expired))

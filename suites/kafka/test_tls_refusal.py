"""Clients that only the cluster's own authority can make, and that must be refused."""

from labs.kafka.lab import KafkaLab
from proof.holds import holds
from proof.requirement import proven_by, requirement
from suites.kafka.faults.tls import expired_certificate_trusted
from suites.kafka.test_tls import met
from suites.kafka.tls import refusal_problems


@requirement("a3453821-88f3-40a0-8836-0d326dd54dcd")
@proven_by(expired_certificate_trusted, kind="let-in")
def test_a_client_with_an_expired_certificate_is_refused(kafka: KafkaLab) -> None:
    """TLS: who shows a certificate of the right authority that has ended is refused by each broker, for that reason."""
    holds(refusal_problems("with an expired certificate", met(kafka, kafka.files.expired)))

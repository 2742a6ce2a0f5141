"""What clients meet at the brokers' doors: certificates both ways, versions of TLS, and no way in without it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from kafka.errors import KafkaError

from labs.errors import LabError
from labs.kafka.configs import broker_settings
from labs.kafka.lab import KafkaLab
from labs.kafka.reach import why
from labs.kafka.side_by_side import side_by_side
from labs.kafka.tls import Handshake, handshake, versions
from labs.kafka.version import major_minor
from labs.kafka.way import Tls
from labs.problem import Problem
from labs.wait import watch
from proof.holds import eventually, holds
from proof.requirement import proven_by, requirement
from suites.kafka.faults.listening import networks_joined, plain_forwarded, plain_on_every_network, tls_switched_off
from suites.kafka.faults.tls import (
    another_version_spoken,
    certificate_ending,
    certificate_expired,
    certificate_foreign,
    certificate_of_elsewhere,
    certificates_not_asked_for,
    certificates_optional,
    clients_not_trusted,
    foreign_authority_trusted,
    old_versions_spoken,
    version_missing,
)
from suites.kafka.listening import unguarded, unguarded_problems
from suites.kafka.strangers import nobody, stranger
from suites.kafka.tls import SPOKEN, configured, impostor_problems, refusal_problems, trust_problems, version_problems

ELSEWHERE = "elsewhere.example"
"""A host that no broker is (RFC 2606)."""
ASK_SECONDS = 2.0
OPEN = "answers-without-tls"
SOON = 5.0
"""Seconds in which each broker of a busy machine has its turn to answer."""


@requirement("70c746ef-ce83-4cd0-b5a8-e429ff1c73c0")
@proven_by(certificate_expired, kind="certificate-expired")
@proven_by(certificate_ending, kind="certificate-ends-soon")
@proven_by(certificate_foreign, kind="certificate-untrusted")
@proven_by(certificate_of_elsewhere, kind="certificate-of-another-host")
@proven_by(clients_not_trusted, kind="not-let-in")
def test_every_brokers_certificate_is_trusted(kafka: KafkaLab) -> None:
    """TLS: each broker's certificate is of the authority, for its host, in force, and for a week at least."""
    holds(trust_problems(met(kafka, secured(kafka)), datetime.now(UTC)))


@requirement("471f2aa0-e52a-48a8-a88b-88a17411204a")
@proven_by(certificate_of_elsewhere, kind="taken-for-another-host")
def test_a_client_that_is_led_elsewhere_notices(kafka: KafkaLab) -> None:
    """TLS: a client that looks for another host finds that no broker is that."""
    checking = replace(secured(kafka), check_hostname=True)
    holds(impostor_problems(ELSEWHERE, met(kafka, checking, name=ELSEWHERE)))


@requirement("53e0f308-8e33-45f4-91a9-296cb4e9e591")
@proven_by(certificates_not_asked_for, kind="let-in")
@proven_by(certificates_optional, kind="let-in")
@proven_by(tls_switched_off, kind="refused-otherwise")
def test_a_client_without_a_certificate_is_refused(kafka: KafkaLab) -> None:
    """TLS: who shows no certificate is refused by each broker, for that reason."""
    holds(refused(kafka, "without a certificate", nobody(secured(kafka))))


@requirement("d027448f-b755-4844-a72a-4da375eeb336")
@proven_by(foreign_authority_trusted, kind="let-in")
@proven_by(clients_not_trusted, kind="refused-otherwise")
def test_a_client_of_another_authority_is_refused(kafka: KafkaLab) -> None:
    """TLS: who shows a certificate of an authority that was never agreed on is refused by each broker, for that reason."""
    with stranger(secured(kafka)) as client:
        holds(refused(kafka, "of another authority", client))


@requirement("7ed1aed8-674c-4956-b4b8-874455fed12e")
@proven_by(old_versions_spoken, kind="old-version")
@proven_by(another_version_spoken, kind="unconfigured-version")
@proven_by(version_missing, kind="missing-version")
def test_the_configured_versions_of_tls_are_spoken_and_no_others(kafka: KafkaLab) -> None:
    """TLS: each broker speaks the versions that it was told to, none that it was not, and none of the old ones."""
    told = told_versions(kafka)
    found = side_by_side(kafka.cluster.doors, lambda broker: spoken_problems(kafka, broker, told[broker]))
    holds([problem for problems in found.values() for problem in problems])


@requirement("a133d6ac-d174-41ec-9059-0bbc6e540cd9")
@proven_by(plain_on_every_network, kind="answers-without-tls")
@proven_by(plain_forwarded, kind="answers-without-tls")
@proven_by(networks_joined, kind="answers-without-tls")
@proven_by(tls_switched_off, kind="answers-without-tls")
def test_nothing_answers_clients_without_tls(kafka: KafkaLab) -> None:
    """TLS: on the clients' network no broker answers without it, at its door or at the ports that it has for other brokers."""
    secured(kafka)
    eventually(lambda: unguarded_everywhere(kafka), within=SOON)


def unguarded_everywhere(kafka: KafkaLab) -> list[Problem]:
    """What a client without TLS gets of all brokers."""
    found = side_by_side(kafka.cluster.doors, lambda broker: unguarded_at(kafka, broker))
    all_of_them = [problem for problems in found.values() for problem in problems]
    holds([problem for problem in all_of_them if problem.kind == OPEN])  # once is too often
    return all_of_them


def unguarded_at(kafka: KafkaLab, broker: int) -> list[Problem]:
    """What a client without TLS gets of one broker; one with TLS is served as quickly as that would have to be."""
    plain, door = kafka.outside.using(None), kafka.cluster.doors[broker]
    places = {door, *unguarded(kafka.declared[broker], door[0])}
    answers = {place: why(plain, *place, within=ASK_SECONDS) for place in sorted(places)}
    return unguarded_problems(answers, why(kafka.outside, *door, within=ASK_SECONDS), broker)


def secured(kafka: KafkaLab) -> Tls:
    """What clients have; LabError where they have none."""
    if kafka.outside.tls is None:
        raise LabError(f"{kafka.name}: its clients have no TLS; give the files of one, or leave the program out")
    return kafka.outside.tls


def met(kafka: KafkaLab, client: Tls, name: str | None = None) -> Mapping[int, Handshake]:
    """What becomes of a client at each broker, where it looks for the host of that name."""
    way = kafka.outside.using(client)
    return side_by_side(kafka.cluster.doors, lambda broker: handshake(way, *kafka.cluster.doors[broker], name=name))


def refused(kafka: KafkaLab, kind: str, client: Tls) -> list[Problem]:
    """What is wrong with how each broker refuses a client of a kind in `REFUSALS`, where a good one is let in."""
    tried, own = met(kafka, client), secured(kafka)
    good = watch(lambda: met(kafka, own), lambda found: all(each.accepted for each in found.values()), within=SOON)
    return refusal_problems(kind, tried, good.last)


def told_versions(kafka: KafkaLab) -> Mapping[int, Mapping[str, str]]:
    """What brokers were told of versions: what is declared, or else what is in force, where a lab file says nothing."""
    if all(SPOKEN in told for told in kafka.declared.values()):
        return kafka.declared
    try:
        with kafka.cluster.admin() as admin:
            found = {broker: told.get(SPOKEN) for broker, told in broker_settings(admin, kafka.cluster.doors).items()}
    except KafkaError as error:
        raise LabError(f"{kafka.name}: the settings in force are not told: {error}") from error
    in_force = {broker: {SPOKEN: each.value} for broker, each in found.items() if each is not None and each.value}
    return {broker: {**in_force.get(broker, {}), **told} for broker, told in kafka.declared.items()}


def spoken_problems(kafka: KafkaLab, broker: int, settings: Mapping[str, str]) -> list[Problem]:
    """Every version tried at one broker."""
    tried = versions(kafka.outside.using(secured(kafka)), *kafka.cluster.doors[broker])
    return version_problems(configured(settings, major_minor(kafka.version)), tried, broker)

"""The judges of TLS, on handshakes written by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from labs.kafka.shown import Certificate
from labs.kafka.tls import Handshake
from labs.kafka.way import Tls
from suites.kafka.strangers import nobody, stranger
from suites.kafka.tls import (
    LEFT,
    REFUSALS,
    configured,
    impostor_problems,
    refusal_problems,
    trust_problems,
    version_problems,
)

NOW = datetime(2026, 11, 28, tzinfo=UTC)
NOBODY = "without a certificate"


def certificate(left: timedelta) -> Certificate:
    return Certificate("broker1", "ca", ("broker1",), NOW - timedelta(days=1), NOW + left)


def accepted(left: timedelta = timedelta(days=300)) -> Handshake:
    return Handshake("", "accepted", "accepted", "TLSv1.3", shown=certificate(left))


def alert(name: str) -> Handshake:
    return Handshake("broker", name, f"TLS alert {name}")


def refusals(client: str, **tried: Handshake) -> list[tuple[str, str]]:
    """At brokers of these names, each of which lets a good client in."""
    brokers = dict(enumerate(tried.values(), 1))
    found = refusal_problems(client, brokers, dict.fromkeys(brokers, accepted()))
    return [(problem.kind, problem.where) for problem in found]


@pytest.mark.parametrize("client", REFUSALS)
def test_a_client_is_refused_for_the_right_reason(client: str) -> None:
    assert refusals(client, **{name: alert(name) for name in REFUSALS[client]}) == []


def test_a_client_that_is_let_in_is_told_of() -> None:
    found = refusals(NOBODY, b1=alert("bad_certificate"), b2=accepted())
    assert found == [("let-in", "broker 2, a client without a certificate")]


@pytest.mark.parametrize(
    ("client", "tried"),
    [
        (NOBODY, alert("protocol_version")),
        (NOBODY, alert("certificate_unknown")),
        (NOBODY, Handshake("network", "timeout", "the broker did not answer in time")),
        (NOBODY, Handshake("client", "unknown-ca", "the client does not trust the broker")),
        ("of another authority", alert("bad_certificate")),
        ("of another authority", alert("certificate_expired")),
        ("with an expired certificate", alert("bad_certificate")),
        ("with an expired certificate", alert("unknown_ca")),
    ],
)
def test_another_reason_is_not_the_right_one(client: str, tried: Handshake) -> None:
    assert refusals(client, b1=tried) == [("refused-otherwise", f"broker 1, a client {client}")]


def test_where_a_good_client_is_refused_too_it_is_not_for_the_certificate() -> None:
    known = alert("certificate_unknown")
    [problem] = refusal_problems("of another authority", {1: known, 2: known}, {1: accepted(), 2: known})
    assert (problem.kind, problem.where) == ("refused-otherwise", "broker 2, a client of another authority")


def test_trust_goes_both_ways() -> None:
    assert trust_problems({1: accepted(), 2: accepted(LEFT)}, NOW) == []
    found = trust_problems(
        {
            1: Handshake("client", "expired", "certificate has expired", shown=certificate(-timedelta(days=1))),
            2: Handshake("client", "unknown-ca", "unable to get local issuer certificate"),
            3: Handshake("client", "host-mismatch", "IP address mismatch"),
            4: alert("certificate_unknown"),
            5: accepted(LEFT - timedelta(seconds=1)),
        },
        NOW,
    )
    assert [(problem.kind, problem.where) for problem in found] == [
        ("certificate-expired", "broker 1"),
        ("certificate-untrusted", "broker 2"),
        ("certificate-of-another-host", "broker 3"),
        ("not-let-in", "broker 4"),
        ("certificate-ends-soon", "broker 5"),
    ]
    assert "until 2026-11-27" in str(found[0].found)
    assert "no certificate was shown" in str(found[1].found)


def test_only_a_host_that_does_not_match_unmasks_an_impostor() -> None:
    mismatch = Handshake("client", "host-mismatch", "Hostname mismatch")
    assert impostor_problems("other", {1: mismatch}) == []
    found = impostor_problems("other", {1: accepted(), 2: Handshake("client", "expired", "expired"), 3: mismatch})
    assert [(problem.kind, problem.where) for problem in found] == [
        ("taken-for-another-host", "broker 1"),
        ("taken-for-another-host", "broker 2"),
    ]


@pytest.mark.parametrize(
    ("settings", "release", "versions"),
    [
        ({}, (4, 3), {"TLSv1.2", "TLSv1.3"}),
        ({}, (2, 6), {"TLSv1.2", "TLSv1.3"}),
        ({}, (2, 4), {"TLSv1.2"}),
        ({"ssl.enabled.protocols": "TLSv1.1, TLSv1.2"}, (4, 3), {"TLSv1.2"}),
    ],
)
def test_versions_are_those_of_the_settings_or_of_the_release(
    settings: dict[str, str], release: tuple[int, int], versions: set[str]
) -> None:
    assert configured(settings, release) == versions


def test_versions_too_many_and_too_few() -> None:
    tried = {
        "TLSv1": alert("protocol_version"),
        "TLSv1.1": accepted(),
        "TLSv1.2": alert("protocol_version"),
        "TLSv1.3": accepted(),
    }
    found = version_problems({"TLSv1.2"}, tried, 2)
    assert [(problem.kind, problem.where) for problem in found] == [
        ("old-version", "broker 2: TLSv1.1"),
        ("missing-version", "broker 2: TLSv1.2"),
        ("unconfigured-version", "broker 2: TLSv1.3"),
    ]
    refused = {version: alert("protocol_version") for version in ("TLSv1", "TLSv1.1", "TLSv1.3")}
    assert version_problems({"TLSv1.2"}, {**refused, "TLSv1.2": accepted()}, 2) == []


def test_a_stranger_trusts_the_brokers_and_shows_a_certificate_of_its_own(tmp_path: Path) -> None:
    ours = Tls(tmp_path / "ca.pem", tmp_path / "client.pem", tmp_path / "client.key")
    with stranger(ours) as client:
        assert (client.cafile, client.keyfile) == (ours.cafile, None)
        assert client.certfile is not None
        assert client.certfile.stat().st_mode & 0o777 == 0o600
        assert {"CERTIFICATE", "PRIVATE KEY"} == {
            kind for kind in ("CERTIFICATE", "PRIVATE KEY") if kind in client.certfile.read_text()
        }
    assert not client.certfile.exists()
    assert nobody(ours) == Tls(ours.cafile)

"""The judges of TLS: whom brokers let in, what they show, which versions they speak."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from labs.problem import Problem

if TYPE_CHECKING:  # what observes reaches for the network, which a judge does not
    from labs.kafka.tls import Handshake

LEFT = timedelta(days=7)
"""Certificates are renewed weeks before they end; one with less than this has been forgotten."""

REFUSALS: Mapping[str, frozenset[str]] = {
    "without a certificate": frozenset({"certificate_required", "bad_certificate", "handshake_failure"}),
    "of another authority": frozenset({"unknown_ca", "certificate_unknown"}),
    "with an expired certificate": frozenset({"certificate_expired", "certificate_unknown"}),
}
"""The alerts by which a broker may refuse a client: the one that RFC 8446 has for it (section 6.2), and the one that says less,
which Kafka 2.4, 3.9 and 4.3 send with Java 17; OpenSSL in front of them has handshake_failure where there is none."""

UNTRUSTED = {
    "expired": "certificate-expired",
    "not-yet-valid": "certificate-not-yet-valid",
    "unknown-ca": "certificate-untrusted",
    "self-signed": "certificate-untrusted",
    "untrusted": "certificate-untrusted",
    "host-mismatch": "certificate-of-another-host",
}
"""Kinds of problems by the reason for which a client refuses a broker."""

SPOKEN = "ssl.enabled.protocols"
VERSIONS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
OLD = frozenset({"TLSv1", "TLSv1.1"})
"""Not to be spoken at all (RFC 8996), whatever is configured."""


def refusal_problems(client: str, tried: Mapping[int, "Handshake"], good: Mapping[int, "Handshake"]) -> list[Problem]:
    """A client that must be refused (one of `REFUSALS`), by what became of it at each broker.

    An alert may say little, and a broker that refuses everybody would be right by it: `good` is what became of the same client
    with its own certificate.
    """
    found = (_refusal(client, f"broker {broker}, a client {client}", each, good[broker]) for broker, each in tried.items())
    return [problem for problem in found if problem]


def _refusal(client: str, where: str, tried: "Handshake", good: "Handshake") -> Problem | None:
    if tried.accepted:
        return Problem("let-in", where, "refused", f"{tried.said}, by {tried.version}")
    if tried.by != "broker" or tried.reason not in REFUSALS[client]:
        expected = f"refused by one of the alerts {', '.join(sorted(REFUSALS[client]))}"
        return Problem("refused-otherwise", where, expected, tried.said)
    if not good.accepted:
        return Problem("refused-otherwise", where, "let in with a good certificate", f"that is refused, too: {good.said}")
    return None


def trust_problems(tried: Mapping[int, "Handshake"], now: datetime) -> list[Problem]:
    """Brokers whom a client with a good certificate that looks at theirs does not trust, or soon will not."""
    found = []
    for broker, each in tried.items():
        where, shown = f"broker {broker}", each.shown
        if not each.accepted:
            kind = UNTRUSTED.get(each.reason, "not-let-in")
            found.append(Problem(kind, where, "both trust each other", f"{each.said} ({shown or 'no certificate was shown'})"))
        elif shown and shown.until - now < LEFT:
            found.append(Problem("certificate-ends-soon", where, f"{LEFT.days} days or more are left", str(shown)))
    return found


def impostor_problems(name: str, tried: Mapping[int, "Handshake"]) -> list[Problem]:
    """Brokers that a client takes for the host of that name, which none of them is."""
    return [
        Problem("taken-for-another-host", f"broker {broker}", f"no certificate for {name}", f"{each.said} ({each.shown})")
        for broker, each in tried.items()
        if (each.by, each.reason) != ("client", "host-mismatch")
    ]


def configured(settings: Mapping[str, str], release: tuple[int, int]) -> frozenset[str]:
    """The versions that a broker of that release speaks by its settings.

    By default TLS 1.3 since 2.6 (KIP-573), TLS 1.2 before; Java of today has the old ones switched off.
    """
    default = "TLSv1.2,TLSv1.3" if release >= (2, 6) else "TLSv1.2"
    return frozenset(settings.get(SPOKEN, default).replace(" ", "").split(",")) - OLD


def version_problems(wanted: Collection[str], tried: Mapping[str, "Handshake"], broker: int) -> list[Problem]:
    """Versions that a broker speaks and should not, or should and does not."""
    found = []
    for version, each in tried.items():
        where = f"broker {broker}: {version}"
        if each.accepted and version not in wanted:
            kind = "old-version" if version in OLD else "unconfigured-version"
            found.append(Problem(kind, where, "refused", each.said))
        elif version in wanted and not each.accepted:
            found.append(Problem("missing-version", where, "accepted", each.said))
    return found

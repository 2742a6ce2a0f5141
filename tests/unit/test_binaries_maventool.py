"""Which Maven fetches, and what it is told of the host's proxies and authorities."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from labs.binaries import java, maventool, trust
from labs.binaries.command import Commands, NotHad
from labs.certificates import Authority

COMMANDS = Commands("jars", "jars", print, "mend")
HEED = "-Daether.connector.http.useSystemProperties=true"
TRUSTING = ["-Djavax.net.ssl.trustStore=x"]


def test_without_maven_and_apt_both_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(java, "of_host", lambda: java.Runtime(Path("/opt/java"), "21+35"))
    monkeypatch.setenv("LABPROOF_CACHE", str(tmp_path))
    with pytest.raises(
        NotHad, match=r"^jars could not be had: this host \(.*\) has no apt-get; install Maven \(with Java 17\), or "
    ):
        maventool.find(tmp_path, COMMANDS)


def test_the_hosts_maven_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mvn").write_text("#!/bin/sh\n")
    (tmp_path / "mvn").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("LABPROOF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(maventool, "getproxies_environment", dict)
    monkeypatch.setenv("MAVEN_OPTS", "-Xmx1g")
    tool = maventool.find(tmp_path, COMMANDS)
    assert tool.program == tmp_path / "mvn"
    assert tool.env == dict(os.environ)


@pytest.mark.parametrize(
    ("proxies", "options"),
    [
        ({}, []),
        ({"no": "a.example"}, []),
        ({"https": "http://me:secret@proxy.example:3128"}, ["-Dhttps.proxyHost=proxy.example", "-Dhttps.proxyPort=3128", HEED]),
        (
            {"http": "http://proxy.example", "no": "localhost, .a.example"},
            [
                *("-Dhttp.proxyHost=proxy.example", "-Dhttp.proxyPort=80", HEED),
                "-Dhttp.nonProxyHosts=localhost|*.localhost|a.example|*.a.example",
            ],
        ),
    ],
)
def test_java_is_told_of_proxies_and_of_no_password(
    proxies: dict[str, str], options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maventool, "getproxies_environment", lambda: proxies)
    assert maventool.proxy_options() == options


def test_what_the_callers_options_say_is_not_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maventool, "getproxies_environment", lambda: {"https": "http://proxy.example:1"})
    monkeypatch.setenv("MAVEN_OPTS", "-Xmx1g")
    proxy = f"-Dhttps.proxyHost=proxy.example -Dhttps.proxyPort=1 {HEED}"
    assert maventool.environment(TRUSTING)["MAVEN_OPTS"] == f"-Xmx1g {proxy} -Djavax.net.ssl.trustStore=x"
    given = "-Dhttps.proxyHost=other -Djavax.net.ssl.trustStore=mine"
    monkeypatch.setenv("MAVEN_OPTS", given)
    assert maventool.environment(TRUSTING)["MAVEN_OPTS"] == given


def test_a_java_of_ours_trusts_whom_the_host_trusts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    (tmp_path / "bundle.pem").write_text(f"# ours\n{Authority.make('one').pem}{broken}{Authority.make('two').pem}")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "bundle.pem"))
    options = trust.options(tmp_path / "store")
    assert options[0] == f"-Djavax.net.ssl.trustStore={tmp_path / 'store'}"
    held = load_pkcs12((tmp_path / "store").read_bytes(), trust.PASSWORD.encode()).additional_certs
    assert [each.certificate.subject.rfc4514_string() for each in held] == ["CN=one", "CN=two"]

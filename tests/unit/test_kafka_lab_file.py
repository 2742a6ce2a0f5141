"""Lab files of Kafka clusters: what is right is read, and all that is wrong is told with its line."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, load_pem_private_key

from labs.certificates import Authority
from labs.errors import UsageError
from labs.existing.lab_file import read
from labs.kafka.existing_form import KafkaForm
from labs.kafka.way import Tls

RIGHT = """\
lab: mykafka
subject: kafka
bootstrap: ["b1.example.org:9093", "[2001:db8::1]:9093"]
"""
TLS = "tls: {ca: ca.pem, certificate: client.pem, key: client.key}\n"
PASSWORD = "correct-horse"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    authority = Authority.make("lab")
    client, other = authority.issue("client", ["client"]), authority.issue("other", ["other"])
    (tmp_path / "ca.pem").write_text(authority.pem)
    (tmp_path / "client.pem").write_text(client.certificate)
    (tmp_path / "client.key").write_text(client.key)
    (tmp_path / "other.key").write_text(other.key)
    (tmp_path / "both.pem").write_text(client.certificate + client.key)
    (tmp_path / "text").write_text("no PEM")
    key = load_pem_private_key(client.key.encode(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSWORD.encode()))
    (tmp_path / "locked.key").write_bytes(locked)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABPROOF_KEY", PASSWORD)
    return tmp_path


def reading(text: str) -> KafkaForm:
    Path("lab.yaml").write_text(text)
    form = read(Path("lab.yaml")).own
    assert isinstance(form, KafkaForm)
    return form


def test_the_shortest(folder: Path) -> None:
    form = reading(RIGHT)
    assert form.bootstrap == (("b1.example.org", 9093), ("2001:db8::1", 9093))
    assert (form.tls, form.mode, form.expected, form.settings) == (None, "kraft", {}, {})


def test_the_longest(folder: Path) -> None:
    more = 'allow: []\nmode: zookeeper\nbrokers: {1: "a:1", 22: "b:2"}\nsettings: {min.insync.replicas: 2, "x": true, y: ssl}\n'
    form = reading(f"{RIGHT}{TLS}{more}")
    assert form.tls is not None
    assert form.tls.tls() == Tls(folder / "ca.pem", folder / "client.pem", folder / "client.key")
    assert (form.mode, form.expected) == ("zookeeper", {1: ("a", 1), 22: ("b", 2)})
    assert form.settings == {"min.insync.replicas": "2", "x": "true", "y": "ssl"}


def test_what_it_is_like_is_said_by_its_mode(folder: Path) -> None:
    assert reading(RIGHT).like == ("4", "4-separate", "3.9")
    assert reading(f"{RIGHT}mode: zookeeper\n").like == ()


def test_a_key_in_the_file_of_its_certificate(folder: Path) -> None:
    tls = reading(f"{RIGHT}tls: {{ca: ca.pem, certificate: both.pem, check_hostname: false}}\n").tls
    assert tls is not None
    assert tls.tls() == Tls(folder / "ca.pem", folder / "both.pem", None, check_hostname=False)
    assert tls.tls().settings()["ssl_keyfile"] is None


def test_a_key_s_password_is_used_and_not_shown(folder: Path) -> None:
    tls = reading(f"{RIGHT}{TLS.replace('client.key', 'locked.key, key_password: {env: LABPROOF_KEY}')}").tls
    assert tls is not None
    assert tls.tls().settings()["ssl_password"] == PASSWORD
    assert PASSWORD not in f"{tls!r} {tls.tls()!r}"


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ("sasl: {mechanism: PLAIN}", "lab.yaml:4: sasl: there is no SASL yet: clients are known by their certificate (tls)"),
        ("security_protocol: SASL_SSL", "lab.yaml:4: security_protocol: there is no SASL yet"),
        ("ssh: {user: me}", "lab.yaml:4: ssh: there are no hosts yet, for no fault can be done to a cluster yet; leave it out"),
        ("broker: {}", 'lab.yaml:4: broker: unknown key; did you mean "brokers"?'),
        ("zk: x", "lab.yaml:4: zk: unknown key; there are: lab, subject, allow, bootstrap, tls, mode, brokers, settings"),
        ("allow: [process]", "lab.yaml:4: allow: no fault can be done to a cluster of your own yet; leave it empty"),
        ("mode: raft", 'lab.yaml:4: mode: kraft or zookeeper is expected, found "raft"'),
        ("tls: true", "lab.yaml:4: tls: a mapping is expected, found true or false"),
        ("tls: {}", "lab.yaml:4: tls.ca: missing: the authority that the brokers' certificates are trusted by (PEM)"),
        ("tls:\n  ca: nix", "lab.yaml:5: tls.ca: {folder}/nix cannot be read: No such file or directory"),
        ("tls:\n  ca: text", "lab.yaml:5: tls.ca: {folder}/text has no certificate in PEM"),
        ("tls: {ca: ca.pem, certifcate: x}", 'lab.yaml:4: tls.certifcate: unknown key; did you mean "certificate"?'),
        ("tls: {ca: ca.pem, key: client.key}", "lab.yaml:4: tls: a key without its certificate"),
        (TLS.replace("client.key", "other.key"), "lab.yaml:4: tls: {folder}/other.key is not the key of {folder}/client.pem"),
        (
            TLS.replace("client.key", "text"),
            "lab.yaml:4: tls: {folder}/client.pem and {folder}/text are no certificate and its key",
        ),
        ("tls: {ca: ca.pem, certificate: client.pem}", "lab.yaml:4: tls: {folder}/client.pem and {folder}/client.pem are no"),
        (
            TLS.replace("client.key", "locked.key"),
            "lab.yaml:4: tls: {folder}/locked.key is encrypted, and there is no key_password",
        ),
        (
            TLS.replace("client.key", "locked.key, key_password: {file: text}"),
            "lab.yaml:4: tls: {folder}/locked.key is encrypted, and key_password does not open it",
        ),
        (
            TLS.replace("client.key", f"locked.key, key_password: {PASSWORD}"),
            "lab.yaml:4: tls.key_password: say where the secret is, {env: NAME} or {file: PATH}; it does not stand in",
        ),
        (
            "tls: {ca: ca.pem, check_hostname: no way}",
            "lab.yaml:4: tls.check_hostname: true or false is expected, found a text",
        ),
        ("brokers: {one: a:1}", 'lab.yaml:4: brokers: "one" is no broker\'s id, which is a number'),
        ("brokers:\n  1: a", 'lab.yaml:5: brokers.1: "HOST:PORT" is expected, such as "broker1.example.org:9093"'),
        ("brokers: [a:1]", "lab.yaml:4: brokers: a mapping is expected, found a list"),
        ("settings:\n  a: [1]", "lab.yaml:5: settings.a: the value of a setting is expected, such as 2 or ssl"),
        (
            f"settings:\n  a: 1\n  listener.name.ssl.ssl.key.password: {PASSWORD}",
            "lab.yaml:6: settings.listener.name.ssl.ssl.key.password: a secret, which no broker tells",
        ),
        (
            f"settings: {{delegation.token.secret.key: {PASSWORD}}}",
            "lab.yaml:4: settings.delegation.token.secret.key: a secret",
        ),
        ("settings: {a: }", "lab.yaml:4: settings.a: the value of a setting is expected, such as 2 or ssl"),
    ],
)
def test_what_is_wrong_beside_what_is_right(folder: Path, more: str, line: str) -> None:
    [told] = wrong(f"{RIGHT}{more}\n")
    assert told.startswith(line.replace("{folder}", str(folder)))


@pytest.mark.parametrize(
    ("bootstrap", "line"),
    [
        ("", 'lab.yaml:1: bootstrap: missing: brokers to ask first, a list of "HOST:PORT"'),
        ("bootstrap: b1:9093", "lab.yaml:3: bootstrap: a list is expected, found a text"),
        ("bootstrap: []", 'lab.yaml:3: bootstrap: it is empty; name a broker, "HOST:PORT"'),
        ("bootstrap:\n- b1:9092\n- b2", 'lab.yaml:5: bootstrap[1]: "HOST:PORT" is expected'),
        ("bootstrap: [9092]", 'lab.yaml:3: bootstrap[0]: "HOST:PORT" is expected'),
        ("bootstrap: ['b1:0']", 'lab.yaml:3: bootstrap[0]: "HOST:PORT" is expected'),
        ("bootstrap: ['2001:db8::1:9093']", 'lab.yaml:3: bootstrap[0]: "HOST:PORT" is expected'),
    ],
)
def test_where_it_is(folder: Path, bootstrap: str, line: str) -> None:
    [told] = wrong(f"lab: a\nsubject: kafka\n{bootstrap}\n")
    assert told.startswith(line)


def wrong(text: str) -> list[str]:
    with pytest.raises(UsageError) as caught:
        reading(text)
    assert PASSWORD not in str(caught.value)
    return str(caught.value).splitlines()

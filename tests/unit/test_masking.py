"""Secrets do not get into reports, and everything else does."""

import json
import time

import pytest

from reports.masking import MASK, masked

SECRET = "S3cr3t-Value.9"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
FERNET = "gAAAAAB" + "k3J_x-Qz" * 12


@pytest.mark.parametrize(
    "text",
    [
        f"password = {SECRET}",
        f"password={SECRET}",
        f"OS_PASSWORD={SECRET}",
        f"admin_password: {SECRET}",
        f"adminPass: '{SECRET}'",
        f'{{"auth": {{"password": "{SECRET}"}}}}',
        f'{{\\"password\\": \\"{SECRET}\\"}}',
        f'"passwd" : "{SECRET} with \\"quotes\\" inside"',
        f"{{'secret': '{SECRET}'}}",
        f"auth_pass {SECRET}x".replace("auth_pass ", "auth_pass="),
        f"mysql+pymysql://keystone:{SECRET}@127.0.0.1/keystone?charset=utf8",
        f"http://user:{SECRET}@host:8080/path",
        f"redis://:{SECRET}@host:6379/0",
        f"X-Auth-Token: {SECRET}",
        f"X-Subject-Token: {FERNET}",
        f"curl -H 'X-Auth-Token: {SECRET}' http://host",
        f"Authorization: Bearer {SECRET}",
        "Authorization: Basic dXNlcjpTM2NyM3QtVmFsdWUuOQ==",
        f"'Authorization': 'Bearer {SECRET}'",
        f"Set-Cookie: session={SECRET}; Path=/",
        f"tool --password {SECRET} --verbose",
        f"tool --password={SECRET}",
        f"--os-token {SECRET}",
        f"aws_secret_access_key = {SECRET}",
        f"api_key: {SECRET}",
        f"client-secret={SECRET}",
        f"<adminPass>{SECRET}</adminPass>",
        f"sent {JWT} to the server",
        f"token id {FERNET}",
        "key AKIAIOSFODNN7EXAMPLE used",
        f'sasl.jaas.config=PlainLoginModule required username="a" password="{SECRET}";',
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\nabc\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{SECRET}\nand the text was cut",
        f'"key": "-----BEGIN PRIVATE KEY-----\\n{SECRET}\\n-----END PRIVATE KEY-----\\n"',
    ],
)
def test_secrets_are_masked(text: str) -> None:
    shown = masked(text)
    assert MASK in shown
    for secret in (SECRET, JWT, FERNET, "AKIAIOSFODNN7EXAMPLE", "dXNlcjpTM2NyM3QtVmFsdWUuOQ=="):
        assert secret not in shown


@pytest.mark.parametrize(
    "text",
    [
        "10.244.3.0/24 via 192.168.0.103 dev eth0 proto kernel scope link src 192.168.0.101 metric 100",
        "3 passed, 1 failed in 2.1 s",
        "max_tokens: 12, passes: 3, compass=north",
        "the password was refused",
        "token expired at 12:00",
        "secret/default-token mounted",
        "http://host:8080/path@v2?x=1",
        "ssh user@host:22",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "chain KUBE-POSTROUTING (policy ACCEPT 0 packets)",
        "basic checks",
        "",
    ],
)
def test_everything_else_is_kept(text: str) -> None:
    assert masked(text) == text


def test_what_is_around_a_secret_is_kept() -> None:
    assert masked('{"user": "a", "password": "b\\"c", "x": 1}') == f'{{"user": "a", "password": "{MASK}", "x": 1}}'
    assert masked("a=1 password=b c=2\nd") == f"a=1 password={MASK} c=2\nd"
    assert masked("http://u:p@h/x?y") == f"http://u:{MASK}@h/x?y"
    assert masked("X-Auth-Token: abc\nnext: line") == f"X-Auth-Token: {MASK}\nnext: line"
    assert masked(masked("password=b")) == masked("password=b")


def test_json_stays_json() -> None:
    data = {"password": 'a"b\\', "inner": json.dumps({"token": 'c"d'}), "n": 1}
    assert json.loads(masked(json.dumps(data)))["n"] == 1
    assert json.loads(json.loads(masked(json.dumps({"inner": json.dumps({"token": "abc", "n": 2})})))["inner"]) == {
        "token": MASK,
        "n": 2,
    }


def test_long_texts_take_no_long_time() -> None:
    started = time.perf_counter()
    masked("password" * 20_000 + "\n" + "a_" * 100_000 + "\n" + "-" * 100_000 + "\nroute 10.0.0.0/8 via 1.2.3.4\n" * 20_000)
    assert time.perf_counter() - started < 3

"""Whatever a server does, no result is lost and no failure told as a success: over real connections to one that misbehaves."""

import json
import re
import shlex
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from reports.bundle import packing
from reports.bundle.source import Source
from reports.commands import main
from reports.refstack import Result, Results
from reports.refstack_server.loopback import on_loopback
from reports.refstack_server.server import Owner, Server
from reports.signature import PrivateKey
from reports.upload import patience, sending
from reports.upload.run import preview
from reports.upload.sending import differences
from tests import refstack_front as front
from tests.refstack_front import Fault, Front
from tests.refstack_toy import Toy

OPENID = "https://openid.example/someone"
RSA = rsa.generate_private_key(65537, 2048)
PUBLIC = PrivateKey(RSA).public.text
DEADLINE = 2.0
DOCUMENT = {
    "cpid": "7a0f6d381c35",
    "duration_seconds": 184,
    "results": [{"name": f"tempest.api.T.test_{n}", "uuid": "0b6f0f2e-7c1e-4a57-9d55-3a4f3a8a1f10"} for n in range(7)],
}


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same pauses and limits, shorter."""
    monkeypatch.setattr(patience, "FIRST", 0.05)
    monkeypatch.setattr(patience, "LONGEST", 0.2)
    monkeypatch.setattr(patience, "LEAST", 0.5)
    monkeypatch.setattr(sending, "LAST_LOOK", 1.0)
    monkeypatch.setattr(sending, "SETTLING", 0.5)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")


@pytest.fixture
def toy() -> Toy:
    return Toy({OPENID: PUBLIC})


@pytest.fixture
def server(toy: Toy) -> Iterator[Front]:
    with front.front(toy) as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lab.json"
    path.write_text(json.dumps(DOCUMENT))
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_bytes(RSA.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    return path


Run = Callable[..., Said]


@pytest.fixture
def run(server: Front, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command, against the server unless another is named."""

    def upload_(*arguments: object, url: str | None = None, deadline: float = DEADLINE) -> Said:
        words = ["upload", *map(str, arguments), "--server", url or server.url, "-y", "--deadline", str(deadline)]
        code = main(words)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        assert len(said.err.splitlines()) == (0 if code == 0 else 1), said.err
        return Said(code, said.out, said.err)

    return upload_


def equal(toy: Toy) -> int:
    """How many equal results the server holds."""
    names = [of["name"] for of in DOCUMENT["results"]]
    return sum(held["results"] == names and held["duration_seconds"] == 184 for held in toy.held.values())


def kept(said: Said) -> Path:
    """The bundle that the command told of."""
    [path] = re.findall(r"kept as (\S+\.zip)(?: \(without [^)]*\))?, send it later with: tox -e upload -- ", said.err)
    return Path(path)


def test_what_is_sent_is_read_back(run: Run, file: Path, toy: Toy, server: Front) -> None:
    said = run(file)
    assert (said.code, equal(toy)) == (0, 1)
    [id] = toy.held
    assert said.out.splitlines()[-1] == f"read back, and equal: http://toy.example/#/results/{id}"
    assert "7 passed tests in 184 s on the cloud 7a0f6d381c35" in said.out
    assert json.loads(toy.bodies[0]) == DOCUMENT
    assert server.seen == ["list", "store", "show"]


def test_a_signed_one_is_read_back_by_its_owner(run: Run, file: Path, key: Path, toy: Toy) -> None:
    said = run(file, "--key", key, "--openid", OPENID)
    assert said.code == 0, said.all
    assert [held["owner"] for held in toy.held.values()] == [OPENID]
    assert f"signed by {PrivateKey(RSA).public.fingerprint} of {OPENID}" in said.out


def test_the_same_result_is_not_sent_twice(run: Run, file: Path, toy: Toy) -> None:
    """Not by a second command either; the server would keep both."""
    first = run(file)
    for _ in range(5):  # more than stand on one page of the list, and later than ours
        toy(*posted({**DOCUMENT, "results": [{"name": "another"}]}))
    second = run(file)
    assert (second.code, equal(toy)) == (0, 1)
    assert "the server has the same result already since 2026-11-28 01:02:03: it is not sent again" in second.out
    assert second.out.splitlines()[-1] == first.out.splitlines()[-1]
    assert (run(file, "--again").code, equal(toy)) == (0, 2)


def posted(document: dict[str, Any]) -> tuple[str, str, dict[str, str], bytes]:
    return "POST", "/v1/results/", {}, json.dumps(document).encode()


def test_a_signed_result_is_another_than_the_anonymous_one(run: Run, file: Path, key: Path, toy: Toy) -> None:
    signed = ("--key", key, "--openid", OPENID)
    assert run(file, *signed, "--share").code == 0
    assert run(file).code == 0
    assert run(file, *signed).code == 0
    assert sorted(str(held["owner"]) for held in toy.held.values()) == ["None", OPENID]


MENDED: dict[str, tuple[str, list[Fault], str]] = {
    "503, then well": ("store", [front.answers(503)] * 3, "server answered 503 Service Unavailable; again in"),
    "500, then well": ("store", [front.says(500, "Internal Server Error")], "server answered 500: Internal Server Error"),
    "500, though stored": ("store", [front.answers(500, arrived=True)], "a try that got no answer had arrived"),
    "504, though stored": ("store", [front.answers(504, b"<html>", arrived=True)], "a try that got no answer had arrived"),
    "cut before": ("store", [front.hangs_up(arrived=False)], "the connection broke"),
    "cut, though stored": ("store", [front.hangs_up(arrived=True)], "a try that got no answer had arrived"),
    "cut in mid-answer": ("store", [front.cut], "a try that got no answer had arrived"),
    "garbage, though stored": ("store", [front.garbage], "a try that got no answer had arrived"),
    "no id, though stored": ("store", [front.answers(201, b"{}", arrived=True)], "a try that got no answer had arrived"),
    "garbage, before": ("store", [front.answers(200, b"<html>welcome</html>")], "something that is no JSON"),
    "slow": ("store", [front.slow(0.7)], "read back, and equal"),
    "list 503": ("list", [front.answers(503)] * 2, "server answered 503"),
    "list garbage": ("list", [front.answers(200, b"<html>")], "something that is no JSON"),
    "list cut": ("list", [front.cut], "the connection broke"),
    "show 503": ("show", [front.answers(503)] * 2, "server answered 503"),
    "show cut": ("show", [front.cut], "the connection broke"),
    "show garbage": ("show", [front.garbage], "something that is no JSON"),
    "show something else": ("show", [front.answers(200, b"[]")], "something that is no result"),
    "show 404 at first": ("show", [front.says(404, "not found")], "not there yet"),
    "come back later": (
        "store",
        [front.answers(429, Retry_After="1")],
        "server answered 429 Too Many Requests, and asks to come back in 1 s; again in 1 s",
    ),
}


@pytest.mark.parametrize("kind", MENDED)
def test_what_passes_is_got_over_and_nothing_is_stored_twice(run: Run, file: Path, toy: Toy, server: Front, kind: str) -> None:
    what, faults, words = MENDED[kind]
    server.will(what, *faults)
    said = run(file)
    assert (said.code, equal(toy), len(toy.held)) == (0, 1, 1), said.all
    assert words in said.out
    assert not list(file.parent.glob("bundle*"))


LOST: dict[str, tuple[str, Fault, int, str]] = {
    "500": ("store", front.answers(500), 0, "it is not known whether the server has it: server answered 500"),
    "503": ("store", front.answers(503), 0, "it is not known whether the server has it: server answered 503"),
    "503 for hours": (
        "store",
        front.answers(503, Retry_After="7200"),
        0,
        "503 Service Unavailable, and asks to come back in 7200 s",
    ),
    "list 503": ("list", front.answers(503), 0, "not sent: server answered 503"),
    "list hangs": ("list", front.trickles, 0, "not sent: no whole answer within"),
    "cut": ("store", front.hangs_up(arrived=False), 0, "the connection broke"),
    "garbage": ("store", front.answers(201, b"<html>"), 0, "something that is no JSON"),
    "show 503": ("show", front.answers(503), 1, "but it was not read back: server answered 503"),
    "show cut": ("show", front.cut, 1, "but it was not read back: the connection broke"),
    "show garbage": ("show", front.garbage, 1, "but it was not read back: server answered 200 with something"),
    "show hangs": ("show", front.trickles, 1, "but it was not read back: no whole answer within"),
}


@pytest.mark.parametrize("signed", [False, True], ids=["anonymous", "signed"])
@pytest.mark.parametrize("kind", LOST)
def test_what_was_not_reached_is_kept_and_sent_later_once(
    run: Run, file: Path, key: Path, toy: Toy, server: Front, kind: str, signed: bool
) -> None:
    what, fault, held, words = LOST[kind]
    server.always(what, fault)
    owner = ("--key", key, "--openid", OPENID) if signed else ()
    said = run(file, *owner, deadline=0.4)
    assert (said.code, len(toy.held)) == (7, held), said.all
    assert words in said.err
    path = kept(said)
    found = packing.read(path)
    assert json.loads(found.files["results.json"]) == DOCUMENT
    assert (found.signature is not None) is signed
    server.well()
    later = run(path, *owner)
    assert (later.code, equal(toy), len(toy.held)) == (0, 1, 1), later.all


def test_what_a_bundle_lacks_is_told(run: Run, file: Path, tmp_path: Path) -> None:
    lacking = "outcomes.jsonl, verdict.json, guidelines/, software.json"
    said = run(file, "--bundle", tmp_path / "b.zip", url="http://127.0.0.1:9", deadline=0.1)
    assert "b.zip (without " + lacking + ", which are not beside the results), send it later with: tox" in said.err
    assert "without" not in run(tmp_path / "b.zip", url="http://127.0.0.1:9", deadline=0.1).err


@pytest.mark.parametrize(
    ("url", "signed", "warned"),
    [
        ("http://refstack.example", True, True),
        ("http://refstack.example", False, False),
        ("https://refstack.example", True, False),
        ("http://127.0.0.1:8000", True, False),
    ],
)
def test_a_token_that_goes_over_a_network_as_it_is_is_warned_of(url: str, signed: bool, warned: bool) -> None:
    server = Server(url, Owner(OPENID, PrivateKey(RSA)) if signed else None)
    results = Results("c", 1, (Result("a", None),))
    lines = preview(Source(Path("lab.json"), results, b"", Path()), server, {})
    warning = f"warning: not encrypted: who listens can do what {OPENID} may for 5 minutes; use https"
    assert (warning in lines) is warned
    assert len([line for line in lines if "warning" in line]) == int(warned)


def test_the_command_that_it_tells_sends_it(run: Run, file: Path, key: Path, toy: Toy, server: Front) -> None:
    server.always("store", front.answers(503))
    marks = ("--target", "compute", "--guideline", "2018.02", "--share")
    said = run(file, "--key", key, "--openid", OPENID, *marks, deadline=0.2)
    server.well()
    words = shlex.split(said.err.partition("tox -e upload -- ")[2])
    assert main(["upload", "-y", *words]) == 0
    [held] = toy.held.values()
    assert held["meta"] == {"shared": "true", "target": "compute", "guideline": "2018.02.json"}


def test_a_server_that_stores_slower_than_we_wait_stores_it_once(run: Run, file: Path, toy: Toy, server: Front) -> None:
    """The answer to come is awaited, not asked for once more."""
    server.always("store", front.slow(1.5))
    said = run(file, deadline=0.5)
    assert (said.code, server.count("store"), equal(toy)) == (0, 1, 1), said.all
    assert "a try that got no answer had arrived" in said.out


def test_nobody_at_the_address(run: Run, file: Path) -> None:
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{port.getsockname()[1]}"
        said = run(file, url=url, deadline=0.5)
    assert said.code == 7
    assert "not sent: no connection: Connection refused" in said.err
    assert "again in" in said.out
    assert kept(said).exists()


PROXIES = ("http_proxy", "https_proxy", "all_proxy")


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a proxy that of the environment, for all addresses."""

    def proxied(url: str) -> None:
        for name in (*PROXIES, "no_proxy"):
            monkeypatch.delenv(name.upper(), raising=False)
            monkeypatch.setenv(name, "" if name == "no_proxy" else url)

    return proxied


def test_a_server_on_this_machine_is_asked_without_a_proxy(
    run: Run, file: Path, toy: Toy, proxied: Callable[[str], None]
) -> None:
    proxied("http://127.0.0.1:9")
    said = run(file)
    assert (said.code, equal(toy)) == (0, 1), said.all


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_reached_is_no_connection(
    run: Run, file: Path, proxied: Callable[[str], None], scheme: str
) -> None:
    proxied("http://me:hunter2@127.0.0.1:9")
    said = run(file, url=f"{scheme}://refstack.example", deadline=0.3)
    words = "not sent: no connection by the proxy that http_proxy or https_proxy names: Connection refused; kept as "
    assert (said.code, words in said.err) == (7, True), said.all
    assert "again in" in said.out
    assert "hunter2" not in said.all


def test_a_proxy_that_lets_nobody_through_is_no_connection(
    run: Run, file: Path, server: Front, proxied: Callable[[str], None]
) -> None:
    """Here one that does not know what CONNECT is."""
    proxied(server.url)
    said = run(file, url="https://refstack.example", deadline=0.3)
    words = "not sent: no connection by the proxy that http_proxy or https_proxy names: Tunnel connection failed: 501"
    assert (said.code, words in said.err) == (7, True), said.all


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.8.0.1/v1", True),
        ("http://[::1]:8000", True),
        ("http://localhost", True),
        ("http://LOCALHOST.:80", True),
        ("http://refstack.localhost", True),
        ("http://127.0.0.1.example", False),
        ("http://notlocalhost", False),
        ("http://10.0.0.1", False),
        ("http://refstack.example", False),
    ],
)
def test_which_servers_are_on_this_machine(url: str, here: bool) -> None:
    assert on_loopback(url) is here


def test_someone_who_accepts_and_says_nothing(run: Run, file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        said = run(file, url=f"http://127.0.0.1:{listening.getsockname()[1]}", deadline=0.5)
    assert said.code == 7
    assert "not sent: no whole answer within" in said.err


def test_something_that_does_not_speak_http(run: Run, file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def speak() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"220 mail.example ESMTP\r\n")

        threading.Thread(target=speak, daemon=True).start()
        said = run(file, url=f"http://127.0.0.1:{listening.getsockname()[1]}", deadline=0.5)
        listening.shutdown(socket.SHUT_RDWR)
    assert said.code == 7
    assert "the connection broke" in said.err


def test_no_tls_at_the_other_end_is_told_at_once(run: Run, file: Path, server: Front) -> None:
    said = run(file, url=server.url.replace("http:", "https:"), deadline=30)
    assert said.code == 7
    assert "not sent: no secure connection: " in said.err
    assert "REQUESTS_CA_BUNDLE" in said.err
    assert kept(said).exists()
    assert "again in" not in said.out


REJECTED: dict[str, tuple[Fault, str]] = {
    "400": (front.says(400, "Request doesnt correspond to schema"), "server answered 400: Request doesnt correspond to schema"),
    "401": (front.says(401, "Anonymous result uploads are disabled."), "server answered 401: Anonymous result uploads are"),
    "403, a page": (front.answers(403, b"<html>no</html>"), "server answered 403 Forbidden"),
    "413": (front.answers(413, b""), "server answered 413"),
    "sent on": (
        front.answers(301, Location="https://elsewhere.example/"),
        "sends us on to https://elsewhere.example/; give that",
    ),
    "409 with control": (front.says(409, "\x1b[2Jgone\nand two"), "server answered 409: [2Jgone and two"),
    "a secret": (front.says(400, "password=hunter2 is wrong"), "server answered 400: password=****** is wrong"),
}


@pytest.mark.parametrize("kind", REJECTED)
def test_the_servers_no_is_told_in_its_words_and_not_argued_with(run: Run, file: Path, server: Front, kind: str) -> None:
    fault, words = REJECTED[kind]
    server.always("store", fault)
    said = run(file, deadline=30)
    assert said.code == 1
    assert words in said.err
    assert server.count("store") == 1


def less(document: dict[str, Any]) -> None:
    document["results"].pop()


def more(document: dict[str, Any]) -> None:
    document["results"].append("tempest.api.T.test_invented")


def renamed(document: dict[str, Any]) -> None:
    document["results"][0] = document["results"][0].upper()


def doubled(document: dict[str, Any]) -> None:
    document["results"][0] = document["results"][1]


def shorter(document: dict[str, Any]) -> None:
    document["duration_seconds"] = 0


def nothing(document: dict[str, Any]) -> None:
    document["results"] = []


@pytest.mark.parametrize("change", [less, more, renamed, doubled, shorter, nothing], ids=lambda of: of.__name__)
def test_what_is_read_back_otherwise_is_no_success(run: Run, file: Path, server: Front, change: Any) -> None:
    server.always("show", front.changed(change))
    said = run(file)
    assert said.code == 1
    assert "is not what was sent: " in said.err
    assert "nobody can delete it" in said.err


def test_what_is_not_there_when_read_back_is_no_success(run: Run, file: Path, server: Front) -> None:
    server.always("show", front.says(404, "Test result not found"))
    said = run(file, deadline=30)
    assert said.code == 1
    assert "is not shown to us: server answered 404: Test result not found" in said.err


def test_the_cpid_is_compared_where_it_is_shown(run: Run, file: Path, key: Path, server: Front) -> None:
    server.always("show", front.changed(lambda document: document.update(cpid="another")))
    said = run(file, "--key", key, "--openid", OPENID)
    assert said.code == 1
    assert "cpid 7a0f6d381c35 was sent, another is there" in said.err
    assert "--delete" in said.err


def test_where_it_cannot_be_looked_for_it_is_sent_again_and_that_is_said(run: Run, file: Path, toy: Toy, server: Front) -> None:
    server.always("list", front.answers(404))
    server.will("store", front.hangs_up(arrived=True))
    said = run(file)
    assert (said.code, len(toy.held)) == (0, 2)
    assert "it cannot be looked for (server answered 404 Not Found), so it is sent again, and may stand there twice" in said.out


def test_a_double_is_told(run: Run, file: Path, key: Path, toy: Toy, server: Front) -> None:
    """A try that was taken for lost, and that the server stored only after the look for it."""
    stored: list[Any] = []

    def late(handler: Any, forward: Any) -> None:
        stored.append(forward)
        handler.hang_up()

    def then(handler: Any, forward: Any) -> None:
        stored.pop()()
        handler.reply(forward())

    server.will("store", late, then)
    said = run(file, "--key", key, "--openid", OPENID)
    assert (said.code, len(toy.held)) == (0, 2)
    first, second = toy.held
    assert f"it stands there twice, also as http://toy.example/#/results/{first}; delete it with: tox -e upload" in said.out
    assert said.out.splitlines()[-1].endswith(second)


@pytest.mark.parametrize("user", ["https://openid.example/another", "nobody"])
def test_a_key_that_the_server_does_not_know_is_told_before_anything_is_sent(
    run: Run, file: Path, key: Path, toy: Toy, server: Front, user: str
) -> None:
    said = run(file, "--key", key, "--openid", user)
    assert said.code == 1
    assert "the server knows no user of this OpenID with this key: server answered 400: Token is not valid" in said.err
    assert server.seen == ["list"]


def test_a_key_that_the_server_refuses_on_arrival(run: Run, file: Path, key: Path, toy: Toy, server: Front) -> None:
    server.always("list", front.answers(404))
    toy.users.clear()
    said = run(file, "--key", key, "--openid", OPENID)
    assert said.code == 1
    assert "server answered 401: User with specified key not found." in said.err


def test_shared_marked_and_deleted(run: Run, file: Path, key: Path, toy: Toy) -> None:
    owner = ("--key", key, "--openid", OPENID)
    assert run(file, *owner).code == 0
    [id] = toy.held
    page = f"http://toy.example/#/results/{id}"
    said = run("--result", page, *owner, "--share", "--target", "object", "--guideline", "2020.06.json")
    assert said.code == 0, said.all
    assert toy.held[id]["meta"] == {"shared": "true", "target": "object", "guideline": "2020.06.json"}
    assert run("--result", id, *owner, "--delete").code == 0
    assert toy.held == {}
    assert run("--result", id, *owner, "--delete").code == 1


@pytest.mark.parametrize("fault", [front.hangs_up(arrived=True), front.answers(502, arrived=True), front.answers(503)])
def test_a_deletion_that_gets_no_answer_is_looked_after(
    run: Run, file: Path, key: Path, toy: Toy, server: Front, fault: Fault
) -> None:
    owner = ("--key", key, "--openid", OPENID)
    assert run(file, *owner).code == 0
    [id] = toy.held
    server.will("delete", fault)
    assert run("--result", id, *owner, "--delete").code == 0
    assert toy.held == {}


def test_what_is_not_deleted_or_marked_is_no_success(run: Run, file: Path, key: Path, toy: Toy, server: Front) -> None:
    owner = ("--key", key, "--openid", OPENID)
    server.always("meta", front.answers(201))
    said = run(file, *owner, "--target", "compute")
    assert said.code == 1
    assert "was read back and is equal, but: " in said.err
    assert "target is None, not compute; go on with: tox -e upload -- --result " in said.err
    server.always("delete", front.answers(204))
    [id] = toy.held
    said = run("--result", id, *owner, "--delete")
    assert said.code == 1
    assert "still there, though the server said that it was deleted" in said.err


def test_another_users_result_cannot_be_changed(run: Run, file: Path, key: Path, toy: Toy) -> None:
    assert run(file).code == 0
    [id] = toy.held
    owner = ("--key", key, "--openid", OPENID)
    for what in (["--delete"], ["--share"]):
        said = run("--result", id, *owner, *what)
        assert (said.code, len(toy.held)) == (1, 1)
        assert "server answered 403" in said.err


def test_no_secret_is_printed(run: Run, file: Path, key: Path, server: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of the key nor a token, also when the server sends them back."""
    heard: list[str] = []

    def echo(handler: Any, forward: Any) -> None:
        heard.append(handler.headers["Authorization"])
        body = json.dumps({"title": f"no: {handler.headers['Authorization']}"}).encode()
        handler.reply(front.Reply(400, body))

    server.always("list", echo)
    said = run(file, "--key", key, "--openid", OPENID)
    assert heard[0].startswith("Bearer ey")
    assert heard[0].removeprefix("Bearer ")[:20] not in said.all
    assert "no: Bearer ******" in said.err
    assert not any(line in said.all for line in key.read_text().splitlines()[1:-1])


def test_a_netrc_does_not_take_the_place_of_the_token(
    run: Run, file: Path, key: Path, toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("default login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    assert run(file, "--key", key, "--openid", OPENID).code == 0


def test_a_folder_that_cannot_be_written_to_loses_nothing(
    run: Run, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does a current folder; the last resort is that of temporary files."""
    (tmp_path / "here").mkdir()
    (tmp_path / "tmp").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    for place in (tmp_path, tmp_path / "here", tmp_path / "tmp"):
        path = kept(run(file, url="http://127.0.0.1:9", deadline=0.1))
        assert path.resolve().parent == place
        path.unlink()
        path.mkdir()  # nothing can be written under that name
        (path / "full").touch()
    said = run(file, url="http://127.0.0.1:9", deadline=0.1)
    assert said.code == 7
    assert "no bundle could be written (" in said.err
    assert f"send {file} again later" in said.err


def test_a_bundle_goes_where_it_is_wanted_or_else_beside_the_results(run: Run, file: Path, tmp_path: Path) -> None:
    wanted = tmp_path / "wanted.zip"
    assert kept(run(file, "--bundle", wanted, url="http://127.0.0.1:9", deadline=0.1)) == wanted
    said = run(file, "--bundle", tmp_path / "absent/wanted.zip", url="http://127.0.0.1:9", deadline=0.1)
    assert kept(said).parent == tmp_path
    again = run(wanted, url="http://127.0.0.1:9", deadline=0.1)
    assert kept(again) == wanted


RESULTS = Results("c", 5, (Result("a", None), Result("b", None)))


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        ({"results": ["b", "a"], "duration_seconds": 5}, []),
        ({"results": ["a", "b"], "duration_seconds": 5, "cpid": "c", "meta": {}}, []),
        ({"results": ["a"], "duration_seconds": 5}, ["1 of its 2 tests are not there, 'b' for one"]),
        ({"results": ["a", "b", "b"], "duration_seconds": 5}, ["1 of its 3 tests were not sent, 'b' for one"]),
        ({"results": ["a", "B"], "duration_seconds": 5, "cpid": "d"}, 3),
        ({"results": ["a", "b"], "duration_seconds": 6}, ["duration_seconds 5 was sent, 6 is there"]),
    ],
)
def test_differences(found: dict[str, Any], wrong: Any) -> None:
    said = differences(RESULTS, found)
    assert len(said) == wrong if isinstance(wrong, int) else said == wrong


def test_a_bundle_is_put_over_nothing_else_and_that_is_told_before_anything_is_sent(
    run: Run, file: Path, tmp_path: Path, server: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()
    other = tmp_path / "other.zip"
    other.write_bytes(b"mine")
    monkeypatch.chdir(tmp_path)
    for place, words in ((file, "is there already and not"), (other, "is there already and not"), (tmp_path, "is a folder")):
        said = run(file, "--bundle", place)
        assert said.code == 4
        assert f"upload: {place}: {words}" in said.err
    assert "is a folder" in run(file, "--bundle", "").err
    assert (file.read_bytes(), other.read_bytes(), server.seen) == (before, b"mine", [])

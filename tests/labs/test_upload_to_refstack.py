"""Uploads to the real RefStack server: well, through connections that go wrong, and while its daemons are paused or dead."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from labs.faults import killed, paused
from labs.refstack.lab import RefStackLab
from labs.wait import watch
from reports import refstack, signature
from reports.bundle import packing
from reports.commands import main
from reports.refstack_server import token as tokens
from reports.upload import sending
from tests import refstack_front as front
from tests.labs.refstack_server import Api, needs_server, server
from tests.refstack_front import Fault, Forward, Front, Handler

pytestmark = needs_server
OWN = Path(__file__).parents[2] / "guidelines"
NAMES = [f"tempest.api.identity.T.test_{n}" for n in range(40)]
UUID = "0b6f0f2e-7c1e-4a57-9d55-3a4f3a8a1f10"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RefStackLab]:
    with server(OWN, tmp_path_factory.mktemp("logs")) as lab:
        yield lab


@pytest.fixture(scope="module")
def api(lab: RefStackLab) -> Api:
    return Api(lab.url)


@pytest.fixture
def between(lab: RefStackLab) -> Iterator[Front]:
    """In front of the server; what goes through it may go wrong."""
    with front.front(front.forwarder(lab.url)) as made:
        yield made


@pytest.fixture
def owner(lab: RefStackLab) -> tuple[str, ...]:
    return "--key", str(lab.private_key), "--openid", lab.user_openid


@dataclass(frozen=True)
class Sent:
    """A results document that no other test has, and what the command said of it."""

    path: Path
    cpid: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.path.read_text())
        return found


@pytest.fixture
def results(tmp_path: Path) -> Sent:
    made = Sent(tmp_path / "lab.json", uuid4().hex)
    named = [{"name": name, "uuid": UUID} for name in NAMES]
    made.path.write_text(json.dumps({"cpid": made.cpid, "duration_seconds": 184, "results": named}))
    return made


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(lab: RefStackLab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command: its exit code, what it said, and what it said was wrong."""
    monkeypatch.setattr(sending, "LAST_LOOK", 1.0)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")

    def upload_(*arguments: object, url: str = lab.url, deadline: float = 15) -> tuple[int, str, str]:
        code = main(["upload", *map(str, arguments), "--server", url, "-y", "--deadline", str(deadline)])
        said = capsys.readouterr()
        assert len(said.err.splitlines()) == (0 if code == 0 else 1), said.err
        return code, said.out, said.err

    return upload_


def held(api: Api, results: Sent, **headers: Any) -> list[str]:
    """The ids of those that the server has of it, whole; by plain requests."""
    signed = {"signed": "true"} if headers else {}
    listed = api.get("results", params={"cpid": results.cpid, **signed}, headers=headers)["results"]
    for each in listed:
        assert sorted(api.get(f"results/{each['id']}", headers=headers)["results"]) == sorted(NAMES)
    return [each["id"] for each in listed]


def url_of(said: str) -> str:
    return said.splitlines()[-1].removeprefix("read back, and equal: ")


def kept(error: str) -> Path:
    [path] = re.findall(r"kept as (\S+\.zip)(?: \(without [^)]*\))?, send it later with: tox -e upload -- ", error)
    return Path(path)


def test_an_anonymous_result(run: Run, results: Sent, api: Api, lab: RefStackLab) -> None:
    code, said, _ = run(results.path)
    assert code == 0
    [id] = held(api, results)
    assert url_of(said) == f"{lab.url}/#/results/{id}"
    code, said, _ = run(results.path)
    assert (code, held(api, results)) == (0, [id])
    assert "the server has the same result already since" in said


@pytest.mark.parametrize("form", ["private_key", "openssh_key"])
def test_a_signed_result_shared_marked_and_deleted(run: Run, results: Sent, api: Api, lab: RefStackLab, form: str) -> None:
    key = getattr(lab, form)
    owner = ("--key", key, "--openid", lab.user_openid)
    code, said, _ = run(results.path, *owner)
    assert code == 0
    url = url_of(said)
    place = f"results/{url.rpartition('/')[2]}"
    assert api.ask("GET", place).status_code == 401
    assert held(api, results) == []
    assert run("--result", url, *owner, "--share", "--target", "compute", "--guideline", "2018.02")[0] == 0
    assert api.get(place)["meta"] == {"shared": "true", "target": "compute", "guideline": "2018.02.json"}
    assert run(results.path)[0] == 0  # the anonymous one is another, although all see this one
    assert len(held(api, results)) == 2
    assert run("--result", url, *owner, "--delete")[0] == 0
    assert api.ask("GET", place).status_code == 404
    code, _, error = run("--result", url, *owner, "--delete")
    assert code == 1
    assert "server answered 404: Test result" in error


def test_all_in_one_go(run: Run, results: Sent, api: Api, owner: tuple[str, ...]) -> None:
    code, said, _ = run(results.path, *owner, "--share", "--target", "platform", "--guideline", "2020.06")
    assert code == 0
    meta = api.get(f"results/{url_of(said).rpartition('/')[2]}")["meta"]
    assert meta == {"shared": "true", "target": "platform", "guideline": "2020.06.json"}


def test_a_key_that_the_server_does_not_know(run: Run, results: Sent, api: Api, lab: RefStackLab, tmp_path: Path) -> None:
    stranger = rsa.generate_private_key(65537, 2048)
    (tmp_path / "key").write_bytes(stranger.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    code, _, error = run(results.path, "--key", tmp_path / "key", "--openid", lab.user_openid)
    assert code == 1
    assert "the server knows no user of this OpenID with this key: server answered 400: Token is not valid" in error
    assert held(api, results) == []


def test_an_anonymous_result_belongs_to_nobody(run: Run, results: Sent, api: Api, owner: tuple[str, ...]) -> None:
    assert run(results.path)[0] == 0
    [id] = held(api, results)
    code, _, error = run("--result", id, *owner, "--delete")
    assert code == 1
    assert "server answered 403" in error
    assert held(api, results) == [id]


BREAKS: dict[str, tuple[dict[str, Any], int]] = {
    "a name twice": ({"results": [{"name": "a"}, {"name": "a"}]}, 500),
    "a name in two cases": ({"results": [{"name": "a"}, {"name": "A"}]}, 500),
    "a name with a space at its end": ({"results": [{"name": "a"}, {"name": "a "}]}, 500),
    "a long name": ({"results": [{"name": "a" * 513}]}, 500),
    "no name": ({"results": [{"uuid": UUID}]}, 500),
    "another script": ({"results": [{"name": "тест"}]}, 500),
    "a long cpid": ({"cpid": "c" * 129}, 500),
    "a long uuid": ({"results": [{"name": "a", "uuid": UUID + "0"}]}, 500),
    "a duration without end": ({"duration_seconds": 2**31}, 500),
    "nothing passed": ({"results": []}, 400),
    "another key": ({"meta": {}}, 400),
    "no cpid": ({"cpid": None}, 400),
}


@pytest.mark.parametrize("kind", BREAKS)
def test_what_the_server_breaks_on_is_refused_before_it_is_sent(
    run: Run, results: Sent, api: Api, between: Front, kind: str
) -> None:
    change, status = BREAKS[kind]
    document = {**results.document, **change}
    results.path.write_text(json.dumps(document))
    code, _, error = run(results.path, url=between.url)
    assert code == 4, error
    assert between.seen == []
    assert api.upload(json.dumps(document).encode()).status_code == status


def test_what_we_let_through_the_server_takes(run: Run, results: Sent, api: Api) -> None:
    """At the edge of what it has room for."""
    named = [{"name": "a" * 512}, {"name": "b ¡ÿ"}, {"name": "c", "uuid": "0" * 36}]
    document = {"cpid": results.cpid.ljust(128, "é"), "duration_seconds": 2**31 - 1, "results": named}
    results.path.write_text(json.dumps(document))
    assert run(results.path)[0] == 0


MENDED: dict[str, tuple[str, list[Fault], str]] = {
    "503, then well": ("store", [front.answers(503)] * 2, "server answered 503 Service Unavailable; again in 1 s, until 15 s"),
    "500, then well": ("store", [front.answers(500)], "server answered 500"),
    "502, though stored": ("store", [front.answers(502, arrived=True)], "a try that got no answer had arrived"),
    "cut in mid-answer": ("store", [front.cut], "a try that got no answer had arrived"),
    "hung up, though stored": ("store", [front.hangs_up(arrived=True)], "a try that got no answer had arrived"),
    "hung up before": ("store", [front.hangs_up(arrived=False)], "the connection broke"),
    "garbage": ("store", [front.garbage], "a try that got no answer had arrived"),
    "slow": ("store", [front.slow(4)], "read back, and equal"),
    "a list that is cut": ("list", [front.cut], "the connection broke"),
    "read back: 503": ("show", [front.answers(503)], "server answered 503"),
    "read back: cut": ("show", [front.cut], "the connection broke"),
    "read back: garbage": ("show", [front.garbage], "something that is no JSON"),
}


@pytest.mark.parametrize("signed", [False, True], ids=["anonymous", "signed"])
@pytest.mark.parametrize("kind", MENDED)
def test_faults_that_pass_are_got_over_and_it_is_stored_once(
    run: Run, results: Sent, api: Api, lab: RefStackLab, between: Front, owner: tuple[str, ...], kind: str, signed: bool
) -> None:
    what, faults, words = MENDED[kind]
    between.will(what, *faults)
    code, said, error = run(results.path, *(owner if signed else ()), url=between.url)
    assert (code, error) == (0, "")
    assert words in said
    assert len(held(api, results, **(token(lab) if signed else {}))) == 1


def token(lab: RefStackLab) -> dict[str, str]:
    key = signature.private(str(lab.private_key), lambda: "")
    return {"Authorization": f"Bearer {tokens.token(lab.user_openid, key)}"}


LOST: dict[str, tuple[str, Fault, int]] = {
    "500": ("store", front.answers(500), 0),
    "503": ("store", front.answers(503), 0),
    "cut": ("show", front.cut, 1),
    "garbage": ("show", front.garbage, 1),
    "hung up": ("store", front.hangs_up(arrived=False), 0),
    "a byte now and then": ("show", front.trickles, 1),
    "no list": ("list", front.answers(503), 0),
}


@pytest.mark.parametrize("kind", LOST)
def test_faults_that_last_lose_nothing(run: Run, results: Sent, api: Api, between: Front, kind: str) -> None:
    what, fault, stored = LOST[kind]
    between.always(what, fault)
    code, _, error = run(results.path, url=between.url, deadline=1.5)
    assert (code, len(held(api, results))) == (7, stored), error
    found = refstack.parse(packing.read(kept(error)).files[packing.RESULTS], "kept")
    assert found.to_json() == results.document
    assert run(kept(error))[0] == 0
    assert len(held(api, results)) == 1


def less(document: dict[str, Any]) -> None:
    document["results"].pop()


def test_what_is_read_back_otherwise_is_no_success(run: Run, results: Sent, between: Front) -> None:
    between.always("show", front.changed(less))
    code, _, error = run(results.path, url=between.url)
    assert code == 1
    assert "1 of its 40 tests are not there" in error


def test_the_servers_no_is_told(run: Run, results: Sent, api: Api, between: Front) -> None:
    """As of a server that takes no anonymous results."""
    between.always("store", front.says(401, "Anonymous result uploads are disabled."))
    code, _, error = run(results.path, url=between.url)
    assert (code, held(api, results)) == (1, [])
    assert "server answered 401: Anonymous result uploads are disabled." in error


def test_a_database_that_dies_and_comes_back(run: Run, results: Sent, api: Api, lab: RefStackLab, between: Front) -> None:
    """The server's own 500; the second try finds the database up again."""

    def dies(handler: Handler, forward: Forward) -> None:
        lab.mariadb.daemon.kill()
        reply = forward()
        assert reply.status == 500, reply
        lab.mariadb.daemon.start()
        handler.reply(reply)

    between.will("store", dies)
    code, said, error = run(results.path, url=between.url)
    lab.settle()
    assert (code, error) == (0, "")
    assert "server answered 500: Internal Server Error; again in 1 s" in said
    assert len(held(api, results)) == 1


def test_a_database_that_stays_dead(run: Run, results: Sent, api: Api, lab: RefStackLab) -> None:
    with killed(lab.mariadb.daemon):
        code, _, error = run(results.path, deadline=1.5)
    lab.settle()
    assert (code, held(api, results)) == (7, [])
    assert "not sent: server answered 500" in error
    assert run(kept(error))[0] == 0
    assert len(held(api, results)) == 1


def test_a_server_that_pauses_and_goes_on(run: Run, results: Sent, api: Api, lab: RefStackLab, between: Front) -> None:
    """It is waited for, and asked once."""

    def pauses(handler: Handler, forward: Forward) -> None:
        lab.server.pause()
        threading.Timer(2, lab.server.resume).start()
        handler.reply(forward())

    between.will("store", pauses)
    code, _, error = run(results.path, url=between.url)
    assert (code, error, between.count("store")) == (0, "", 1)
    assert len(held(api, results)) == 1


def test_a_server_that_stores_it_when_nobody_waits_any_more(
    run: Run, results: Sent, api: Api, lab: RefStackLab, between: Front
) -> None:
    """The worst of all: given up, kept, and stored after that. The later command finds it."""

    def pauses(handler: Handler, forward: Forward) -> None:
        lab.server.pause()
        handler.reply(forward())

    between.will("store", pauses)
    try:
        code, _, error = run(results.path, url=between.url, deadline=2)
    finally:
        lab.server.resume()
    assert code == 7
    assert "it is not known whether the server has it: no whole answer within" in error
    assert watch(lambda: held(api, results), lambda found: len(found) == 1, within=10).met
    code, said, _ = run(kept(error))
    assert (code, len(held(api, results))) == (0, 1)
    assert "the server has the same result already" in said


def test_a_server_that_is_killed(run: Run, results: Sent, api: Api, lab: RefStackLab) -> None:
    with killed(lab.server):
        code, _, error = run(results.path, deadline=1.5)
    lab.settle()
    assert (code, held(api, results)) == (7, [])
    assert run(kept(error))[0] == 0
    assert len(held(api, results)) == 1


def test_a_server_that_is_killed_while_it_stores(run: Run, results: Sent, api: Api, lab: RefStackLab, between: Front) -> None:
    """Its database keeps it waiting until it is dead."""

    def dies(handler: Handler, forward: Forward) -> None:
        with paused(lab.mariadb.daemon):
            killer = threading.Timer(1, lab.server.kill)
            killer.start()
            with pytest.raises(requests.ConnectionError):
                forward()
            killer.join()  # its connections end before it does
            broken.append(handler.path)
        lab.settle()
        handler.hang_up()

    broken: list[str] = []
    between.will("store", dies)
    code, said, error = run(results.path, url=between.url)
    assert (code, error, len(broken)) == (0, "", 1)
    assert "the connection broke" in said
    assert len(held(api, results)) == 1

"""What cannot be done with `upload` is told in one line, before anything is sent."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from reports.commands import main
from reports.refstack_server.server import address

KEY = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
NOWHERE = "http://127.0.0.1:9"
FILE = "lab.json"
SIGNED = ("--openid", "https://openid.example/someone", "--key")


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What `upload` says that it does not do; there is no server, and nothing is asked of it."""
    (tmp_path / FILE).write_text(json.dumps({"cpid": "c", "duration_seconds": 1, "results": [{"name": "a"}]}))
    (tmp_path / "id").write_bytes(KEY)
    (tmp_path / "letter").write_text("Dear friend")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LABPROOF_OPENID", raising=False)

    def refused(*arguments: str, url: str = NOWHERE) -> str:
        assert main(["upload", *arguments, "--server", url, "-y"]) == 4
        out, said = capsys.readouterr()
        assert out == ""
        assert len(said.splitlines()) == 1, said
        return said

    return refused


BAD: dict[str, tuple[list[str], str]] = {
    "absent": (["absent.json"], "absent.json: cannot be read: No such file"),
    "no results": (["letter"], "letter: line 1 column 1: not JSON"),
    "no folder of results": (["."], "no refstack/*.json is in it"),
    "no file": ([], "give either FILE"),
    "file and result": ([FILE, "--result", "x"], "give either FILE"),
    "absent key": ([FILE, *SIGNED, "absent"], "absent: the key cannot be read: No such file"),
    "no key": ([FILE, *SIGNED, "letter"], "letter: no private key"),
    "no owner": ([FILE, "--key", "id"], "with --openid or in LABPROOF_OPENID"),
    "anonymous share": ([FILE, "--share"], "an anonymous result belongs to nobody"),
    "unknown target": (
        [FILE, *SIGNED, "id", "--target", "computing"],
        '--target "computing": RefStack knows platform, compute,',
    ),
    "unknown guideline": ([FILE, *SIGNED, "id", "--guideline", "latest"], '--guideline "latest": the date of an official'),
    "delete a file": ([FILE, *SIGNED, "id", "--delete"], "--delete goes with --result"),
    "delete and share": (["--result", "x", *SIGNED, "id", "--delete", "--share"], "--delete goes with --result"),
    "nothing to do": (["--result", "x", *SIGNED, "id"], "say what to do with it"),
    "no identifier": (["--result", "../x?", *SIGNED, "id", "--delete"], "--result ../x?: the id of a result"),
    "no deadline": ([FILE, "--deadline", "0"], "--deadline 0: seconds are expected"),
    "a deadline of no number": ([FILE, "--deadline", "nan"], "--deadline nan: seconds are expected"),
    "a deadline of words": ([FILE, "--deadline", "soon"], "--deadline"),
    "unknown option": ([FILE, "--sever", "x"], "--sever"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_line(refused: Callable[..., str], kind: str) -> None:
    arguments, words = BAD[kind]
    assert words in refused(*arguments)


@pytest.mark.parametrize(
    "url",
    [
        "refstack.example",
        "ftp://host",
        "http://",
        "http://me:hunter2@host",
        "http://h:port",
        "http://h?x=hunter2",
        "http://[",
        "",
    ],
)
def test_a_server_that_is_none_is_one_line(refused: Callable[..., str], url: str) -> None:
    said = refused(FILE, url=url)
    assert "--server: " in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "given", ["http://h:8000", "http://h:8000/", "http://h:8000/v1/", "http://h:8000/#/results", " http://h:8000"]
)
def test_an_address_in_the_forms_that_people_copy(given: str) -> None:
    assert address(given) == "http://h:8000"


def test_an_address_with_a_path() -> None:
    assert address("https://refstack.example/api/v1") == "https://refstack.example/api"

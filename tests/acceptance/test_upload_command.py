"""`tox -e upload` and `python -m reports verify` as a person runs them: at a terminal and without one."""

import configparser
import json
import os
import pty
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from reports.signature import PrivateKey
from tests import refstack_front as front
from tests.refstack_front import Front
from tests.refstack_toy import Toy

ROOT = Path(__file__).parents[2]
OPENID = "https://openid.example/someone"
RSA, OTHER = (rsa.generate_private_key(65537, 2048) for _ in range(2))
WORD = "correct horse battery"
DOCUMENT = {"cpid": "7a0f6d381c35", "duration_seconds": 184, "results": [{"name": f"tempest.T.test_{n}"} for n in range(7)]}


@dataclass(frozen=True)
class Ended:
    code: int
    output: str


def command(*arguments: object) -> list[str]:
    """What tox would run for `tox -e upload -- ARGUMENTS`."""
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    does = tox["testenv:upload"]["commands"].replace("{posargs:--help}", shlex.join(map(str, arguments)))
    python, *words = shlex.split(does)
    assert python == "python"
    return [sys.executable, *words]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LABPROOF_", "PYTEST_"))}
    path = os.pathsep.join([str(ROOT), str(ROOT / "fixtures")])
    return kept | {"PYTHONPATH": path, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"} | more


def run(words: list[str], folder: Path, within: float = 60, **more: str) -> Ended:
    """Without a terminal."""
    done = subprocess.run(
        words, cwd=folder, env=environment(**more), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=within,
    )  # fmt: skip
    assert "Traceback" not in done.stdout, done.stdout
    return Ended(done.returncode, done.stdout)


def typed(words: list[str], folder: Path, answers: dict[str, str], within: float = 60, **more: str) -> Ended:
    """At a terminal, where a person types the answer when the question is there; an answer is given once."""
    main, terminal = pty.openpty()
    child = subprocess.Popen(
        words, cwd=folder, env=environment(**more), preexec_fn=lambda: os.login_tty(terminal)
    )  # fmt: skip
    os.close(terminal)
    said, deadline, left = b"", time.monotonic() + within, dict(answers)
    with suppress(OSError):  # it has ended
        while time.monotonic() < deadline and (some := os.read(main, 4096)):
            said += some
            for question in [question for question in left if question.encode() in said]:
                os.write(main, left.pop(question).encode())
    os.close(main)
    assert not left, said
    return Ended(child.wait(10), said.decode().replace("\r\n", "\n"))


def one_line(ended: Ended, code: int, *words: str) -> None:
    assert ended.code == code, ended.output
    assert len(ended.output.strip().splitlines()) == 1, ended.output
    for word in words:
        assert word in ended.output


@pytest.fixture
def toy() -> Toy:
    return Toy({OPENID: PrivateKey(RSA).public.text})


@pytest.fixture
def server(toy: Toy) -> Iterator[Front]:
    with front.front(toy) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a person works: results, keys in some forms, letters."""
    (tmp_path / "results/refstack").mkdir(parents=True)
    (tmp_path / "results/refstack/lab.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "results/outcomes.jsonl").write_text('{"test": "tempest.T.test_8", "outcome": "failed"}\n')
    for name, form, word in (
        ("id", PrivateFormat.OpenSSH, NoEncryption()),
        ("pem", PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        ("locked", PrivateFormat.OpenSSH, BestAvailableEncryption(WORD.encode())),
    ):
        (tmp_path / name).write_bytes(RSA.private_bytes(Encoding.PEM, form, word))
    (tmp_path / "id.pub").write_text(f"{PrivateKey(RSA).public.text} me@here\n")
    (tmp_path / "other.pub").write_text(PrivateKey(OTHER).public.text)
    (tmp_path / "letter").write_text("Dear friend")
    return tmp_path


FILE = "results/refstack/lab.json"


def test_it_asks_and_sends_on_a_yes(folder: Path, server: Front, toy: Toy) -> None:
    ended = typed(command(FILE, "--server", server.url), folder, {"Send it? [y/N]": "y\n"})
    assert (ended.code, len(toy.held)) == (0, 1), ended.output
    shown, _, rest = ended.output.partition("Send it?")
    assert "7 passed tests in 184 s on the cloud 7a0f6d381c35" in shown
    assert f"to {server.url}, anonymous: all may see it, and nobody can delete it" in shown
    assert rest.strip().splitlines()[-1].startswith("read back, and equal: http")


@pytest.mark.parametrize("answer", ["n\n", "\n", "maybe\n", "\x04"])
def test_it_sends_nothing_on_anything_else(folder: Path, server: Front, answer: str) -> None:
    ended = typed(command(FILE, "--server", server.url), folder, {"Send it? [y/N]": answer})
    assert ended.code == 2
    assert "nothing was sent" in ended.output
    assert server.seen == []


def test_without_a_terminal_and_without_a_yes_it_ends_at_once(folder: Path, server: Front) -> None:
    one_line(run(command(FILE, "--server", server.url), folder), 4, "there is no terminal to ask at; with -y it is sent")
    assert server.seen == []


@pytest.mark.parametrize("key", ["id", "pem"])
def test_a_signed_upload_without_a_terminal(folder: Path, server: Front, toy: Toy, key: str) -> None:
    words = command("results", "--server", server.url, "--key", key, "-y", "--share", "--target", "compute")
    ended = run(words, folder, LABPROOF_OPENID=OPENID)
    assert ended.code == 0, ended.output
    [held] = toy.held.values()
    assert (held["owner"], held["meta"]) == (OPENID, {"target": "compute", "shared": "true"})


def test_the_passphrase_is_asked_for_and_not_shown(folder: Path, server: Front, toy: Toy) -> None:
    words = command(FILE, "--server", server.url, "--key", "locked", "--openid", OPENID)
    ended = typed(words, folder, {"Passphrase of locked:": f"{WORD}\n", "Send it? [y/N]": "y\n"})
    assert (ended.code, len(toy.held)) == (0, 1), ended.output
    assert WORD not in ended.output


def test_the_passphrase_may_come_from_the_environment(folder: Path, server: Front, toy: Toy) -> None:
    words = command(FILE, "--server", server.url, "--key", "locked", "--openid", OPENID, "-y")
    ended = run(words, folder, LABPROOF_KEY_PASSPHRASE=WORD)
    assert (ended.code, len(toy.held)) == (0, 1), ended.output
    assert WORD not in ended.output
    one_line(run(words, folder, LABPROOF_KEY_PASSPHRASE="wrong"), 4, "locked: the passphrase does not open it")
    one_line(run(words, folder), 4, "no terminal to ask at; give its passphrase in LABPROOF_KEY_PASSPHRASE")


SIGNED = ("--openid", OPENID, "--key")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["absent.json"], ["absent.json: cannot be read: No such file"]),
        ([FILE, *SIGNED, "id.pub"], ["id.pub: a public key; the private one"]),
        ([FILE, "--key", "id"], ["--openid", "LABPROOF_OPENID"]),
    ],
)
def test_bad_input_is_one_line(folder: Path, server: Front, arguments: list[str], words: list[str]) -> None:
    one_line(run(command(*arguments, "--server", server.url, "-y"), folder), 4, *words)
    assert server.seen == []


def kept(ended: Ended) -> tuple[str, list[str]]:
    """The bundle and the words of the command that sends it later."""
    path, words = re.findall(
        r"kept as (\S+\.zip)(?: \(without [^)]*\))?, send it later with: tox -e upload -- (.*)", ended.output
    )[0]
    return path, shlex.split(words)


def test_not_reached_kept_verified_and_sent_later(folder: Path, server: Front, toy: Toy) -> None:
    server.always("store", front.answers(503))
    ended = run(command("results", "--server", server.url, *SIGNED, "id", "-y", "--deadline", "1.5"), folder)
    assert ended.code == 7, ended.output
    assert "server answered 503 Service Unavailable; again in 1 s, until 2 s are over" in ended.output
    path, words = kept(ended)
    assert path.startswith("results/bundle-lab-")
    whole = verify(folder, path, "id.pub")
    assert whole.code == 0, whole.output
    assert "7 passed tests in 184 s" in whole.output
    assert "outcomes.jsonl" in whole.output
    server.well()
    later = run([*command(*words), "-y"], folder)
    assert (later.code, len(toy.held)) == (0, 1), later.output


def verify(folder: Path, path: str, key: str | None = None) -> Ended:
    """Where there is no network at all."""
    user = [] if os.geteuid() == 0 else ["-U", "-r"]
    words = [sys.executable, "-m", "reports", "verify", path, *(["--key", key] if key else [])]
    return run(["unshare", *user, "--net", *words], folder)


def bundled(folder: Path, *more: str) -> str:
    ended = run([sys.executable, "-m", "reports", "bundle", "results", "--bundle", "b.zip", *more], folder)
    assert ended.code == 0, ended.output
    return "b.zip"


def test_verify_tells_signed_from_all_else(folder: Path) -> None:
    path = bundled(folder, "--key", "id")
    assert verify(folder, path, "id.pub").code == 0
    one_line(verify(folder, path, "other.pub"), 1, "its signature is not by this key")
    one_line(verify(folder, path), 4, "give the public key of whom it should be from (--key)")
    one_line(verify(folder, path, "id"), 4, "id: a private key; the public one")
    one_line(verify(folder, path, "absent"), 4, "absent: the key cannot be read")
    one_line(verify(folder, "letter", "id.pub"), 4, "letter: not a bundle")
    one_line(verify(folder, "absent", "id.pub"), 4, "absent: cannot be read")


def test_verify_says_unsigned(folder: Path) -> None:
    path = bundled(folder)
    for key in ("id.pub", None):
        one_line(verify(folder, path, key), 1, "unsigned")


def test_a_bundle_that_was_changed_is_neither_verified_nor_sent(folder: Path, server: Front) -> None:
    path = bundled(folder, "--key", "id")
    data = bytearray((folder / path).read_bytes())
    for at in (0, len(data) // 3, len(data) // 2, len(data) - 1):
        changed = bytearray(data)
        changed[at] ^= 1
        (folder / path).write_bytes(changed)
        one_line(verify(folder, path, "id.pub"), 1, "b.zip: changed since it was made")
    one_line(run(command(path, "--server", server.url, "-y"), folder), 4, "b.zip: changed since it was made")
    assert server.seen == []


def heeds_ctrl_c() -> None:
    """Also where these tests were started in the background, by a shell that makes such deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("times", [1, 3])
def test_ctrl_c_ends_it_with_one_line(folder: Path, server: Front, times: int) -> None:
    """Also where tox passes it on several times."""
    server.always("store", front.trickles)
    words = command(FILE, "--server", server.url, "-y")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "preexec_fn": heeds_ctrl_c}
    child = subprocess.Popen(words, cwd=folder, env=environment(), text=True, **pipes)
    deadline = time.monotonic() + 30
    while "store" not in server.seen:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for _ in range(times):
        child.send_signal(signal.SIGINT)
        time.sleep(0.01)
    _, said = child.communicate(timeout=10)
    assert child.returncode == 2
    assert said == "upload: interrupted; the same command looks first whether it had been sent\n"


def test_a_server_that_hangs_up_while_it_is_written_to(folder: Path) -> None:
    """Which is no end by a signal that nobody sees."""
    many = [{"name": f"tempest.T.test_{n}_{'x' * 200}"} for n in range(20_000)]
    (folder / FILE).write_text(json.dumps({**DOCUMENT, "results": many}))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=hang_up, args=[listening], daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        ended = run(command(FILE, "--server", url, "-y", "--deadline", "1"), folder)
        listening.shutdown(socket.SHUT_RDWR)
    assert ended.code == 7, ended.output
    assert "it is not known whether the server has it: the connection broke" in ended.output
    assert kept(ended)[0].startswith("results/bundle-lab-")


def hang_up(listening: socket.socket) -> None:
    """On whoever sends a result; what is only asked for is not there."""
    with suppress(OSError):
        while True:
            connection, _ = listening.accept()
            with connection:
                if connection.recv(1000).startswith(b"GET"):
                    connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def test_nobody_reads_what_it_says_and_it_ends_what_it_began(folder: Path, server: Front, toy: Toy) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = command(FILE, "--server", server.url, "-y")
    done = subprocess.run(words, cwd=folder, env=environment(), stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr, len(toy.held)) == (0, "", 1)


def test_all_that_is_asked_for_is_in_the_help(folder: Path) -> None:
    ended = run(command("--help"), folder)
    assert ended.code == 0
    for word in (
        "FILE",
        "--server",
        "--key",
        "-y",
        "--share",
        "--target",
        "--guideline",
        "--delete",
        "LABPROOF_KEY_PASSPHRASE",
    ):
        assert word in ended.output

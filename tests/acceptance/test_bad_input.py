"""Bad input: one clear line that says what is wrong and how to mend it, the right exit code, nothing left behind."""

import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PASS = "holds(judged(flannel))"


def one_line(ended: Any, code: int, *words: str) -> None:
    """The exit code, the words, no traceback, and not a screenful."""
    assert ended.code == code, ended.output
    for word in words:
        assert word in ended.output
    assert "Traceback" not in ended.output
    assert "INTERNALERROR" not in ended.output
    assert len(ended.output.strip().splitlines()) <= 2, ended.output


@pytest.fixture
def toy(project: Any) -> Any:
    project.test("test_a", PASS)
    return project


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--progam", "flannel"], ["--progam", "did you mean --program"]),
        (["--program", "flanel"], ['no program is called "flanel"', "flannel"]),
        (["--program", "flannel@vxlan"], ['no variant "vxlan"', "legacy", "nft"]),
        (["--lab", "nowhere"], ["--lab nowhere"]),
        (["--lab", "labs/mine.yaml"], ["labs/mine.yaml"]),
        (["--nodes", "1"], ["--nodes 1: from 2 to 100"]),
        (["--nodes", "101"], ["--nodes 101: from 2 to 100"]),
        (["--nodes", "many"], ["--nodes", "many"]),
        (["--guideline", "absent.json"], ["absent.json"]),
        (["suites/flannel/test_absent.py"], ["test_absent.py"]),
        (["--resume"], ["no run to go on with"]),
        (["--rerun", "all"], ["--rerun", "failed"]),
    ],
)
def test_what_cannot_be_is_a_usage_error(toy: Any, arguments: list[str], words: list[str]) -> None:
    one_line(toy.run(*arguments), 4, *words)
    assert not toy.results.exists()


DEEP = "[" * 100_000
GUIDELINES = {
    "malformed": b'{"metadata": ',
    "empty": b"",
    "binary": bytes(range(256)),
    "deep": DEEP.encode(),
    "list": b"[]",
    "schema": b'{"metadata": {"id": "x", "schema": "9.9"}}',
    "html": b"<!DOCTYPE html><html><body>Not found</body></html>",
}


@pytest.mark.parametrize("kind", GUIDELINES)
def test_a_bad_guideline_is_a_usage_error(toy: Any, kind: str) -> None:
    (toy.path / "bad.json").write_bytes(GUIDELINES[kind])
    one_line(toy.run("--guideline", "bad.json"), 4, "bad.json")
    assert not toy.results.exists()


@pytest.fixture
def html_server() -> Iterator[str]:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(GUIDELINES["html"])

        def log_message(self, *_: object) -> None:
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/guideline.json"
    server.shutdown()


def test_a_page_in_place_of_json(toy: Any, html_server: str) -> None:
    one_line(toy.run("--guideline", html_server, NO_PROXY="127.0.0.1"), 4, "HTML")


def test_an_unreachable_url(toy: Any) -> None:
    one_line(toy.run("--guideline", "http://127.0.0.1:9/guideline.json", NO_PROXY="127.0.0.1"), 4, "127.0.0.1:9")


def test_several_programs_need_a_choice(toy: Any) -> None:
    toy.write()
    guideline = toy.guideline(id="mine")
    guideline["platforms"]["other"] = guideline["platforms"]["flannel"]
    (toy.path / "mine.json").write_text(json.dumps(guideline))
    one_line(toy.run("--guideline", "mine.json"), 4, "--program", "flannel, other")
    ended = toy.run("--guideline", "mine.json", "--program", "other")
    assert ended.code == 0, ended.output
    assert toy.verdict()["verdicts"][0]["guideline"] == "mine"


@pytest.mark.parametrize(
    ("above", "words"),
    [
        ("", "has no seeded fault"),
        ("@pytest.mark.skipif(False, reason='')\n@proven_by(paused, kind='x')", None),
    ],
)
def test_a_requirement_that_nothing_proves_is_refused(project: Any, above: str, words: str | None) -> None:
    project.test("test_a", PASS, above=above)
    ended = project.run("--list-requirements")
    if words is None:
        assert ended.code == 0, ended.output
    else:
        one_line(ended, 4, "suites.flannel.test_toy.test_a", words)


def test_a_test_without_an_id_or_a_place_in_the_guideline_is_refused(project: Any) -> None:
    name = project.test("test_a", PASS)
    project.test("test_b", PASS)
    del project.tests[name]
    one_line(project.run(), 4, name, "stands in no guideline")
    project._code.append("def test_bare(flannel): pass")
    project._code.pop(1)
    one_line(project.run(), 4, "test_bare", "has no id")


def test_results_that_are_a_strangers_are_left_alone(toy: Any) -> None:
    toy.results.mkdir()
    (toy.results / "thesis.txt").write_text("mine")
    one_line(toy.run(), 4, "holds files that are no run's results", "--results DIR")
    assert (toy.results / "thesis.txt").read_text() == "mine"


def test_results_that_cannot_be_written(toy: Any) -> None:
    one_line(toy.run("--results", "/proc/results"), 4, "/proc/results", "--results DIR")


def in_own_mounts(*command: str) -> list[str]:
    user = [] if os.geteuid() == 0 else ["-U", "-r"]
    return ["unshare", *user, "--mount", "--propagation", "private", "sh", "-c", command[0], "sh", *command[1:]]


def test_results_on_a_full_disk(toy: Any) -> None:
    toy.write()
    toy.results.mkdir()
    script = 'mount -t tmpfs -o size=16k tmpfs results && exec "$@"'
    run = subprocess.run(
        in_own_mounts(script, *toy.command()), cwd=toy.path, env=toy.environment(), capture_output=True, text=True, timeout=60
    )
    output = run.stdout + run.stderr
    assert run.returncode == 4, output
    assert "no space is left" in output
    assert "Traceback" not in output


def test_results_in_use_name_the_run_that_uses_them(toy: Any) -> None:
    toy.test("test_long", "import pathlib\nwhile not os.path.exists('go'): time.sleep(0.05)")
    first = toy.start()
    try:
        while not (toy.results / "verdict.json").exists() and not list(toy.results.glob("labs/*/state.json")):
            assert first.poll() is None
        second = toy.run("--list-requirements")
        assert second.code == 0
        one_line(toy.run(), 4, f"in use by the run of pid {first.pid}")
    finally:
        (toy.path / "go").touch()
        output, _ = first.communicate(timeout=60)
    assert first.returncode == 0, output


def test_no_user_namespaces_blocks_the_lab_with_the_mend(toy: Any) -> None:
    """An ordinary user where the kernel's limit of user namespaces is used up."""
    toy.write()
    script = 'echo 1 > /proc/sys/user/max_user_namespaces && exec unshare -U --map-user=65534 --map-group=65534 "$@"'
    run = subprocess.run(
        ["unshare", "-U", "-r", "sh", "-c", script, "sh", *toy.command()],
        cwd=toy.path, env=toy.environment(), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    output = run.stdout + run.stderr
    assert run.returncode == 6, output
    assert "max_user_namespaces" in output
    assert "Traceback" not in output
    assert toy.outcomes() == {"test_a": "blocked"}


def test_no_network_and_an_empty_cache_is_a_lab_that_cannot_be_had(toy: Any, tmp_path: Path) -> None:
    toy.write()
    user = [] if os.geteuid() == 0 else ["-U", "-r"]
    run = subprocess.run(
        ["unshare", *user, "--net", *toy.command()],
        cwd=toy.path, env=toy.environment(LABPROOF_CACHE=str(tmp_path / "cache")), capture_output=True, text=True, timeout=90,
    )  # fmt: skip
    output = run.stdout + run.stderr
    assert run.returncode == 6, output
    blocked = [line for line in output.splitlines() if line.startswith("blocked: ")]
    assert len(blocked) == 1, output
    assert "apt" in blocked[0]
    assert "http_proxy" in blocked[0] or "Acquire::http::Proxy" in blocked[0]
    assert "Traceback" not in output


def test_a_damaged_cache_is_mended_on_the_way(toy: Any, tmp_path: Path) -> None:
    cache = Path(os.environ.get("LABPROOF_CACHE") or Path.home() / ".cache/labproof")
    if not (cache / "entries/etcd").is_dir():
        pytest.skip("the cache has not been filled yet: run the conformance suite once")
    mine = tmp_path / "cache"
    shutil.copytree(cache, mine, symlinks=True)
    [etcd] = (mine / "entries/etcd").rglob("usr/bin/etcd")
    etcd.chmod(0o755)
    with etcd.open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"damage")
    ended = toy.run(LABPROOF_CACHE=str(mine), within=90)
    assert ended.code == 0, ended.output
    assert "damaged" in ended.output


def test_a_clock_that_is_set_back_in_mid_run_changes_nothing(toy: Any) -> None:
    toy.test("test_waits", "assert eventually(lambda: [], within=5) < 5\ntime.sleep(1.5)")
    hook = toy.path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        "import time, os\nreal, began = time.time, time.monotonic()\n"
        "time.time = lambda: real() - (86400 if time.monotonic() - began > 1.0 else 0)\n"
    )
    environment = toy.environment()
    ended = toy.run(PYTHONPATH=f"{hook}{os.pathsep}{environment['PYTHONPATH']}")
    assert ended.code == 0, ended.output
    lines = [json.loads(line) for line in (toy.results / "outcomes.jsonl").read_text().splitlines()]
    assert all(0 <= line["seconds"] < 30 for line in lines)
    assert 0 < toy.verdict()["seconds"] < 60
    assert toy.run().code == 0


def test_the_projects_name_for_fixtures_shadows_nobodys(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    assert not (root / "fixtures/__init__.py").exists()

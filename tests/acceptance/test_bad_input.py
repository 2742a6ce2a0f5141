"""Bad input: one clear line that says what is wrong and how to mend it, the right exit code, nothing left behind."""

import http.server
import json
import os
import shutil
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labs.wait import until
from tests.acceptance.conftest import own_mounts

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
HTML = b"<!DOCTYPE html><html><body>Not found</body></html>"
GUIDELINES = {
    "malformed": (b'{"metadata": ', "line 1 column 14: not JSON"),
    "empty": (b"", "empty; a guideline (JSON) is expected"),
    "binary": (bytes(range(256)), "not text in UTF-8 (byte 128)"),
    "zeros": (bytes(4096), "binary data"),
    "deep": (DEEP.encode(), "not a guideline: nested too deeply"),
    "list": (b"[]", "not a guideline: a JSON object is expected, found an array"),
    "schema": (b'{"metadata": {"id": "x", "schema": "9.9"}}', "schema '9.9' is not known; these are: 1.2"),
    "html": (HTML, "an HTML or XML page and not JSON; give the address of the raw file"),
}


@pytest.mark.parametrize("kind", GUIDELINES)
def test_a_bad_guideline_is_a_usage_error(toy: Any, kind: str) -> None:
    data, reason = GUIDELINES[kind]
    (toy.path / "bad.json").write_bytes(data)
    one_line(toy.run("--guideline", "bad.json"), 4, f"bad.json: {reason}")
    assert not toy.results.exists()


@pytest.fixture
def html_server() -> Iterator[str]:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(HTML)

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


def test_a_requirement_that_nothing_proves_is_refused(project: Any) -> None:
    name = project.test("test_a", PASS, above="")
    one_line(project.run("--list-requirements"), 4, name, "has no seeded fault; give it @proven_by(")


def test_other_marks_of_a_requirement_do_not_hide_what_proves_it(project: Any) -> None:
    name = project.test("test_a", PASS, above="@pytest.mark.skipif(False, reason='')\n@proven_by(paused, kind='x')")
    ended = project.run("--list-requirements", "--json")
    assert ended.code == 0, ended.output
    assert [(row["requirement"], row["faults"]) for row in json.loads(ended.output)] == [(name, ["paused"])]


def test_a_test_without_an_id_or_a_place_in_the_guideline_is_refused(project: Any) -> None:
    name = project.test("test_a", PASS)
    project.test("test_b", PASS)
    del project.tests[name]
    one_line(project.run(), 4, name, "stands in no guideline")
    project.uncode("test_a")
    project.code("test_bare", "def test_bare(flannel): pass")
    one_line(project.run(), 4, "test_bare", "has no id")


def test_results_that_are_a_strangers_are_left_alone(toy: Any) -> None:
    toy.results.mkdir()
    (toy.results / "thesis.txt").write_text("mine")
    one_line(toy.run(), 4, "holds files that are no run's results", "--results DIR")
    assert (toy.results / "thesis.txt").read_text() == "mine"


def test_results_that_cannot_be_written(toy: Any) -> None:
    one_line(toy.run("--results", "/proc/results"), 4, "/proc/results", "--results DIR")


def test_results_on_a_disk_that_is_mounted_read_only(toy: Any) -> None:
    toy.results.mkdir()
    script = "mount --bind results results && mount -o remount,bind,ro results"
    one_line(toy.run(under=own_mounts(script)), 4, "results: not writable", "--results DIR")


def test_results_on_a_full_disk(toy: Any) -> None:
    toy.results.mkdir()
    script = "mount -t tmpfs -o size=16k tmpfs results"
    one_line(toy.run(under=own_mounts(script)), 4, "results: no space is left on its disk", "--results DIR")


def test_results_in_use_name_the_run_that_uses_them(toy: Any) -> None:
    toy.test("test_long", "while not os.path.exists('go'): time.sleep(0.05)")
    first = toy.start()
    try:
        until(lambda: (toy.results / "labs").exists(), within=30, what="the first run has begun")
        second = toy.run("--list-requirements")
        assert second.code == 0
        one_line(toy.run(), 4, f"in use by the run of pid {first.pid}")
    finally:
        (toy.path / "go").touch()
        output, _ = first.communicate(timeout=60)
    assert first.returncode == 0, output


def lab_not_had(project: Any, ended: Any, *words: str) -> None:
    """Exit 6, one line that says why, and a verdict all the same."""
    assert ended.code == 6, ended.output
    [line] = [line for line in ended.output.splitlines() if line.startswith("blocked: ")]
    for word in words:
        assert word in line
    assert "Traceback" not in ended.output
    assert project.outcomes() == {"test_a": "blocked"}


def test_no_user_namespaces_blocks_the_lab_with_the_mend(toy: Any) -> None:
    """An ordinary user where the kernel's limit of user namespaces is used up."""
    script = 'echo 1 > /proc/sys/user/max_user_namespaces && exec unshare -U --map-user=65534 --map-group=65534 "$@"'
    lab_not_had(toy, toy.run(under=["unshare", "-U", "-r", "sh", "-c", script, "sh"]), "max_user_namespaces")


def test_a_kernel_without_a_feature_blocks_the_lab_with_the_mend(toy: Any) -> None:
    """A kernel that was built without br_netfilter: it shows no switches of bridges, and there is no module to load."""
    modprobe = toy.path / "bin/modprobe"
    modprobe.parent.mkdir()
    modprobe.write_text("#!/bin/sh\necho modprobe: FATAL: Module $1 not found >&2; exit 1")
    modprobe.chmod(0o755)
    path = f"{modprobe.parent}{os.pathsep}{os.environ['PATH']}"
    ended = toy.run(under=own_mounts("mount -t tmpfs none /proc/sys/net"), PATH=path)
    lab_not_had(toy, ended, "this kernel has no br_netfilter, which flanneld needs", "modprobe br_netfilter")


def test_no_network_and_an_empty_cache_is_a_lab_that_cannot_be_had(toy: Any, tmp_path: Path) -> None:
    user = [] if os.geteuid() == 0 else ["-U", "-r"]
    ended = toy.run(under=["unshare", *user, "--net"], within=90, LABPROOF_CACHE=str(tmp_path / "cache"))
    lab_not_had(toy, ended, "apt", "http_proxy")


def test_a_damaged_cache_is_mended_on_the_way(toy: Any, tmp_path: Path) -> None:
    cache = Path(os.environ.get("LABPROOF_CACHE") or Path.home() / ".cache/labproof")
    if not (cache / "entries/etcd").is_dir():
        pytest.skip("the cache has not been filled yet: run the conformance suite once")
    mine = tmp_path / "cache"
    shutil.copytree(cache, mine, symlinks=True)
    for etcd in (mine / "entries/etcd").rglob("usr/bin/etcd"):
        etcd.chmod(0o755)
        with etcd.open("r+b") as file:
            file.seek(1_000_000)
            file.write(b"damage")
    ended = toy.run(LABPROOF_CACHE=str(mine), within=300)
    assert ended.code == 0, ended.output
    assert "damaged" in ended.output


CLOCK = """
import datetime, os, time
real = time.time
time.time = lambda: real() - (86400 if os.path.exists({flag!r}) else 0)

class Datetime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

datetime.datetime = Datetime
"""


def test_a_clock_that_is_set_back_in_mid_run_changes_nothing(toy: Any) -> None:
    flag = toy.path / "set-back"
    toy.test("test_set_back", f"open({str(flag)!r}, 'w').close()\nassert eventually(lambda: [], within=5) < 5")
    toy.test("test_z", PASS)
    hook = toy.path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(CLOCK.format(flag=str(flag)))
    ended = toy.run(PYTHONPATH=f"{hook}{os.pathsep}{toy.environment()['PYTHONPATH']}")
    assert ended.code == 0, ended.output
    records = [json.loads(line) for line in (toy.results / "outcomes.jsonl").read_text().splitlines()]
    first, *_, last = [datetime.fromisoformat(record["start"]) for record in records]
    assert timedelta(hours=23) < first - last < timedelta(hours=24)
    assert all(0 <= record["seconds"] < 30 for record in records)
    assert 0 < toy.verdict()["seconds"] < 60


def test_the_projects_name_for_fixtures_shadows_nobodys(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    assert not (root / "fixtures/__init__.py").exists()

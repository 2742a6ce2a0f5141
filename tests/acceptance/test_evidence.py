"""Files that tests leave: kept with the results, and shown by Allure, whether the test passes or fails."""

import json
import os
import signal
from typing import Any

from labs.wait import until

LEAVE = """
from proof import evidence
history = evidence.folder() / "history.jsonl"
history.write_text("{}\\n" * 3)
evidence.attach_file("history.jsonl", history, "application/x-ndjson")
evidence.attach_file("failover.png", b"\\x89PNG")
"""


def attachments(project: Any) -> dict[str, dict[str, tuple[str, bytes]]]:
    """By the status of the result: type and content by name."""
    folder = project.results / "allure-results"
    results = [json.loads(path.read_text()) for path in folder.glob("*-result.json")]
    return {
        result["status"]: {
            each["name"]: (each["type"], (folder / each["source"]).read_bytes()) for each in result["attachments"]
        }
        for result in results
    }


def test_files_of_passed_and_failed_tests_are_kept_and_shown(project: Any) -> None:
    project.test("test_a", LEAVE + "holds(judged(flannel))")
    project.test("test_b", LEAVE + "holds([Problem('toy-broken', 'n1', 'a', 'b')])")
    ended = project.run()
    assert ended.code == 1, ended.output
    for status, name in (("passed", "test_a"), ("failed", "test_b")):
        folder = project.results / f"evidence/flannel/test_toy/{name}-flannel"
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
            "history.jsonl": b"{}\n{}\n{}\n", "failover.png": b"\x89PNG",
        }  # fmt: skip
        shown = attachments(project)[status]
        assert shown["failover.png"] == ("image/png", b"\x89PNG")
        assert shown["history.jsonl"] == ("application/x-ndjson", b"{}\n{}\n{}\n")
    assert "- [files of the tests](evidence)" in (project.results / "summary.md").read_text()


def test_without_files_there_is_no_folder_and_no_word_of_it(project: Any) -> None:
    project.test("test_a", "holds(judged(flannel))")
    assert project.run().code == 0
    assert not (project.results / "evidence").exists()
    assert "files of the tests" not in (project.results / "summary.md").read_text()


def test_what_a_killed_run_wrote_is_there_and_stays_when_it_is_gone_on_with(project: Any) -> None:
    project.test("test_a", LEAVE + "os.path.exists('again') or time.sleep(60)\nholds(judged(flannel))")
    started = project.start()
    folder = project.results / "evidence/flannel/test_toy/test_a-flannel"
    until((folder / "failover.png").exists, within=40, what="the test's files")
    os.killpg(started.pid, signal.SIGKILL)
    started.communicate(timeout=20)
    project.sweep()
    (project.path / "again").touch()
    ended = project.run("--resume")
    assert ended.code == 0, ended.output
    for place in (folder, folder.with_name(f"{folder.name}.2")):
        assert (place / "history.jsonl").read_text() == "{}\n{}\n{}\n"

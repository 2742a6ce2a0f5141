"""What a test leaves: files in a folder of its own, and what becomes of them and of long texts in Allure."""

from pathlib import Path
from typing import Any

import pytest

from labs.timeline import Timeline
from proof import attachments, evidence

NODE = "suites/kafka/test_failover.py::test_nothing is lost[kafka-4-leader/kill]"


@pytest.fixture
def attached(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What Allure is given: the text or the path, and the name; of a file the kind and the suffix, too."""
    found: list[tuple[Any, ...]] = []

    class Attach:
        def __call__(self, body: str, name: str, _kind: Any) -> None:
            found.append((body, name))

        def file(self, *of: str) -> None:
            found.append(of)

    monkeypatch.setattr(attachments.allure, "attach", Attach())
    return found


def test_a_case_has_a_folder_by_its_own_name(tmp_path: Path) -> None:
    assert (
        attachments.place(tmp_path, NODE) == tmp_path / "evidence/kafka/test_failover/test_nothing-is-lost-kafka-4-leader-kill"
    )


def test_files_are_kept_where_they_grew_or_copied_there(tmp_path: Path, attached: list[tuple[Any, ...]]) -> None:
    place = tmp_path / "evidence/case"
    other = tmp_path / "other.png"
    other.write_bytes(b"other")
    with evidence.kept(place) as kept:
        assert not place.exists()
        history = evidence.folder() / "history.jsonl"
        history.write_text("a line\n")
        evidence.attach_file("history.jsonl", history, "application/x-ndjson")
        evidence.attach_file("failover.png", b"picture")
        evidence.attach_file("../copied.png", other)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {
        "history.jsonl": b"a line\n", "failover.png": b"picture", "copied.png": b"other",
    }  # fmt: skip
    attachments.attach(kept, Timeline())
    assert attached == [
        (str(history), "history.jsonl", "application/x-ndjson", "jsonl"),
        (str(place / "failover.png"), "failover.png", "image/png", "png"),
        (str(place / "copied.png"), "../copied.png", "image/png", "png"),
    ]


def test_what_an_earlier_attempt_has_left_stays(tmp_path: Path) -> None:
    for number in range(3):
        with evidence.kept(tmp_path / "case"):
            evidence.attach_file("n", str(number).encode())
            evidence.attach_file("m", b"")
    assert [(tmp_path / name / "n").read_text() for name in ("case", "case.2", "case.3")] == ["0", "1", "2"]


def test_without_a_place_files_go_with_the_test() -> None:
    with evidence.kept():
        evidence.attach_file("n", b"n")
        folder = evidence.folder()
        assert (folder / "n").exists()
    assert not folder.exists()


def test_outside_of_a_test_there_is_a_folder_and_nothing_is_attached() -> None:
    evidence.attach_file("n", b"n")
    assert list(evidence.folder().iterdir()) == []
    assert evidence.folder() == evidence.folder()


def test_what_is_too_large_is_said_to_be_kept(
    tmp_path: Path, attached: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "LARGEST", 2**20)
    with evidence.kept(tmp_path / "case") as kept:
        evidence.attach_file("large", b"x" * (2**20 + 1), "text/plain")
        evidence.attach_file("empty", b"", "text/plain")
    attachments.attach(kept, Timeline())
    assert attached == [
        (f"{tmp_path}/case/large: 1.0 MiB, too large to be shown\n", "large"),
        (f"{tmp_path}/case/empty: empty, or gone\n", "empty"),
    ]


def test_texts_are_masked_and_the_middle_of_long_ones_is_left_out(attached: list[tuple[Any, ...]]) -> None:
    with evidence.kept() as kept:
        evidence.attach("short", "password=hidden")
        kept.state["kafka.log"] = "first" + "\n" * (attachments.HEAD + attachments.TAIL) + "password=last"
    recorded = Timeline()
    recorded.note("fault: begins")
    attachments.attach(kept, recorded)
    (short, _), (long, name), (timeline, _) = attached
    assert (short, name) == ("password=******", "kafka.log")
    assert long.startswith("first\n")
    assert long.endswith("\npassword=******")
    assert "\n… 18 signs are left out here …\n" in long
    assert "fault: begins" in timeline

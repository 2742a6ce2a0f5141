"""Folders of labs: locked by the living, removed when dead; who owns one is known for good."""

import os
import subprocess
from pathlib import Path

import pytest

from labs.embedded import state
from labs.errors import LabError


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABPROOF_STATE", str(tmp_path / "state"))
    return state.state_root()


def test_the_root_is_closed_to_others(root: Path) -> None:
    assert root.stat().st_mode & 0o777 == 0o700
    assert (root / "labs").is_dir()


def test_the_root_is_in_the_users_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABPROOF_STATE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    assert state.state_root() == tmp_path / "xdg" / "labproof"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state.state_root() == tmp_path / ".local" / "state" / "labproof"


def test_a_folder_whose_lock_is_held_stays(root: Path) -> None:
    folder = root / "labs" / "lab"
    folder.mkdir()
    lock = state.take(folder)
    assert lock is not None
    assert state.take(folder) is None
    assert not state.remove_if_dead(folder)
    os.close(lock)
    assert state.remove_if_dead(folder)
    assert not folder.exists()


def test_a_folder_that_another_run_has_swept_is_removed(root: Path) -> None:
    assert state.remove_if_dead(root / "labs" / "swept")


def test_what_was_written_is_read(root: Path) -> None:
    folder = root / "labs" / "lab"
    folder.mkdir()
    state.write(folder, {"nodes": {"n1": "192.168.0.101/24"}})
    assert state.read(folder) == {"nodes": {"n1": "192.168.0.101/24"}}
    assert [entry.name for entry in folder.iterdir()] == ["lab.json"]


@pytest.mark.parametrize("text", [None, "", "{"])
def test_no_lab_is_no_lab(root: Path, text: str | None) -> None:
    folder = root / "labs" / "lab"
    folder.mkdir()
    if text is not None:
        (folder / "lab.json").write_text(text)
    with pytest.raises(LabError, match='no lab is called "lab"'):
        state.read(folder)


def test_a_process_is_known_by_its_birth() -> None:
    mine = state.born(os.getpid())
    assert mine is not None
    assert mine == state.born(os.getpid())
    child = subprocess.Popen(["sleep", "60"])
    born = state.born(child.pid)
    assert born is not None
    assert born >= mine
    child.kill()
    child.wait()
    assert state.born(child.pid) is None


def test_only_one_at_a_time_makes_or_sweeps(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "LOCK_LIMIT", 0.1)
    with state.exclusive() as labs:
        assert labs == root / "labs"
        with pytest.raises(LabError, match="another run holds it"), state.exclusive():
            pass

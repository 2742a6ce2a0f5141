"""The results folder: locked, moved aside, never mixed, never somebody else's."""

import os
from pathlib import Path

import pytest

from labs.errors import UsageError
from proof.results import claim
from reports.results_folder import claimed


def _run_was_here(path: Path) -> None:
    claim(path, resume=False).release()
    (path / "plan.json").write_text("{}")
    (path / "verdict.json").write_text("old")


def test_an_absent_folder_is_made(tmp_path: Path) -> None:
    held = claim(tmp_path / "a/b", resume=False)
    assert (tmp_path / "a/b").is_dir()
    held.release()


def test_an_earlier_run_is_moved_aside_whole(tmp_path: Path) -> None:
    _run_was_here(tmp_path / "results")
    claim(tmp_path / "results", resume=False).release()
    assert not (tmp_path / "results/verdict.json").exists()
    [aside] = tmp_path.glob("results.*")
    assert (aside / "verdict.json").read_text() == "old"


def test_two_earlier_runs_of_one_second_do_not_collide(tmp_path: Path) -> None:
    for _ in range(2):
        _run_was_here(tmp_path / "results")
        os.utime(tmp_path / "results/plan.json", (1_000_000_000, 1_000_000_000))
        claim(tmp_path / "results", resume=False).release()
        for left in (tmp_path / "results").iterdir():
            left.unlink()
        (tmp_path / "results").rmdir()
    assert len(list(tmp_path.glob("results.*"))) == 2


def test_a_second_run_is_refused_and_the_first_is_named(tmp_path: Path) -> None:
    held = claim(tmp_path / "results", resume=False)
    with pytest.raises(UsageError, match=rf"in use by the run of pid {os.getpid()}, started .*--results DIR"):
        claim(tmp_path / "results", resume=False)
    held.release()
    claim(tmp_path / "results", resume=False).release()


def test_a_proof_under_way_inside_it_keeps_the_folder_in_place(tmp_path: Path) -> None:
    held = claim(tmp_path / "results/proof", resume=False)
    with pytest.raises(UsageError, match="in use by"):
        claim(tmp_path / "results", resume=False)
    held.release()
    assert (tmp_path / "results/proof").is_dir()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds files that are no run's results"):
        claim(tmp_path, resume=False)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["proof", "plan.json", ".lock", "proof/.lock"])
def test_a_folder_that_only_looks_like_a_runs_is_left_alone(tmp_path: Path, name: str) -> None:
    mine = tmp_path / "mysrc"
    (mine / name).parent.mkdir(parents=True)
    (mine / name).mkdir() if name == "proof" else (mine / name).write_text("mine")
    (mine / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds files that are no run's results"):
        claim(mine, resume=False)
    assert (mine / "thesis.txt").exists()
    assert sorted(tmp_path.iterdir()) == [mine]


def test_a_folder_of_the_users_with_a_proof_inside_is_left_alone(tmp_path: Path) -> None:
    claim(tmp_path / "mysrc/proof", resume=False).release()
    (tmp_path / "mysrc/thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds files that are no run's results"):
        claim(tmp_path / "mysrc", resume=False)


def test_a_folder_with_nothing_but_a_proof_is_a_runs(tmp_path: Path) -> None:
    _run_was_here(tmp_path / "results/proof")
    claim(tmp_path / "results", resume=False).release()
    [aside] = tmp_path.glob("results.*")
    assert (aside / "proof/verdict.json").read_text() == "old"


def test_a_folder_with_a_judgement_beside_a_proof_is_a_runs(tmp_path: Path) -> None:
    _run_was_here(tmp_path / "results/proof")
    with claimed(tmp_path / "results/judged"):
        pass
    claim(tmp_path / "results", resume=False).release()
    [aside] = tmp_path.glob("results.*")
    assert (aside / "judged").is_dir()
    assert (aside / "proof/verdict.json").exists()


def test_passwords_that_a_killed_run_left_go(tmp_path: Path) -> None:
    _run_was_here(tmp_path / "results")
    lab = tmp_path / "results/labs/mine"
    lab.mkdir(parents=True)
    for name in ("tempest.conf", "accounts.yaml", "existing.json"):
        (lab / name).write_text("password: secret")
    claim(tmp_path / "results", resume=False).release()
    [aside] = tmp_path.glob("results.*")
    assert [path.name for path in (aside / "labs/mine").iterdir()] == ["existing.json"]


def test_what_is_moved_aside_keeps_the_name_of_its_run(tmp_path: Path) -> None:
    _run_was_here(tmp_path / "results")
    (tmp_path / "results/.lock").write_text("the run of pid 1, started 2026-11-20")
    claim(tmp_path / "results", resume=False).release()
    [aside] = tmp_path.glob("results.*")
    assert (aside / ".lock").read_text() == "the run of pid 1, started 2026-11-20"


def test_an_empty_folder_of_the_users_is_taken_as_it_is(tmp_path: Path) -> None:
    claim(tmp_path, resume=False).release()
    assert tmp_path.is_dir()


def test_a_run_that_a_full_disk_kept_from_signing_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    claim(tmp_path, resume=False).release()
    assert tmp_path.is_dir()


def test_going_on_needs_a_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run to go on with"):
        claim(tmp_path / "results", resume=True)
    assert not (tmp_path / "results").exists()


def test_going_on_keeps_what_is_there(tmp_path: Path) -> None:
    _run_was_here(tmp_path / "results")
    claim(tmp_path / "results", resume=True).release()
    assert (tmp_path / "results/verdict.json").read_text() == "old"


def test_a_file_in_its_place_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("")
    with pytest.raises(UsageError, match=r"results: .*--results DIR"):
        claim(tmp_path / "results", resume=False)


def test_a_folder_that_cannot_be_made_is_one_line() -> None:
    with pytest.raises(UsageError, match=r"--results DIR"):
        claim(Path("/proc/self/results"), resume=False)

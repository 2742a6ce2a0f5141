"""The plan: how many labs a machine bears, and that it survives its file."""

from pathlib import Path

from proof.plan import Case, Instance, Plan, affordable, available_memory, fold, lab_key
from proof.selection import Judged

PLAN = Plan(
    judged=(Judged("flannel", "legacy", "g.json", "flannel"),),
    guidelines={"g.json": "{}"},
    instances=(Instance("flannel-legacy", "flannel", "legacy", 3),),
    cases=(Case("suites/a.py::t[x]", "suites.a.t", "id", "x", "flannel-legacy", (("flannel", "legacy"),), "killed"),),
    left_out=(Case("suites/a.py::u", "suites.a.u", "id2", "", "", (("flannel", "legacy"),)),),
    absent=("suites.a.gone",),
    faults={"suites.a.t": {"killed": "dead"}},
    proof=True,
    harness="digest",
    software={"flanneld": "0.28.4"},
)


def test_it_is_the_same_after_writing_and_reading(tmp_path: Path) -> None:
    PLAN.dump(tmp_path / "plan.json")
    assert Plan.load(tmp_path / "plan.json") == PLAN


def test_labs_are_bounded_by_memory() -> None:
    assert affordable(3, 500, 24_000, 2) == 21
    assert affordable(3, 500, 1_000, 2) == 1
    assert affordable(3, 10_000, 1_000, 2) == 1


def test_large_labs_are_bounded_by_processors_too() -> None:
    assert affordable(100, 3_000, 24_000, 2) == 1
    assert affordable(30, 900, 24_000, 2) == 2


def test_instances_that_do_not_fit_share_one() -> None:
    assert fold(["a", "b", "a", "c"], 9) == {"a": "a", "b": "b", "c": "c"}
    assert fold(["a", "b", "c"], 2) == {"a": "a", "b": "b", "c": "a"}
    assert fold(["a", "b"], 1) == {"a": "a", "b": "a"}
    assert fold([], 3) == {}


def test_a_labs_name_is_safe_as_a_files() -> None:
    assert lab_key("flannel", "default") == "flannel"
    assert lab_key("flannel", "legacy") == "flannel-legacy"


def test_memory_is_read_from_the_kernel() -> None:
    assert 100 < available_memory() < 10_000_000

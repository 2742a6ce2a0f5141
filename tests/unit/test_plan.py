"""The plan: what stands for what was wanted, and that it survives its file."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from labs.errors import UsageError
from proof.plan import Case, Instance, Plan, fold, lab_key
from proof.planner import digest
from proof.selection import Judged

PLAN = Plan(
    judged=(Judged("flannel", "legacy", "g.json", "flannel", "flannel"),),
    guidelines={"g.json": "{}"},
    instances=(Instance("flannel-legacy", "flannel", "legacy", 3),),
    cases=(Case("suites/a.py::t[x]", "suites.a.t", "id", "x", "flannel-legacy", (("flannel", "legacy"),), "killed"),),
    left_out=(Case("suites/a.py::u", "suites.a.u", "id2", "", "", (("flannel", "legacy"),)),),
    on_request=(Judged("other", "nft", "g.json", "flannel", "flannel"),),
    heavy=(Case("suites/a.py::v", "suites.a.v", "id3", "", "", (("flannel", "legacy"),)),),
    full=True,
    absent={"suites.a.gone": "why"},
    renamed={"tempest.old": "tempest.new"},
    faults={"suites.a.t": {"killed": "dead"}},
    proof=True,
    harness="digest",
    software={"flanneld": "0.28.4"},
    nodes=3,
    defaults=True,
    kept=(
        Instance("leg", "flannel", "legacy", 5, kept="leg", defaults=True),
        Instance("mine", "openstack", "default", 0, file="/l.yaml"),
    ),
    flagged=("suites.a.t",),
    readonly={"flannel": ("suites.a.u",)},
    mends={"suites.a.t": ("restarted",)},
)


def test_it_is_the_same_after_writing_and_reading(tmp_path: Path) -> None:
    PLAN.dump(tmp_path / "plan.json")
    assert Plan.load(tmp_path / "plan.json") == PLAN


def test_nobody_reads_half_of_it(tmp_path: Path) -> None:
    PLAN.dump(tmp_path / "plan.json")
    with (tmp_path / "plan.json").open() as reader:
        replace(PLAN, harness="another").dump(tmp_path / "plan.json")
        assert json.loads(reader.read())["harness"] == "digest"
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", "null", '{"judged": 1}', "\xff", "[" * 100_000])
def test_a_file_that_is_no_plan_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text, encoding="latin-1")
    with pytest.raises(UsageError, match=r"plan\.json: not a plan of this harness; start a new run"):
        Plan.load(tmp_path / "plan.json")


def test_what_is_changed_besides_the_code_changes_the_digest(tmp_path: Path) -> None:
    seen = {digest(tmp_path)}
    for name in ("requirements.lock", "conftest.py", "pyproject.toml", "suites/a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("changed")
        seen.add(digest(tmp_path))
    assert len(seen) == 5
    (tmp_path / "suites/__pycache__").mkdir()
    (tmp_path / "suites/__pycache__/a.pyc").touch()
    assert digest(tmp_path) in seen


def test_instances_that_do_not_fit_share_one() -> None:
    assert fold(["a", "b", "a", "c"], 9) == {"a": "a", "b": "b", "c": "c"}
    assert fold(["a", "b", "c"], 2) == {"a": "a", "b": "b", "c": "a"}
    assert fold(["a", "b", "a", "c", "d"], 2) == {"a": "a", "b": "b", "c": "b", "d": "a"}
    assert fold(["a", "b"], 1) == {"a": "a", "b": "a"}
    assert fold([], 3) == {}


def test_a_labs_name_is_safe_as_a_files() -> None:
    assert lab_key("flannel", "default") == "flannel"
    assert lab_key("flannel", "legacy") == "flannel-legacy"

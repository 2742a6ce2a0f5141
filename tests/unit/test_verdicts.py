"""What a verdict says of the lab that it was found on."""

from dataclasses import replace
from typing import Any

import pytest

from labs.subject import subject
from proof.plan import Instance, Plan
from proof.selection import Judged
from proof.verdicts import judge_all

JUDGED = Judged("p", "default", "g.json", "flannel", "flannel")
GUIDELINE = """{"metadata": {"id": "g", "schema": "2.0"}, "platforms": {"p": {"components": [{"name": "c"}]}},
  "components": {"c": {"capabilities": {"required": ["r"]}}}, "capabilities": {"r": {"tests": {"suites.flannel.t": {}}}}}"""
PLAN = Plan(
    judged=(JUDGED,), guidelines={"g.json": GUIDELINE}, instances=(Instance("flannel", "flannel", "default", 3),), cases=()
)


def lab(plan: Plan) -> dict[str, Any]:
    [verdict] = judge_all(plan, [], {("flannel", "default"): {"flanneld": "0.28.4"}})
    return dict(verdict.lab)


def test_name_kind_size_and_software() -> None:
    assert lab(PLAN) == {"name": "flannel", "kind": "embedded", "nodes": 3, "software": {"flanneld": "0.28.4"}}
    kept = (Instance("mine", "flannel", "default", 5, kept="mine"),)
    assert lab(replace(PLAN, instances=(), kept=kept)) | {"software": {}} == {
        "name": "mine", "kind": "kept", "nodes": 5, "software": {},
    }  # fmt: skip


def test_of_a_tunable_lab_whose_time_outs_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject("flannel"), "tunable", True, raising=False)
    assert lab(PLAN)["settings"] == "tuned"
    assert lab(replace(PLAN, instances=(replace(PLAN.instances[0], defaults=True),)))["settings"] == "defaults"
    assert lab(replace(PLAN, instances=(), defaults=True))["settings"] == "defaults"
    kept = (Instance("mine", "flannel", "default", 5, kept="mine", defaults=True),)
    assert lab(replace(PLAN, instances=(), kept=kept))["settings"] == "defaults"

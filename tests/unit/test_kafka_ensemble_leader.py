"""Who leads an ensemble, by what each of its servers says."""

from typing import Any

import pytest

from labs.errors import LabError
from labs.kafka.ensemble import NOT_SERVING, Server
from suites.kafka import members
from suites.kafka.ensemble import Servers, leader_of, unled_problems

SILENT = ""
"""In the place of a mode: it does not answer."""


@pytest.mark.parametrize(
    ("modes", "leader"),
    [
        (["follower", "leader", "follower"], 2),
        (["follower", "leader", SILENT], 2),
        (["follower", "leader", NOT_SERVING], 2),
        (["standalone"], 1),
        ([NOT_SERVING], None),
        ([SILENT], None),
        (["follower", NOT_SERVING, SILENT], None),
        (["leader", "leader", "follower"], None),
        (["leader", NOT_SERVING, SILENT], None),
        (["leader", SILENT, SILENT], None),
        (["standalone", SILENT, SILENT], None),
        (["standalone", "follower", SILENT], None),
        (["leader", "follower", "standalone"], 1),
        (["follower", "follower", "follower"], None),
    ],
)
def test_whoever_has_no_majority_does_not_lead(modes: list[str], leader: int | None) -> None:
    assert leader_of(told(modes)) == leader


def test_another_leads_when_one_is_gone() -> None:
    assert unled_problems(told(["follower", SILENT, "leader"]), gone=2) == []
    [problem] = unled_problems(told(["leader", SILENT, SILENT]), gone=2)
    assert problem.kind == "no-ensemble-leader"
    assert problem.found == {1: "leader", 2: "timed out", 3: "timed out"}


def test_a_leader_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = [told([NOT_SERVING, "follower", "follower"]), told(["follower", "leader", "follower"])]
    monkeypatch.setattr(members, "ensemble", lambda _: looks.pop(0))
    kafka: Any = "kafka-2.4"
    assert members.ensemble_leader(kafka) == 2


def test_an_ensemble_without_a_leader_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "ensemble", lambda _: told([NOT_SERVING, SILENT, SILENT]))
    monkeypatch.setattr(members, "LED_SECONDS", 0.1)
    kafka: Any = "kafka-2.4"
    with pytest.raises(LabError, match=r"^kafka-2\.4: its ensemble has no leader after \d\.\d s$"):
        members.ensemble_leader(kafka)


def told(modes: list[str]) -> Servers:
    return {number: Server(mode, "3.5.7", 1, 1, None) if mode else "timed out" for number, mode in enumerate(modes, 1)}

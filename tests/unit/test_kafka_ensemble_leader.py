"""Who leads an ensemble, by what each of its servers says."""

from types import SimpleNamespace
from typing import Any

import pytest

from labs.kafka.ensemble import NOT_SERVING, Server
from suites.kafka import members


@pytest.mark.parametrize(
    ("modes", "leader"),
    [
        (["follower", "leader", "follower"], 2),
        (["standalone"], 1),
        ([NOT_SERVING, "follower"], None),
        ([NOT_SERVING], None),
        (["leader", "leader"], None),
        (["leader", NOT_SERVING], 1),
    ],
)
def test_one_without_a_majority_does_not_lead(monkeypatch: pytest.MonkeyPatch, modes: list[str], leader: int | None) -> None:
    told = {number: Server(mode, "3.5.7", 1, 1, None) for number, mode in enumerate(modes, 1)}
    monkeypatch.setattr(members, "ensemble", lambda _: told)
    kafka: Any = SimpleNamespace()
    assert members.ensemble_leader(kafka) == leader

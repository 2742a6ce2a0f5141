"""What becomes of an order in which a daemon does not start, without a lab."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest

from labs.errors import LabError
from labs.forward_policy.arrangement import DOCKER, FLANNEL, OrderFailed
from labs.forward_policy.lab import ForwardPolicyLab
from proof.holds import Unmet
from suites.forward_policy.faults.arranging import started


@dataclass
class Registry:
    """One that answers, or not."""

    well: bool = True

    def answers(self) -> bool:
        return self.well


@dataclass
class Lab:
    """One in which arranging fails."""

    error: LabError
    registry: Registry = field(default_factory=Registry)
    alive: bool = True

    def arrange(self, order: Sequence[str]) -> None:  # noqa: ARG002 - as the lab has it
        raise self.error


def begun(lab: Lab) -> None:
    with started(cast(ForwardPolicyLab, lab), (FLANNEL, DOCKER)):
        pass


def test_a_daemon_that_an_order_keeps_from_starting_fails_the_requirement() -> None:
    with pytest.raises(Unmet) as failed:
        begun(Lab(OrderFailed("dockerd of n1: it does not start")))
    [problem] = failed.value.problems
    assert (problem.kind, problem.where) == ("daemon-not-started", "flannel, docker")
    assert str(problem.found) == "dockerd of n1: it does not start"


@pytest.mark.parametrize(
    "lab",
    [Lab(LabError("no power")), Lab(OrderFailed("…"), alive=False), Lab(OrderFailed("…"), Registry(well=False))],
    ids=["no daemon", "dead", "without etcd"],
)
def test_a_lab_that_is_not_well_is_the_labs_fault(lab: Lab) -> None:
    with pytest.raises(LabError):
        begun(lab)

"""The rest of who may fail, and how: leader, follower, controller, each by all that stops a broker or cuts it off."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import pytest

from labs.faults import killed, link_down, one_way, paused, powered_off, stopped
from labs.kafka.broker import Member
from labs.kafka.lab import KafkaLab
from proof.holds import holds
from proof.requirement import full, instance, proven_by, requirement
from suites.kafka.faults.failover import all_in_sync_demanded, others_apart
from suites.kafka.roles import bystander, controller
from suites.kafka.trial import Blow, failover

WAYS: dict[str, Callable[[KafkaLab, Member], AbstractContextManager[None]]] = {
    "kill": lambda _, member: killed(member.daemon),
    "stop": lambda _, member: stopped(member.daemon),
    "pause": lambda _, member: paused(member.daemon),
    "power-off": lambda kafka, member: powered_off(next(node for node in kafka.nodes if node.name == member.name)),
    "link-cut": lambda _, member: link_down(member.node),
    "not-heard": lambda _, member: one_way(member.node, direction="in"),
    "deaf": lambda _, member: one_way(member.node, direction="out"),
}
"""SIGKILL, SIGTERM, SIGSTOP, the node's power, its private link, and either way of that alone."""


def but(*required: str) -> Sequence[str]:
    """The ways that are no tests of their own in `test_failover`."""
    return [way for way in WAYS if way not in required]


@requirement("ad95c3c3-6f29-4b4b-8a70-92d0f3a13822")
@proven_by(all_in_sync_demanded, kind="outage-too-long")
@instance("failover-2")
@full
@pytest.mark.parametrize("way", but("kill", "pause", "link-cut"))
def test_a_leader_that_fails_however_is_succeeded_without_loss(kafka: KafkaLab, way: str) -> None:
    """Failover: every other way in which the leader of a partition fails."""
    leader = bystander(kafka)
    holds(failover(kafka, Blow(f"leader {leader.id}: {way}", leader, WAYS[way](kafka, leader))))


@requirement("01642f9a-abee-4c34-9e08-8d56e13b0b47")
@proven_by(all_in_sync_demanded, kind="outage-too-long")
@instance("failover")
@full
@pytest.mark.parametrize("way", but("kill"))
def test_a_follower_that_fails_however_leaves_the_isr_and_comes_back(kafka: KafkaLab, way: str) -> None:
    """Failover: every other way in which a broker fails that leads no partition."""
    follower = bystander(kafka)
    holds(failover(kafka, Blow(f"follower {follower.id}: {way}", follower, WAYS[way](kafka, follower), leads=False)))


@requirement("70b6c23b-f0fa-4f28-a363-56ff423ea994")
@proven_by(others_apart, kind="no-new-controller")
@instance("failover-2")
@full
@pytest.mark.parametrize("way", but("kill"))
def test_a_controller_that_fails_however_is_succeeded_without_loss(kafka: KafkaLab, way: str) -> None:
    """Failover: every other way in which the controller fails."""
    active = controller(kafka)
    holds(failover(kafka, Blow(f"controller {active.id}: {way}", active, WAYS[way](kafka, active), controls=True)))

"""The rest of who may fail, and how: leader, follower, controller, each by all that stops a broker or cuts it off."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import product

import pytest

from labs.faults import killed, link_down, one_way, paused, powered_off, stopped
from labs.kafka.broker import Member
from labs.kafka.lab import KafkaLab
from proof.holds import holds
from proof.requirement import full, instance, proven_by, requirement
from suites.kafka.faults.failover import all_in_sync_demanded
from suites.kafka.roles import bystander, controller
from suites.kafka.trial import Blow, failover

WAYS: dict[str, Callable[[KafkaLab, Member], AbstractContextManager[None]]] = {
    "kill": lambda _, member: killed(member.daemon),
    "stop": lambda _, member: stopped(member.daemon),
    "pause": lambda _, member: paused(member.daemon),
    "power-off": lambda kafka, member: powered_off(next(node for node in kafka.nodes if node.name == member.name)),
    "link-cut": lambda _, member: link_down(member.node),
    "not-heard": lambda _, member: one_way(member.node, direction="in"),
}
"""SIGKILL, SIGTERM, SIGSTOP, the node's power, its private link, and one way of that: it hears, and nobody hears it."""
ROLES = ("leader", "follower", "controller")
REQUIRED = {("leader", "kill"), ("leader", "pause"), ("leader", "link-cut"), ("follower", "kill"), ("controller", "kill")}
"""Tests of their own, in `test_failover`."""
REST = [case for case in product(ROLES, WAYS) if case not in REQUIRED]


@requirement("ad95c3c3-6f29-4b4b-8a70-92d0f3a13822")
@proven_by(all_in_sync_demanded, kind="outage-too-long")
@instance("failover-2")
@full
@pytest.mark.parametrize(("role", "way"), REST, ids=map("-".join, REST))
def test_whoever_fails_however_nothing_is_lost(kafka: KafkaLab, role: str, way: str) -> None:
    """Failover: every other way in which a leader, a follower or the controller fails."""
    victim = controller(kafka) if role == "controller" else bystander(kafka)
    holds(failover(kafka, Blow(f"{role} {victim.id}: {way}", victim, WAYS[way](kafka, victim), leads=role != "follower")))

"""What becomes of Kafka when ZooKeepers die, or are restarted one after the other."""

import pytest

from labs.errors import LabError
from labs.faults import killed
from labs.kafka.lab import KafkaLab
from labs.problem import Problem
from labs.wait import watch
from proof.holds import coming_back, holds
from proof.requirement import instance, proven_by, requirement
from suites.kafka.ensemble import gone_problems
from suites.kafka.faults.members import another_zookeeper_paused, one_zookeeper_known
from suites.kafka.members import ensemble_well
from suites.kafka.roles import KNOWN_SECONDS, ensemble_leader
from suites.kafka.rolling import course, restarted

STILL = 1.0
"""Seconds of load while a ZooKeeper is gone and all goes on."""


@requirement("e94c8ce0-093c-4c4f-9780-489779839701")
@proven_by(another_zookeeper_paused, kind="no-ensemble-leader")
@proven_by(one_zookeeper_known, kind="broker-gone")
@pytest.mark.parametrize("who", ["follower", "leader"])
@instance("restart")
def test_brokers_stay_registered_when_a_zookeeper_dies(kafka: KafkaLab, who: str) -> None:
    """Ensemble: a follower or its leader killed under load; another leads, no broker is missed, no acknowledged record lost."""
    leader = led(kafka)
    victim = next(each for each in kafka.zookeepers.values() if (each.id == leader) == (who == "leader"))
    with course(kafka) as run:
        with coming_back(run.found), killed(victim.daemon):
            run.wait(lambda: unled(kafka, victim.id), run.limits.succession, f"without {victim}")
            run.load.more(max(STILL, kafka.timing.session + STILL))
        run.wait(lambda: [*run.in_sync(), *ensemble_well(kafka)], run.limits.rejoin, f"with {victim}")
        found = gone_problems(run.seen.memberships, kafka.brokers, run.begun)
        holds([*found, *run.judged(f"the ensemble's {who} killed")])


@requirement("97ecd89a-89e8-40c0-a353-35e1f25cd36a")
@proven_by(another_zookeeper_paused, kind="no-ensemble-leader")
@instance("restart")
def test_the_ensemble_restarted_one_by_one_fails_no_write(kafka: KafkaLab) -> None:
    """Restart: each ZooKeeper in turn, its leader last, under load; another leads meanwhile, and no write fails."""
    leader = led(kafka)
    order = sorted(kafka.zookeepers.values(), key=lambda each: each.id == leader)
    with course(kafka) as run:
        for each in order:
            restarted(run, each, lambda gone=each.id: unled(kafka, gone), lambda: ensemble_well(kafka))  # type: ignore[misc]
        holds(run.judged("the ensemble restarted one by one"))


def led(kafka: KafkaLab) -> int:
    """By which one; LabError where none says so for a while."""
    waited = watch(lambda: ensemble_leader(kafka), lambda leader: leader is not None, within=KNOWN_SECONDS)
    if waited.last is None:
        raise LabError(f"{kafka}: its ensemble has no leader after {waited.seconds:.1f} s")
    return waited.last


def unled(kafka: KafkaLab, gone: int) -> list[Problem]:
    """Whether one of those that are left leads."""
    found = ensemble_leader(kafka)
    if found in (None, gone):
        return [Problem("no-ensemble-leader", "the ensemble", f"a leader other than {gone}", found or "none")]
    return []

"""What becomes of Kafka when ZooKeepers die, or are restarted one after the other."""

import pytest

from labs.faults import killed
from labs.kafka.lab import KafkaLab
from proof.holds import coming_back, holds
from proof.requirement import instance, proven_by, requirement
from suites.kafka.ensemble import gone_problems, unled_problems
from suites.kafka.faults.members import another_zookeeper_paused, one_zookeeper_known
from suites.kafka.members import ensemble, ensemble_leader, ensemble_well
from suites.kafka.rolling import course, restarted

STILL = 1.0
"""Seconds of load beyond a session's time while a ZooKeeper is gone and all goes on."""


@requirement("e94c8ce0-093c-4c4f-9780-489779839701")
@proven_by(another_zookeeper_paused, kind="no-ensemble-leader")
@proven_by(one_zookeeper_known, kind="broker-gone")
@pytest.mark.parametrize("who", ["follower", "leader"])
@instance("restart")
def test_brokers_stay_registered_when_a_zookeeper_dies(kafka: KafkaLab, who: str) -> None:
    """Ensemble: a follower or its leader killed under load; another leads, no broker is missed, no acknowledged record lost."""
    leader = ensemble_leader(kafka)
    victim = next(each for each in kafka.zookeepers.values() if (each.id == leader) == (who == "leader"))
    with course(kafka) as run:
        with coming_back(run.found), killed(victim.daemon):
            run.wait(lambda: unled_problems(ensemble(kafka), victim.id), run.limits.succession, f"without {victim}")
            run.load.more(kafka.timing.session + STILL)
        run.wait(lambda: [*run.in_sync(), *ensemble_well(kafka)], run.limits.rejoin, f"with {victim}")
        found = gone_problems(run.seen.memberships, kafka.brokers, run.begun)
        holds([*found, *run.judged(f"the ensemble's {who} killed")])


@requirement("97ecd89a-89e8-40c0-a353-35e1f25cd36a")
@proven_by(another_zookeeper_paused, kind="no-ensemble-leader")
@instance("restart")
def test_the_ensemble_restarted_one_by_one_fails_no_write(kafka: KafkaLab) -> None:
    """Restart: each ZooKeeper in turn, its leader last, under load; another leads meanwhile, and no write fails."""
    leader = ensemble_leader(kafka)
    order = sorted(kafka.zookeepers.values(), key=lambda each: each.id == leader)
    with course(kafka) as run:
        for each in order:
            restarted(run, each, lambda gone=each.id: unled_problems(ensemble(kafka), gone), lambda: ensemble_well(kafka))  # type: ignore[misc]
        holds(run.judged("the ensemble restarted one by one"))

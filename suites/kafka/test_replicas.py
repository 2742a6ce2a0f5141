"""Replicas, by the segment files on their brokers' disks."""

import time
from contextlib import closing

from labs.errors import LabError
from labs.faults import paused, stopped
from labs.kafka.lab import KafkaLab
from labs.kafka.segments import replica_log
from labs.wait import watch
from proof.holds import eventually, holds
from proof.requirement import instance, proven_by, requirement
from suites.kafka.faults.replication import follower_starved, followers_starved, impatient_leaders
from suites.kafka.faults.segments import byte_flipped, epoch_forged, segment_cut
from suites.kafka.faults.throttling import replication_throttled
from suites.kafka.replicas import Look, hidden, lacking, visibility_problems
from suites.kafka.replication import Sent, refusals
from suites.kafka.roles import assignment, bystander
from suites.kafka.segment_files import audit, copied, of_the_lab
from suites.kafka.trial import declared_limits
from suites.kafka.visible import Viewer, viewer
from suites.kafka.writing import offsets, send, write

SOON = 5.0
FEW = 3
"""Looks in time, of which none is answered, show that the machine is slow, and nothing of Kafka."""
"""Seconds, on a busy machine, for a record to come to every replica in sync."""
HELD = 0.6
"""Of the time after which a silent replica is given up; a heartbeat or a fetch before its silence, that time began."""
LONG_ENOUGH = 2.0
"""Seconds: a record that can be read too early can be read at once."""


@requirement("54f10181-cd7d-40c5-a47f-614eb3000d26")
@proven_by(byte_flipped, kind="wrong-checksum")
@proven_by(epoch_forged, kind="replicas-differ")
@proven_by(segment_cut, kind="records-missing")
@proven_by(followers_starved, kind="records-missing")
def test_every_record_is_on_every_replica(kafka: KafkaLab) -> None:
    """Replicas: each acknowledged record is in all replicas' segments, at the same offset, with the checksum of its content."""
    layout = assignment(kafka.brokers)
    with kafka.cluster.topic("replicas", assignment=layout) as topic:
        sent = write(kafka, topic, len(layout))
        holds(refusals(sent))
        everything = {**dict.fromkeys(of_the_lab(kafka), ()), **offsets(sent)}
        copied(kafka, offsets(sent), within=declared_limits(kafka).rejoin)
        holds(audit(kafka, everything))


@requirement("a2ec20e6-ed52-4386-bcdb-69e4e0e7eb24")
@proven_by(impatient_leaders, kind="visible-too-early")
@instance("storage")
def test_a_record_is_not_visible_before_it_is_committed(kafka: KafkaLab) -> None:
    """Replicas: a record that a leader has, and a silent replica in sync has not, cannot be read; it can when that is back."""
    silent = bystander(kafka)
    order = [*(broker for broker in kafka.brokers if broker != silent.id), silent.id]
    with (
        kafka.cluster.topic("visible", assignment={0: order}) as topic,
        viewer(kafka, (topic, 0)) as seen,
        closing(kafka.clients.producer(kafka.outside, acks=1)) as producer,
    ):
        first = told(send(producer, (topic, 0), "first"))
        eventually(lambda: hidden(topic, first, seen.look(0.0)), within=SOON)
        with paused(silent.daemon):
            since = time.monotonic()
            offset = told(send(producer, (topic, 0), "second"))
            looks = looked(seen, since, offset, hold(kafka))
            leader = replica_log(kafka.brokers[order[0]].replica(topic, 0))
        holds([*lacking(topic, leader, offset), *visibility_problems(topic, offset, looks, hold(kafka))])
        eventually(lambda: hidden(topic, offset, seen.look(since)), within=kafka.timing.lag + SOON)


def told(sent: Sent) -> int:
    """Its offset."""
    holds(refusals([sent]))
    assert sent.offset is not None
    return sent.offset


def hold(kafka: KafkaLab) -> float:
    """Seconds for which a replica that has gone silent counts as in sync; its last word is a little older than its silence."""
    return HELD * min(kafka.timing.session, kafka.timing.lag)


def looked(seen: Viewer, since: float, offset: int, within: float) -> list[Look]:
    """All that was seen until a record shows, or so many seconds after `since`; LabError when the machine is too slow."""
    looks: list[Look] = []

    def look() -> Look:
        looks.append(seen.look(since))
        return looks[-1]

    watch(look, lambda last: last.shows(offset), within=since + min(within, LONG_ENOUGH) - time.monotonic())
    timely = [each for each in looks if each.ended < within]
    if len(timely) < FEW and not any(each.answered for each in timely):
        raise LabError(
            f"the first look ended {looks[0].ended:.2f} s after a broker was paused, and {within:.2f} s are too late"
        )
    return looks


@requirement("d0123ab4-8c15-433d-8030-e79239dae704")
@proven_by(follower_starved, kind="records-missing")
@proven_by(replication_throttled, kind="records-missing")
@instance("storage")
def test_a_restarted_follower_catches_up(kafka: KafkaLab) -> None:
    """Replicas: a follower that was down while records were written has them all soon after its start, as its leader has."""
    follower = bystander(kafka)
    led_by_others = assignment(kafka.brokers, but=follower.id)
    with kafka.cluster.topic("catch-up", assignment=led_by_others) as topic:
        sent = write(kafka, topic, len(led_by_others))
        with stopped(follower.daemon):
            sent += write(kafka, topic, len(led_by_others), "later")
        holds(refusals(sent))
        copied(kafka, offsets(sent), within=declared_limits(kafka).rejoin)
        holds(audit(kafka, offsets(sent)))

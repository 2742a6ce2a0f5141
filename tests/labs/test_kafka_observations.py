"""What is observed of real clusters, with KRaft and with ZooKeeper: views, segments, TLS, settings, log directories, groups."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

from labs.errors import LabError
from labs.faults import killed, paused, stopped
from labs.kafka import log_dirs
from labs.kafka.addresses import CLIENT, PLAIN, TLS, public
from labs.kafka.addresses import ZOOKEEPER as ZOOKEEPER_PORT
from labs.kafka.broker import Broker
from labs.kafka.checkpoints import high_watermarks, leader_epochs
from labs.kafka.configs import broker_settings, topic_settings
from labs.kafka.dump import dump
from labs.kafka.ensemble import servers, word
from labs.kafka.groups import coordinator, group
from labs.kafka.lab import KafkaLab
from labs.kafka.quorum import features, quorum, registered
from labs.kafka.reach import OPEN, port_state, why, whys
from labs.kafka.segments import ReplicaLog, records, replica_log
from labs.kafka.tls import handshake, versions
from labs.kafka.views import View, everywhere, first, full_isr, isr_without, leaders, led_by_another, lost
from labs.kafka.watching import watched
from labs.kafka.znodes import znodes
from labs.wait import until, watch

RECORDS = 40
SILENT = 3.0
"""Seconds without an answer that a busy machine is no reason for."""
PREFERRED = 2
"""Leads the topic's first partition, once it is in sync for a while: a test before may have stopped it."""


@pytest.fixture(scope="module", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("observed")
    os.environ["LABPROOF_STATE"] = str(folder / "state")
    yield folder
    del os.environ["LABPROOF_STATE"]


@pytest.fixture(scope="module", params=["4", "2.4-single"])
def lab(state: Path, request: pytest.FixtureRequest) -> Iterator[KafkaLab]:
    name = f"observed-{request.param}-{os.getpid()}"
    lab = KafkaLab.up(name, variant=request.param, nodes=3, logs=state / "logs", owner=os.getpid(), progress=print)
    yield lab
    lab.down()


@pytest.fixture(scope="module")
def topic(lab: KafkaLab) -> Iterator[str]:
    """Two partitions, the first led by PREFERRED; it has records in its first."""
    with lab.cluster.topic("observed", assignment={0: (PREFERRED, 3, 1), 1: (3, 1, 2)}) as topic:
        write(lab, topic, "early")
        yield topic


def write(lab: KafkaLab, topic: str, name: str) -> None:
    """One record a batch, each acknowledged by all."""
    with KafkaProducer(**lab.outside.settings(), acks="all") as producer:
        for number in range(RECORDS):
            producer.send(topic, b"%s %d" % (name.encode(), number), partition=0).get(30)


def logs(lab: KafkaLab, topic: str) -> dict[int, ReplicaLog]:
    return {number: replica_log(broker.replica(topic, 0)) for number, broker in lab.brokers.items()}


# --- replicas


def test_replicas_have_equal_batches_and_right_checksums(lab: KafkaLab, topic: str) -> None:
    found = watch(lambda: logs(lab, topic), lambda found: {log.end for log in found.values()} == {RECORDS}, within=10).last
    one, *others = found.values()
    assert all(other.batches == one.batches for other in others)
    assert sum(batch.records for batch in one.batches) == RECORDS
    assert all(batch.sound and batch.producer >= 0 for batch in one.batches)
    assert [batch.sequence for batch in one.batches] == [batch.base for batch in one.batches]
    assert dict(one.torn) == {}
    values = [record.value for batch in one.batches for record in records(one.path, batch)]
    assert values == [b"early %d" % number for number in range(RECORDS)]
    assert "value b'early 7'" in dump(one.path, 7)


def test_a_clean_end_writes_the_high_watermark(lab: KafkaLab, topic: str) -> None:
    broker = lab.brokers[leader(lab, topic)]  # a follower learns of it one fetch later
    with stopped(broker.daemon):
        assert high_watermarks(broker.data)[topic, 0] == RECORDS
        epochs = written(broker, topic)
        assert epochs
        for other in lab.brokers.values():
            assert written(other, topic)[: len(epochs)] == epochs
    whole_again(lab, topic)


def written(broker: Broker, topic: str) -> list[tuple[int, int]]:
    """Epochs in which there are records; another may have begun since."""
    return [(epoch, start) for epoch, start in leader_epochs(broker.replica(topic, 0)) if start < RECORDS]


def test_a_torn_tail_is_seen_and_mended_by_a_start(lab: KafkaLab, topic: str) -> None:
    broker = lab.brokers[1]
    with killed(broker.daemon):
        log = replica_log(broker.replica(topic, 0))
        segment = log.path / log.batches[-1].segment
        os.truncate(segment, segment.stat().st_size - 5)
        torn = replica_log(log.path)
        assert (torn.end, dict(torn.torn)) == (log.end - 1, {segment.name: log.batches[-1].size - 5})
    whole_again(lab, topic)
    assert watch(lambda: replica_log(log.path).end, lambda end: end == log.end, within=10).met
    assert not replica_log(log.path).torn


def whole_again(lab: KafkaLab, topic: str) -> None:
    until(lambda: not lab.problems() and not lab.cluster.unready(topic), within=60, what="full ISR everywhere")


# --- views


def test_a_failover_is_watched(lab: KafkaLab, topic: str) -> None:
    place, old, others = (topic, 0), PREFERRED, (1, 2, 3)
    until(lambda: leader(lab, topic) == old, within=2 * lab.timing.imbalance + 5, what="the preferred leader")
    with watched(lab.outside.dial, lab.cluster.doors, topic) as seen:
        until(lambda: len(seen.views) >= 6, within=10, what="first views of both partitions")
        began = time.monotonic()
        with killed(lab.brokers[old].daemon):
            await_view(lambda: first(seen.views, place, led_by_another(old), began), lab.timing.leaderless + 10)
            await_view(lambda: lost(seen.memberships, old, began), lab.timing.leaderless + 10)
        healed = time.monotonic()
        whole_again(lab, topic)
        await_view(lambda: everywhere(seen.views, place, full_isr, healed, others), 10)
    views = seen.views
    new, shrunk = first(views, place, led_by_another(old), began), first(views, place, isr_without(old), began)
    assert new is not None
    assert 0 < new < lab.timing.leaderless + 5
    assert shrunk is not None
    assert abs(new - shrunk) < 1
    assert all(len(each) == 1 for each in leaders(views, place).values())
    assert len(leaders(views, place)) >= 2
    assert {view.trouble != "" for view in views if view.broker == old} == {True, False}


def test_a_paused_broker_is_silent_from_when_it_was_paused(lab: KafkaLab, topic: str) -> None:
    other = next(number for number in lab.brokers if number != leader(lab, topic))
    with watched(lab.inside.dial, lab.within.doors, topic, silent=SILENT) as seen:
        until(lambda: len(seen.views) >= 6, within=10, what="first views of both partitions")
        began = time.monotonic()
        with paused(lab.brokers[other].daemon):
            silent = watch(lambda: of_silence(seen.views, other, began - SILENT), bool, within=SILENT + 10).last
    assert abs(silent[0].at - began) < SILENT / 2  # it is known that much later
    whole_again(lab, topic)


def of_silence(views: Sequence[View], broker: int, since: float) -> list[View]:
    return [view for view in views if view.trouble and view.broker == broker and view.at > since]


def leader(lab: KafkaLab, topic: str) -> int:
    return lab.cluster.ask(3, [topic], within=10).topics[topic].partitions[0].leader


def await_view(look: Callable[[], float | None], within: float) -> None:
    until(lambda: look() is not None, within=within, what="a view")


# --- TLS and reach


def test_who_is_refused_by_whom_and_why(lab: KafkaLab) -> None:
    way, host = lab.outside, lab.brokers[1].public
    good = handshake(way, host, TLS)
    assert (good.accepted, good.version) == (True, "TLSv1.3" if lab.kraft else "TLSv1.2")
    assert good.shown is not None
    assert host in good.shown.names
    files = lab.files
    found = {
        name: (made.by, made.reason)
        for name, tls in (
            ("nobody", files.nobody),
            ("foreign", files.foreign),
            ("expired", files.expired),
            ("other", files.suspicious),
        )
        for made in [handshake(way.using(tls), host, TLS)]
    }
    assert found == {
        "nobody": ("broker", "bad_certificate"),
        "foreign": ("broker", "certificate_unknown"),
        "expired": ("broker", "certificate_unknown"),
        "other": ("client", "unknown-ca"),
    }


def test_each_version_of_tls_is_spoken_or_refused(lab: KafkaLab) -> None:
    found = versions(lab.outside, lab.brokers[1].public, TLS)
    spoken = {"TLSv1.3"} if lab.kraft else {"TLSv1.2"}
    assert {version for version, made in found.items() if made.accepted} == spoken
    assert {made.reason for made in found.values() if not made.accepted} == {"protocol_version"}


def test_why_a_client_cannot_is_one_line(lab: KafkaLab) -> None:
    outer, inner = lab.brokers[1].public, lab.brokers[1].private
    assert whys(lab.outside) == whys(lab.inside) == ""
    assert port_state(lab.outside, outer, TLS) == port_state(lab.inside, inner, PLAIN) == OPEN
    assert port_state(lab.outside, outer, PLAIN) == "refused"
    assert port_state(lab.outside, inner, PLAIN) in ("unreachable", "timeout")
    assert "the client does not" in str(why(lab.outside.using(None), outer, TLS))
    assert "without TLS" in str(why(lab.inside.using(lab.files.client), inner, PLAIN))
    assert "no certificate" in str(why(lab.outside.using(lab.files.nobody), outer, TLS))
    with paused(lab.brokers[3].daemon):
        assert "answer" in str(why(lab.outside, lab.brokers[3].public, TLS, within=0.5))
    until(lambda: not lab.problems(), within=60, what="a lab without problems")


def test_a_client_that_no_broker_lets_in_names_the_alert(lab: KafkaLab) -> None:
    with pytest.raises(KafkaError, match=r"TLS alert certificate_unknown \(it was shown 'client'"):
        lab.clients.producer(lab.outside.using(lab.files.foreign))
    uncertified = replace(lab.cluster, way=lab.outside.using(lab.files.nobody))
    with pytest.raises(LabError, match="TLS alert bad_certificate"), uncertified.admin():
        pass


# --- what an administrator is told


def test_settings_in_force_are_those_declared(lab: KafkaLab, topic: str) -> None:
    with lab.cluster.admin() as admin:
        found, of_topic = broker_settings(admin, lab.brokers), topic_settings(admin, [topic])[topic]
    for number, settings in found.items():
        for name in ("num.io.threads", "min.insync.replicas", "default.replication.factor", "log.dirs"):
            assert settings[name].value == lab.declared[number][name], name
        assert not settings["num.io.threads"].is_default
    assert of_topic["min.insync.replicas"].value == "2"


def test_log_directories_are_in_order(lab: KafkaLab, topic: str) -> None:
    with lab.cluster.admin() as admin:
        found = log_dirs.log_dirs(admin, lab.brokers)
    for number, (only,) in found.items():
        assert (only.path, only.error) == (str(lab.brokers[number].data), "")
        assert only.replicas[topic, 0].size > 0
        assert only.replicas[topic, 1].size == 0


def test_a_group_and_its_coordinator(lab: KafkaLab, topic: str) -> None:
    settings = lab.outside.settings() | {"group_id": f"{lab.cluster.prefix}group", "auto_offset_reset": "earliest"}
    consumer = KafkaConsumer(topic, enable_auto_commit=False, **settings)
    try:
        until(lambda: bool(consumer.poll(500)), within=30, what="a record")
        consumer.commit()
        with lab.cluster.admin() as admin:
            found = group(admin, settings["group_id"])
    finally:
        consumer.close()
    assert (found.state, len(found.members), found.members[0].host) == ("Stable", 1, public(CLIENT))
    assert set(found.reads) == {(topic, 0), (topic, 1)}
    assert found.committed[topic, 0] > 0
    told = set()
    for door in lab.cluster.doors.values():
        with lab.outside.dial(*door, 2.0) as sock:
            told.add(coordinator(sock, settings["group_id"]))
    assert len(told) == 1
    assert told <= set(lab.brokers)


def test_who_keeps_the_metadata(lab: KafkaLab, topic: str) -> None:
    with lab.cluster.admin() as admin:
        found, brokers, final = quorum(admin), registered(admin), features(admin)
    assert [broker.id for broker in brokers] == [1, 2, 3]
    if lab.kraft:
        assert found is not None
        assert set(found.voters) == set(lab.controllers)
        assert found.leader in found.voters
        assert all(member.lag < 100 for member in found.voters.values())
        assert [broker.fenced for broker in brokers] == [False] * 3
        assert final["metadata.version"] > 0
    else:
        assert found is None
        in_zookeeper(lab, topic)


def in_zookeeper(lab: KafkaLab, topic: str) -> None:
    places = {number: (each.address, ZOOKEEPER_PORT) for number, each in lab.zookeepers.items()}
    assert [told.mode for told in servers(lab.inside.connect, places).values() if not isinstance(told, str)] == ["standalone"]
    (place,) = places.values()
    assert word(lab.inside.connect, *place, "ruok") == "imok"
    with znodes(lab.inside.connect, *place) as session:
        assert session.brokers() == (1, 2, 3)
        assert session.controller() == lab.within.ask(1).controller
        state, seen = session.partition(topic, 0), lab.within.ask(1, [topic]).topics[topic].partitions[0]
    assert state is not None
    assert (state.leader, state.epoch, state.isr) == (seen.leader, seen.epoch, seen.isr)

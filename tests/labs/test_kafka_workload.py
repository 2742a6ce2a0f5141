"""Load on a real Kafka lab, its history, and what the judge makes of it: of a healthy one, and of one that loses records."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from labs.errors import LabError
from labs.kafka.history import Recorder, load
from labs.kafka.lab import KafkaLab
from labs.kafka.operations import End, Header, History, Transaction
from labs.kafka.reader import read_all
from labs.kafka.workload import Workload
from labs.kafka.writer import Writer
from labs.wait import until, watch
from suites.kafka.accounting import account, balance, outage
from suites.kafka.faults.clients import client_settings

PARTITIONS = 3
ASSIGNMENT = {0: [1, 2, 3], 1: [2, 3, 1], 2: [3, 1, 2]}


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaLab]:
    logs = tmp_path_factory.mktemp("logs")
    lab = KafkaLab.up(f"kafka-load-{os.getpid()}", variant="4", nodes=3, logs=logs, owner=os.getpid(), progress=print)
    try:
        yield lab
    finally:
        lab.down()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history"


def test_a_healthy_cluster_keeps_its_guarantee(kafka: KafkaLab, file: Path) -> None:
    with (
        kafka.cluster.topic("healthy", assignment=ASSIGNMENT) as topic,
        Workload(
            kafka.clients, kafka.outside, topic, PARTITIONS, file, writers=2, readers=2, versions=kafka.software
        ) as traffic,
    ):
        traffic.flows(within=60, records=100)
        for writer in traffic.writers:
            writer.stop()
        until(lambda: not any(writer.pending for writer in traffic.writers), within=30, what="the outcome of all records")
        until(lambda: read(traffic) == 2 * traffic.acknowledged.total(), within=30, what="both readers' last records")
        history = traffic.end()
    found = balance(history)
    assert found.problems == found.allowed == []
    assert found.counts["acknowledged"] == found.counts["in the log"] == traffic.acknowledged.total() > 300
    assert found.counts["records read"] == 3 * found.counts["acknowledged"]
    assert not traffic.errors
    assert history.header.versions["kafka"] == kafka.version
    assert 0 < outage(history).ms < 60_000


def read(traffic: Workload) -> int:
    return sum(reader.read for reader in traffic.readers)


def test_the_private_network_is_a_way_too(kafka: KafkaLab, file: Path) -> None:
    with (
        kafka.within.topic("inside", PARTITIONS) as topic,
        Workload(kafka.clients, kafka.inside, topic, PARTITIONS, file, rate=100) as traffic,
    ):
        traffic.flows(within=20)
        assert account(traffic.end()) == []


def test_a_workload_that_is_left_without_an_end_lets_go_of_everything(kafka: KafkaLab, file: Path) -> None:
    with kafka.cluster.topic("left", PARTITIONS) as topic:
        traffic = Workload(kafka.clients, kafka.outside, topic, PARTITIONS, file)
        with traffic:
            traffic.flows(within=20)
        assert {problem.kind for problem in account(traffic.history)} <= {"unseen-tail"}
        assert not any(reader.alive for reader in traffic.readers)


def test_no_broker_is_the_labs_fault(kafka: KafkaLab, file: Path) -> None:
    nowhere = kafka.outside.through("192.168.200.99:9093")
    with pytest.raises(LabError, match="no client can be made for outside"), Workload(kafka.clients, nowhere, "t", 1, file):
        pass


def lost_by(kafka: KafkaLab, file: Path) -> History:
    """Followers that are paused, a leader that dies with what only it has, and followers that go on."""
    leader, *followers = (kafka.brokers[each].daemon for each in (1, 2, 3))
    with (
        kafka.within.topic("unsafe", assignment={0: [1, 2, 3]}) as topic,
        Workload(kafka.clients, kafka.outside, topic, 1, file, rate=300, readers=0) as traffic,
    ):
        traffic.flows(within=20, records=20)
        for each in followers:
            each.pause()
        before = traffic.acknowledged.total()
        watch(lambda: traffic.acknowledged.total() - before, lambda more: more > 60, within=1.0)  # they are in sync for 2 s
        leader.kill()
        for each in followers:
            each.resume()
        ask = partial(kafka.within.ask, 2, [topic], within=10)
        until(lambda: ask().topics[topic].partitions[0].leader in (2, 3), within=30, what="a new leader")
        traffic.flows(within=30, records=20)
        leader.start()
        return traffic.end()


def test_records_are_lost_where_only_the_leader_acknowledges_them(kafka: KafkaLab, file: Path) -> None:
    """acks=1 in the data path; the judge goes by acks=all, which is declared."""
    with client_settings(kafka, producer={"acks": 1}):
        found = balance(lost_by(kafka, file))
    kafka.settle()
    assert "lost-acknowledged" in {problem.kind for problem in found.problems}
    assert found.found["lost-acknowledged"] > 20


def test_and_none_where_all_in_sync_do(kafka: KafkaLab, file: Path) -> None:
    found = balance(lost_by(kafka, file))
    kafka.settle()
    assert found.problems == []


def test_transactions_are_read_to_the_end_past_their_markers(kafka: KafkaLab, file: Path) -> None:
    with (
        kafka.cluster.topic("transactions", PARTITIONS) as topic,
        Recorder(file, Header(topic, PARTITIONS)) as recorder,
    ):
        # to the client a time-out of the first request is final, and the coordinator may just be coming up
        patient = {"request_timeout_ms": 20_000, "max_block_ms": 30_000}
        producer = kafka.clients.producer(kafka.outside, transactional_id=f"{topic}-id", **patient)
        writer = Writer(producer, recorder, 0, topic, PARTITIONS)
        producer.init_transactions()
        for number in range(4):
            producer.begin_transaction()
            for _ in range(2 * PARTITIONS):
                writer.write(transaction=number)
            asked = recorder.now()
            committed = number % 2 == 0
            (producer.commit_transaction if committed else producer.abort_transaction)()
            recorder.add(Transaction(number, 0, asked, recorder.now(), "committed" if committed else "aborted"))
        writer.end(within=20)
        consumer = kafka.clients.consumer(kafka.outside)
        assert read_all(consumer, recorder, topic, range(PARTITIONS), within=20)
        consumer.close()
    history = load(file)
    found = balance(history)
    assert found.problems == []
    assert (found.counts["in the log"], found.counts["transactions aborted"]) == (4 * PARTITIONS, 2)
    assert all(each.end == each.reached >= 6 for each in history.operations if isinstance(each, End))


KILLED = """
import sys
from pathlib import Path
from labs.kafka.lab import KafkaLab
from labs.kafka.workload import Workload
lab = KafkaLab.attach(sys.argv[1])
with Workload(lab.clients, lab.outside, sys.argv[2], 3, Path(sys.argv[3])) as traffic:
    traffic.flows(within=20, records=5)
    print("flows", flush=True)
    traffic.more(60)
"""


def test_a_history_outlives_who_writes_it(kafka: KafkaLab, file: Path) -> None:
    with kafka.cluster.topic("killed", PARTITIONS) as topic:
        command = [sys.executable, "-W", "ignore", "-c", KILLED, kafka.name, topic, str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writing:
            assert writing.stdout is not None
            assert writing.stdout.readline() == "flows\n"
            watch(lambda: None, lambda _: False, within=1.0)
            writing.send_signal(signal.SIGKILL)
        found = balance(load(file))
        assert found.counts["acknowledged"] > 15
        assert {problem.kind for problem in found.problems} <= {"unseen-tail"}

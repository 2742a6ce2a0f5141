"""The Kafka lab: its two networks, its daemons' ends and returns, and its own end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from kafka.admin import NewTopic

from labs.embedded.control import ended
from labs.embedded.service import Service
from labs.errors import LabError, UsageError
from labs.faults import killed, link_down, paused, powered_off, stopped
from labs.kafka.addresses import PLAIN, TLS
from labs.kafka.cluster import make
from labs.kafka.daemons import THREADS_END
from labs.kafka.lab import KafkaLab
from labs.kafka.quorum import quorum
from labs.seam import Daemon
from labs.subject import EmbeddedLab, subject
from labs.wait import until, watch

GONE_WITHIN = 3.0


@pytest.fixture(scope="module", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("kafka")
    os.environ["LABPROOF_STATE"] = str(folder / "state")
    yield folder
    del os.environ["LABPROOF_STATE"]


@pytest.fixture(scope="module")
def lab(state: Path) -> Iterator[KafkaLab]:
    name = f"kafka-{os.getpid()}"
    lab = KafkaLab.up(name, variant="4", nodes=3, logs=state / "logs", owner=os.getpid(), progress=print)
    yield lab
    lab.down()


def test_the_seam_is_fulfilled(lab: KafkaLab) -> None:
    kind: type[EmbeddedLab] = subject("kafka")
    assert kind is KafkaLab
    seen: EmbeddedLab = lab
    assert seen.problems() == []
    assert [node.name for node in seen.nodes] == ["broker1", "broker2", "broker3"]
    daemon: Daemon = seen.nodes[0].daemons["kafka"]
    assert daemon.running
    assert lab.software["kafka"].startswith("4.3")
    assert "lab setting" in lab.software["time-outs"]
    assert KafkaLab.attach(lab.name).problems() == []


def test_each_listener_is_on_its_network_alone(lab: KafkaLab) -> None:
    broker = lab.brokers[1]
    assert set(lab.within.ask(1, within=10).brokers) == set(lab.cluster.ask(1, within=10).brokers) == {1, 2, 3}
    assert lab.cluster.ask(2, within=10).brokers[1].host == broker.public
    assert lab.within.ask(2, within=10).brokers[1].host == broker.private
    for way, host, port in ((lab.outside, broker.public, PLAIN), (lab.outside, broker.private, PLAIN)):
        with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
            way.connect(host, port, 1.0)
    with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
        lab.inside.connect(broker.public, TLS, 1.0)


def test_who_shows_no_certificate_is_refused(lab: KafkaLab) -> None:
    for tls in (lab.files.nobody, lab.files.foreign, lab.files.expired, lab.files.suspicious):
        with pytest.raises(OSError, match=r"alert|certificate|closed|reset"):
            lab.outside.using(tls).dial(lab.brokers[1].public, TLS, 15.0).recv(1)


@pytest.mark.parametrize("how", [killed, stopped, paused], ids=["killed", "stopped", "paused"])
def test_a_broker_that_is_gone_is_seen_and_comes_back(lab: KafkaLab, how: object) -> None:
    with how(lab.brokers[2].daemon):  # type: ignore[operator]
        assert [problem.kind for problem in lab.problems()] in (["daemon-stopped"], ["daemon-paused"])
    lab.settle()
    assert lab.problems() == []


def test_a_node_keeps_its_data_and_its_cables_when_it_is_powered_off(lab: KafkaLab) -> None:
    before = (lab.brokers[3].data / "meta.properties").read_text()
    with powered_off(lab.nodes[2]):
        assert lab.problems()
    lab.settle()
    assert (lab.brokers[3].data / "meta.properties").read_text() == before
    assert lab.cluster.ask(3, within=10).brokers


def test_the_private_link_can_be_cut_alone(lab: KafkaLab) -> None:
    with link_down(lab.nodes[0]):
        with pytest.raises(OSError, match=r"timed out|unreachable"):
            lab.within.ask(1, within=0.5)
        lab.cluster.ask(1, within=10)
        session = lab.timing.leaderless + 10
        assert watch(lambda: known(lab, 2), lambda brokers: brokers == {2, 3}, within=session).met
    lab.settle()


def test_a_topic_is_made_though_the_controller_has_just_been_cut_off(lab: KafkaLab) -> None:
    with lab.within.admin() as admin:
        for id in lab.brokers:  # of KRaft any broker passes a request on: now each has a connection to the controller
            admin._controller_id = id
            make(admin, NewTopic(f"{lab.cluster.prefix}passed-on-by-{id}"))
            assert admin._controller_id == id
        found = quorum(admin)
    assert found is not None
    others = set(lab.brokers) - {found.leader}
    with link_down(next(node for node in lab.nodes if node.name == lab.brokers[found.leader].name)):
        until(lambda: all(known(lab, id) == others for id in others), within=lab.timing.leaderless + 20, what="two alone")
        with lab.cluster.admin() as admin:
            admin._controller_id = found.leader  # a client that has not heard of the successor
            begun = monotonic()
            make(admin, NewTopic(f"{lab.cluster.prefix}though-cut-off"))
            assert monotonic() - begun > 25  # no broker had given up its connection before
    lab.settle()


def known(lab: KafkaLab, broker: int) -> set[int]:
    """The brokers that one knows; none where it does not answer at once."""
    view = lab.within.views()[broker]
    return set() if isinstance(view, str) else set(view.brokers)


def test_changed_settings_are_as_declared_after_settling(lab: KafkaLab) -> None:
    lab.brokers[1].configure({"num.io.threads": "3", "num.partitions": None})
    assert lab.brokers[1].settings["num.io.threads"] == "3"
    assert "num.partitions" not in lab.brokers[1].settings
    lab.settle()
    assert lab.brokers[1].process.as_declared


def test_a_start_that_hangs_leaves_what_its_threads_were_at(lab: KafkaLab) -> None:
    process = lab.brokers[2].process
    process.daemon.stop()
    daemon = process.daemon.daemon
    mark = daemon.mark()
    hanging = Service(daemon, lambda: False, explain=process.show_threads, within=5.0)
    with pytest.raises(LabError, match=r"it does not start \(no answer for \d+ s\)"):
        hanging.start()
    assert not daemon.running
    assert '"main"' in daemon.log(mark)
    assert THREADS_END in daemon.log(mark)
    lab.settle()


def test_topics_that_a_test_left_go_and_those_of_others_stay(lab: KafkaLab) -> None:
    lab.within.create(f"{lab.cluster.prefix}left")
    lab.within.create("somebody-elses")
    lab.settle()
    until(lambda: f"{lab.cluster.prefix}left" not in lab.topics(), within=5, what="the topic's end")
    assert "somebody-elses" in lab.topics()


def test_what_a_lab_cannot_be_is_one_line(state: Path) -> None:
    with pytest.raises(UsageError, match=r'no variant "5"; there are: 4, 4-separate, 3.9, 2.4, 2.4-single'):
        KafkaLab.up("k", variant="5", nodes=3, logs=state, owner=os.getpid(), progress=print)
    with pytest.raises(UsageError, match="3 nodes, not 5"):
        KafkaLab.up("k", variant="4", nodes=5, logs=state, owner=os.getpid(), progress=print)


OWNER = """
import os, sys, time
from pathlib import Path
from labs.kafka.lab import KafkaLab
lab = KafkaLab.up("doomed", variant="4", nodes=3, logs=Path(sys.argv[1]), owner=os.getpid(), progress=lambda _: None)
print(*[service.pid for service in lab.services], flush=True)
time.sleep(600)
"""


def test_nothing_outlives_a_killed_owner(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    pidfds = [os.pidfd_open(int(pid)) for pid in owner.stdout.readline().split()]
    assert len(pidfds) == 3
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    try:
        assert all(ended(pidfd, GONE_WITHIN) for pidfd in pidfds)
    finally:
        for pidfd in pidfds:
            os.close(pidfd)
    with pytest.raises(LabError, match=r"dead|no lab"):
        KafkaLab.attach("doomed")

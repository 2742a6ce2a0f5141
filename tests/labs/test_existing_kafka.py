"""A real cluster known by a lab file alone, from outside: reached, tested, and left as it was found."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest
from kafka import TopicPartition
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.structs import OffsetAndMetadata

from labs.kafka.lab import KafkaLab
from labs.kafka.patience import patiently
from labs.wait import ready, watch
from tests.labs.kafka_outside import ROOT, Outsider

PREPARE = """
import json, sys
from pathlib import Path
from labs.errors import LabError
from labs.existing.lab_file import read
from labs.kafka.existing import ExistingKafka
found = []
for path in map(Path, sys.argv[1:]):
    said = []
    try:
        ExistingKafka.prepare(read(path), path.with_suffix(".d"), said.append)
    except LabError as error:
        said.append(f"blocked: {error}")
    found.append(said)
print(json.dumps(found))
"""
TOY = """
import os, time
from pathlib import Path
from labs.fault import fault
from proof import proven_by, requirement

@fault("process")
def never(kafka):
    yield

@requirement("9b2f1f6a-6a35-4c53-8c2d-7d1f0c1c7a01")
@proven_by(never, kind="never")
def test_toy(kafka):
    with kafka.cluster.topic("toy") as topic:
        reader = kafka.clients.consumer(kafka.outside, group_id=topic)
        reader.subscribe([topic])
        patient = {"request_timeout_ms": 20_000, "max_block_ms": 30_000}
        writer = kafka.clients.producer(kafka.outside, transactional_id=topic, **patient)
        writer.init_transactions()
        writer.begin_transaction()
        writer.send(topic, b"never committed").get(timeout=10)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not Path(os.environ["TMPDIR"], "enough").exists():
            reader.poll(timeout_ms=200)
        writer.abort_transaction()
        writer.close()
        reader.close()
        with kafka.cluster.admin() as admin:
            admin.delete_groups([topic])
"""
GUIDELINE = {
    "metadata": {"id": "labproof.2026.11", "schema": "2.0"},
    "platforms": {"kafka-readonly": {"lab": "kafka", "components": [{"name": "toys"}]}},
    "components": {"toys": {"capabilities": {"required": ["toys"], "advisory": [], "deprecated": [], "removed": []}}},
    "capabilities": {
        "toys": {
            "description": "toys", "project": "kafka", "required_since": "2026.11",
            "tests": {"suites.kafka.test_toy.test_toy": {"idempotent_id": "id-9b2f1f6a-6a35-4c53-8c2d-7d1f0c1c7a01"}},
        }
    },
}  # fmt: skip

ANYTHING = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
CLUSTER = ResourcePattern(ResourceType.CLUSTER, "kafka-cluster", ACLResourcePatternType.LITERAL)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaLab]:
    folder = tmp_path_factory.mktemp("kafka")
    os.environ["LABPROOF_STATE"] = str(folder / "state")
    name = f"cluster-{os.getpid()}"
    lab = KafkaLab.up(name, variant="4", nodes=3, logs=folder / "logs", owner=os.getpid(), progress=print)
    yield lab
    lab.down()
    del os.environ["LABPROOF_STATE"]


@pytest.fixture
def outsider(lab: KafkaLab, tmp_path: Path) -> Outsider:
    return Outsider(lab, tmp_path)


@pytest.fixture(scope="module")
def others(lab: KafkaLab) -> list[str]:
    """Topics that are no run's, whatever they are called, each with records and a group that has read some of them."""
    names = ["orders", "labproof", "labproof-notes", "labproof-zzzzzzzz-abcdef-x", "xlabproof-00000000-abcdef-x"]
    for name in names:
        lab.within.create(name)
        read_to(lab, name, 3)
    producer = lab.clients.producer(lab.inside)
    for name in names:
        for number in range(5):
            producer.send(name, b"%d" % number)
    producer.flush(10)
    producer.close()
    return names


def read_to(lab: KafkaLab, name: str, offset: int) -> None:
    """A group of a topic's name has read it up to there."""
    reader = lab.clients.consumer(lab.inside, group_id=name)
    reader.assign([TopicPartition(name, 0)])
    reader.commit({TopicPartition(name, 0): OffsetAndMetadata(offset, "", -1)})
    reader.close()


def everything(lab: KafkaLab) -> tuple[dict[str, int], dict[str, int]]:
    """The end of each topic's first partition, and where each group is."""
    with lab.within.admin() as admin:
        topics = sorted(set(admin.list_topics()) - {"__consumer_offsets", "__transaction_state"})
        groups = sorted(each["group_id"] for each in patiently(admin.list_groups))
        offsets = {name: patiently(lambda name=name: admin.list_group_offsets(name)[name]) for name in groups}
    committed = {name: sum(each.offset for each in found.values()) for name, found in offsets.items()}
    reader = lab.clients.consumer(lab.inside)
    ends = {place.topic: end for place, end in reader.end_offsets([TopicPartition(name, 0) for name in topics]).items()}
    reader.close()
    return ends, committed


def as_before(lab: KafkaLab, before: tuple[dict[str, int], dict[str, int]]) -> bool:
    """Soon: coordinators of groups may just be moving, and brokers may be told late of what is gone."""
    return watch(lambda: everything(lab), lambda found: found == before, within=15).met


def prepared(outsider: Outsider, *files: Path) -> list[list[str]]:
    """What is said when a run begins, of each of these lab files."""
    code, output = outsider.run("-c", PREPARE, *map(str, files))
    assert code == 0, output
    found: list[list[str]] = json.loads(output.splitlines()[-1])
    return found


def told(lab: KafkaLab) -> str:
    view = lab.cluster.ask(1)
    return f"Kafka 4.3 (KRaft), brokers 1, 2, 3 of cluster {view.cluster}"


def test_what_needs_no_fault_is_judged_and_nothing_is_left(lab: KafkaLab, outsider: Outsider, others: list[str]) -> None:
    """With the rights that docs/kafka-existing.md asks for, and no others."""
    before = everything(lab)
    assert set(others) <= set(before[0])
    assert {name: at for name, at in before[1].items() if name in others} == dict.fromkeys(others, 3)
    file, results = outsider.lab_file(tls=lab.files.client), outsider.folder / "results"
    with authorizing(lab):
        for operation in (ACLOperation.DESCRIBE, ACLOperation.DESCRIBE_CONFIGS, ACLOperation.ALTER):
            allow(lab, CLUSTER, operation)
        for kind in (ResourceType.TOPIC, ResourceType.GROUP, ResourceType.TRANSACTIONAL_ID):
            allow(lab, ResourcePattern(kind, "labproof-", ACLResourcePatternType.PREFIXED), ACLOperation.ALL)
        code, output = outsider.run("-m", "proof", "--lab", str(file), "--results", str(results), at=ROOT, within=500)
    assert code == 0, output
    verdicts = json.loads((results / "verdict.json").read_text())["verdicts"]
    assert {(each["program"], each["variant"]) for each in verdicts} == {(name, "default") for name in applicable()}
    for each in verdicts:
        assert (each["compliant"], each["lab"]["name"], each["lab"]["kind"]) == (True, "mykafka", "existing")
        assert each["lab"]["software"] == {"kafka": "4.3"}
    assert "tests left behind" not in output
    assert as_before(lab, before)


def applicable() -> list[str]:
    """Our own programs that a KRaft cluster is judged by without a fault."""
    [file] = (ROOT / "guidelines").glob("labproof.*.json")
    programs = json.loads(file.read_text())["platforms"]
    readonly = {name: of for name, of in programs.items() if name.startswith("kafka") and name.endswith("-readonly")}
    return [name for name, of in readonly.items() if "3.9" in of.get("applies_to", ["3.9"])]


def test_what_a_killed_run_left_is_told_and_goes_when_it_is_gone_on_with(
    lab: KafkaLab, outsider: Outsider, others: list[str]
) -> None:
    before = everything(lab)
    file, project = outsider.lab_file(tls=lab.files.client), toys(outsider.folder / "project")
    run = ["-m", "proof", "--lab", str(file), "--results", str(outsider.folder / "results")]
    with outsider.start(*run, at=project, python=[str(project)]) as running:
        begun = watch(lambda: of_a_run(lab, "toy"), lambda found: len(found) == 2, within=90)
        os.kill(child(running.pid), signal.SIGKILL)
        output, _ = running.communicate(timeout=30)
    assert begun.met, output
    left = of_a_run(lab, "toy")
    assert len(left) == 2, "a topic, and a group whose member was killed"
    [[kraft, young]] = prepared(outsider, outsider.lab_file("another", tls=lab.files.client))
    assert kraft == f"lab another: {told(lab)}"
    assert "1 group of other runs, begun less than a day ago, left as they are: " in young
    assert of_a_run(lab, "toy") == left
    (outsider.folder / "enough").touch()
    code, output = outsider.run(*run, "--resume", at=project, python=[str(project)])
    assert code == 0, output
    assert "lab mykafka: killed runs had left 1 topic, 1 group: removed\n" in output
    assert as_before(lab, before)


def test_what_runs_left_goes_after_a_day_and_nobody_else_s(lab: KafkaLab, outsider: Outsider, others: list[str]) -> None:
    before = everything(lab)
    old, young = (f"labproof-{int(time.time() - 3600 * hours):08x}-abcdef-x" for hours in (25, 23))
    for name in (old, young):
        lab.within.create(name)
        read_to(lab, name, 0)
    [[_, removed, kept]] = prepared(outsider, outsider.lab_file(tls=lab.files.client))
    assert removed == "lab mykafka: killed runs had left 1 topic, 1 group: removed"
    assert young in kept
    ends, committed = everything(lab)
    assert (ends, committed) == ({**before[0], young: 0}, {**before[1], young: 0})
    with lab.within.admin() as admin:
        admin.delete_groups([young])
    lab.within.delete(young)
    assert as_before(lab, before)


def test_what_cannot_be_used_is_one_line(lab: KafkaLab, outsider: Outsider) -> None:
    files, doors = lab.files, ", ".join(lab.outside.bootstrap)
    away = {"bootstrap": ["192.168.200.9:9093", "192.168.200.1:9099", "nowhere.invalid:9093"]}
    expected: dict[Path, str] = {
        outsider.lab_file("away", tls=files.client, **away): (
            "192.168.200.9:9093: no route to the host; 192.168.200.1:9099: connection refused: nobody listens there; "
            "nowhere.invalid:9093: no such host (DNS)"
        ),
        outsider.lab_file("plain", tls=None): f"{doors}: it speaks TLS, and the client does not",
        outsider.lab_file("nobody", tls=files.nobody): (
            f"{doors}: the broker refused the client: TLS alert bad_certificate (it was shown no certificate)"
        ),
        outsider.lab_file("expired", tls=files.expired): (
            f"{doors}: the broker refused the client: TLS alert certificate_unknown (it was shown 'client' of "
        ),
        outsider.lab_file("suspicious", tls=files.suspicious): (
            "192.168.200.1:9093: the client does not trust the broker: self-signed certificate in certificate chain"
        ),
    }
    for (file, words), [line] in zip(expected.items(), prepared(outsider, *expected), strict=True):
        assert line.startswith(f"blocked: no broker can be used: {words}"), file
    results = outsider.folder / "results"
    code, output = outsider.run("-m", "proof", "--lab", str(outsider.folder / "plain.yaml"), "--results", str(results), at=ROOT)
    assert code == 6
    assert output.count("it speaks TLS, and the client does not") == 1, output


def test_a_broker_that_is_not_reached_is_told_and_the_others_are_used(lab: KafkaLab, outsider: Outsider) -> None:
    brokers = {"1": "192.168.200.1:9093", "7": "192.168.200.7:9093"}
    bootstrap = ["192.168.200.9:9093", "192.168.200.2:9093"]
    [lines] = prepared(outsider, outsider.lab_file("some", tls=lab.files.client, bootstrap=bootstrap, brokers=brokers))
    assert lines[0] == f"lab some: {told(lab).replace('1, 2, 3', '1, 7')}"
    assert lines[1] == "lab some: broker 7: 192.168.200.7:9093: no route to the host"


def test_what_the_credential_may_not_do_is_one_line(lab: KafkaLab, outsider: Outsider) -> None:
    file = outsider.lab_file("denied", tls=lab.files.client)
    own = ResourcePattern(ResourceType.TOPIC, "labproof-", ACLResourcePatternType.PREFIXED)
    with authorizing(lab):
        assert prepared(outsider, file) == [
            ["blocked: the settings of broker 1 cannot be read; allow DescribeConfigs on the cluster to this client"]
        ]
        allow(lab, CLUSTER, ACLOperation.DESCRIBE_CONFIGS)
        [[_, line]] = prepared(outsider, file)
        assert line.startswith("blocked: topic labproof-")
        assert line.endswith(
            "-try cannot be made: Authorization failed.; runs need topics labproof-* of their own, with 3 replicas"
        )
        allow(lab, own, ACLOperation.CREATE)
        [[_, line]] = prepared(outsider, file)
        assert line.startswith("blocked: topics can be made and not deleted (TopicAuthorizationFailedError), and labproof-")
        assert line.endswith("-try stays; allow Delete on topics labproof-*")
        allow(lab, own, ACLOperation.DELETE)
        [lines] = prepared(outsider, file)
        assert lines[:2] == [f"lab denied: {told(lab)}", "lab denied: killed runs had left 1 topic: removed"]
    assert of_a_run(lab, "try") == []


@contextmanager
def authorizing(lab: KafkaLab) -> Iterator[None]:
    """Those who come from outside may do what they were allowed; nothing at first."""
    told = {"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer"}
    for broker in lab.brokers.values():
        broker.configure({**told, "super.users": "User:ANONYMOUS"})
    try:
        yield
    finally:
        with lab.within.admin() as admin:
            admin.delete_acls([ACLFilter("User:CN=client", "*", ACLOperation.ANY, ACLPermissionType.ANY, ANYTHING)])
        for broker in lab.brokers.values():
            broker.configure({})
        ready(lab.problems, within=60, what="the lab")


def allow(lab: KafkaLab, pattern: ResourcePattern, operation: ACLOperation) -> None:
    rule = ACL("User:CN=client", "*", operation, ACLPermissionType.ALLOW, pattern)
    with lab.within.admin() as admin:
        assert admin.create_acls([rule])["failed"] == []


def of_a_run(lab: KafkaLab, called: str) -> list[str]:
    """Topics of that name, and groups called as them, of runs: twice where both are."""
    with lab.within.admin() as admin:
        names = [*admin.list_topics(), *(each["group_id"] for each in patiently(admin.list_groups))]
    return sorted(name for name in names if name.startswith("labproof-") and f"-{called}" in name)


def toys(project: Path) -> Path:
    """A checkout in small, with one test that takes its time."""
    suite = project / "suites/kafka"
    suite.mkdir(parents=True)
    for folder in (suite.parent, suite):
        (folder / "__init__.py").touch()
    (suite / "test_toy.py").write_text(TOY)
    (project / "guidelines").mkdir()
    (project / "guidelines/labproof.2026.11.json").write_text(json.dumps(GUIDELINE))
    for name in ("conftest.py", "pyproject.toml"):
        (project / name).write_text((ROOT / name).read_text())
    return project


def child(pid: int) -> int:
    """The only one of a process that enters namespaces."""
    [found] = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(found)


@pytest.mark.usefixtures("lab")
def test_a_cluster_with_zookeeper_is_what_its_file_says(tmp_path: Path) -> None:
    name, logs = f"zookeeper-{os.getpid()}", tmp_path / "logs"
    lab = KafkaLab.up(name, variant="2.4-single", nodes=3, logs=logs, owner=os.getpid(), progress=print)
    try:
        outsider = Outsider(lab, tmp_path)
        right = outsider.lab_file("right", tls=lab.files.client)
        wrong = outsider.lab_file("wrong", tls=lab.files.client, mode=None)
        [first, *_], [line] = prepared(outsider, right, wrong)
        assert first == f"lab right: Kafka 2.4 (ZooKeeper), brokers 1, 2, 3 of cluster {lab.cluster.ask(1).cluster}"
        assert line == f"blocked: the cluster is not as {wrong} says; write there: mode: zookeeper"
        facts = json.loads((tmp_path / "right.d/existing.json").read_text())
        assert facts["timing"] == asdict(lab.timing)
    finally:
        lab.down()

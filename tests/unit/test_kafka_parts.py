"""By what each version of Kafka is run: what an archive of classes follows from, and the options that go with it."""

import socket
from pathlib import Path

import pytest

from labs.binaries import java
from labs.binaries.part import Entry
from labs.kafka import jvm
from labs.kafka.parts import VERSIONS, Entries, KafkaParts
from labs.kafka.rehearsal import cause
from labs.kafka.stage import PURPOSES, Stage
from labs.kafka.variant import VARIANTS


def entries(parts: KafkaParts, folder: Path) -> Entries:
    for part in parts.parts:
        (folder / part.name).mkdir()
    return {part.name: Entry(part.name, folder / part.name, {}, 0) for part in parts.parts}


def test_each_variant_has_its_parts_and_each_archive_learns_from_a_variant_of_its_own_version() -> None:
    assert {variant.binaries for variant in VARIANTS.values()} == VERSIONS.keys()
    assert {name: parts.archive.variant.binaries for name, parts in VERSIONS.items()} == {name: name for name in VERSIONS}
    assert {name: parts.version for name, parts in VERSIONS.items()} == {"4": "4.3.1", "3.9": "3.9.2", "2.4": "2.4.1"}


def test_an_archive_is_of_jars_in_their_place_and_of_a_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {parts.archive.key() for parts in VERSIONS.values()}
    assert len(keys) == 3
    archive = VERSIONS["4"].archive
    monkeypatch.setattr(java, "of_host", lambda: java.Runtime(Path("/opt/java"), "99+1"))
    keys.add(archive.key())
    monkeypatch.setenv("LABPROOF_CACHE", str(tmp_path))
    keys.add(archive.key())
    monkeypatch.setattr(jvm, "SMALL", (*jvm.SMALL, "-Xss1m"))
    keys.add(archive.key())
    assert len(keys) == 6


def test_a_daemon_takes_its_classes_from_its_own_archive_where_there_is_one(tmp_path: Path) -> None:
    parts = VERSIONS["2.4"]
    had = entries(parts, tmp_path)
    archive = had[parts.archive.name].path
    assert parts.jvm(had, "broker") == [*jvm.SMALL]
    (archive / "broker.jsa").touch()
    assert parts.jvm(had, "broker") == [*jvm.SMALL, f"-XX:SharedArchiveFile={archive}/broker.jsa", "-Xshare:auto"]
    assert parts.jvm(had, "zookeeper") == [*jvm.SMALL]
    assert not set(parts.stock_jvm()) & {"-Xmx256m", "-XX:+UseSerialGC"}


def test_a_quorum_begins_with_a_checkpoint_and_an_ensemble_does_not(tmp_path: Path) -> None:
    had = entries(VERSIONS["4"], tmp_path)
    assert VERSIONS["4"].bootstrap_checkpoint(had) == tmp_path / "kafka-4-archive" / "bootstrap.checkpoint"
    assert VERSIONS["2.4"].bootstrap_checkpoint({}) is None


def test_a_stage_is_free_on_each_of_its_hosts() -> None:
    stage = Stage.free()
    assert len(set(stage.ports.values())) == len(PURPOSES)
    for number in (1, 3):
        for port in stage.ports.values():
            with socket.socket() as each:
                each.bind((stage.host(number), port))
    assert stage.door(2, "tls") == f"{stage.network}.2:{stage.ports['tls']}"


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (
            "[x] ERROR Fatal error\norg.apache.kafka.common.KafkaException: Socket server failed to bind\n\tat kafka.X\n"
            "Caused by: java.net.BindException: Address already in use\n\tat java.Y\n[x] INFO shutting down\n",
            "Caused by: java.net.BindException: Address already in use",
        ),
        ("Error: Could not find or load main class kafka.Kafka\nbye\n", "Error: Could not find or load main class kafka.Kafka"),
        ("", "it logged nothing"),
    ],
)
def test_why_a_daemon_did_not_start(log: str, words: str) -> None:
    assert cause(log) == words

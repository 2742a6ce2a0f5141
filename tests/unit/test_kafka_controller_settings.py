"""What a controller answers about its settings, written by hand."""

import struct
from pathlib import Path

import pytest

from labs.kafka import declared
from labs.kafka.configs import Setting
from labs.kafka.controller_settings import parse
from labs.kafka.files import Files
from labs.kafka.variant import VARIANTS, Variant
from labs.kafka.wire import INT, SHORT, NotKafka, string
from suites.kafka.cluster import voters
from suites.kafka.settings import setting_problems

NULL = SHORT.pack(-1)


def row(name: str, value: str | None, source: int, *, synonyms: bytes = INT.pack(0), secret: bool = False) -> bytes:
    return string(name) + (NULL if value is None else string(value)) + struct.pack(">bbb", 1, source, secret) + synonyms


def answer(*rows: bytes, error: int = 0) -> bytes:
    why = string("no") if error else NULL
    return INT.pack(0) + INT.pack(1) + SHORT.pack(error) + why + b"\4" + string("11") + INT.pack(len(rows)) + b"".join(rows)


def test_settings_are_read_with_where_they_come_from() -> None:
    synonym = INT.pack(1) + string("node.id") + string("11") + b"\4"
    body = answer(row("node.id", "11", 4, synonyms=synonym), row("ssl.key.password", None, 4, secret=True), row("x", "1", 9))
    assert parse(body) == {
        "node.id": Setting("11", "STATIC_BROKER_CONFIG", True, False),
        "ssl.key.password": Setting(None, "STATIC_BROKER_CONFIG", True, True),
        "x": Setting("1", "9", True, False),
    }


def test_a_controller_that_may_not_tell_has_no_settings() -> None:
    with pytest.raises(NotKafka, match="error 31, no"):
        parse(answer(error=31))


def test_a_controller_that_runs_with_something_else_is_named() -> None:
    found = parse(answer(row("broker.id", "11", 4), row("min.insync.replicas", "1", 2)))
    [problem] = setting_problems({11: {"min.insync.replicas": "2"}}, {11: found}, "controller")
    assert (problem.kind, problem.where) == ("not-in-force", "controller 11: min.insync.replicas")


@pytest.mark.parametrize("variant", [each for each in VARIANTS.values() if each.kraft], ids=lambda each: each.name)
def test_every_broker_of_a_lab_with_a_quorum_is_told_its_voters(tmp_path: Path, variant: Variant) -> None:
    told = declared.broker(variant, 1, tmp_path, Files(tmp_path), defaults=False)
    assert voters({1: told}) == set(variant.voters) != set()

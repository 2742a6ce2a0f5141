"""Who leads the quorum, out of controllers' own answers; and who is the active controller, by what several say."""

import struct
from collections.abc import Mapping

import pytest

from labs.kafka.leading import Leading, parse, question
from labs.kafka.metadata import Metadata
from labs.kafka.wire import NotKafka, Reader, varint
from suites.kafka.failover import not_succeeded
from suites.kafka.roles import agreed, foremost

TOPIC = b"\x13__cluster_metadata"


def answer(error: int = 0, leader: int = 0, epoch: int = 0, ends: Mapping[int, int] | None = None, *, whole: int = 0) -> bytes:
    """Of one partition, as Kafka 4.3 writes it, with voters by the end of their logs and without observers."""
    voters = b"".join(struct.pack(">iq", id, end) + b"\x00" for id, end in (ends or {}).items())
    told = struct.pack(">q", 99) + bytes([len(ends or {}) + 1]) + voters + b"\x01\x00"
    partition = struct.pack(">ihii", 0, error, leader, epoch) + told
    return b"\x00" + struct.pack(">h", whole) + b"\x02" + TOPIC + b"\x02" + partition + b"\x00\x00"


def test_the_question_is_framed_with_a_flexible_header() -> None:
    asked = question()
    assert struct.unpack(">ihhi", asked[:12]) == (len(asked) - 4, 55, 0, 1)
    assert asked[12:] == b"\x00\x08labproof" + b"\x00" + b"\x02" + TOPIC + b"\x02" + bytes(4) + b"\x00\x00\x00"


def test_only_one_that_leads_says_in_which_epoch_and_who_has_fetched_from_it() -> None:
    assert parse(answer(leader=12, epoch=7, ends={11: 98, 12: 99, 13: -1})) == Leading(12, 7, frozenset({11}))
    assert parse(answer(error=6)) is None


@pytest.mark.parametrize("body", [answer(whole=35), answer(error=31), b"\x00\x00\x00\x01", answer(leader=1)[:30], b""])
def test_what_does_not_say_who_leads_is_refused(body: bytes) -> None:
    with pytest.raises(NotKafka):
        parse(body)


def test_a_varint_may_have_several_bytes() -> None:
    assert Reader(b"\x7f").varint() == 127
    assert Reader(b"\xac\x02").varint() == 300
    for value, sent in ((0, b"\0"), (127, b"\x7f"), (300, b"\xac\x02")):
        assert varint(value) == sent


def test_of_several_that_say_that_they_lead_the_latest_does() -> None:
    assert foremost([], 3) is None
    assert foremost([None, None], 3) is None
    assert foremost([Leading(1, 4, frozenset({3})), None, Leading(2, 5, frozenset({3}))], 3) == 2


def test_one_leads_when_most_follow_without_the_one_that_is_gone() -> None:
    assert foremost([Leading(2, 5, frozenset())], 3) is None
    assert foremost([Leading(2, 5, frozenset({1}))], 3, but=1) is None
    assert foremost([Leading(2, 5, frozenset({1, 3}))], 3, but=1) == 2
    assert foremost([Leading(2, 5, frozenset())], 1) == 2


def test_brokers_have_a_controller_when_all_name_the_same() -> None:
    def view(controller: int) -> Metadata:
        return Metadata("c", controller, {}, {})

    assert agreed({1: view(2), 3: view(2)}) == 2
    assert agreed({1: view(2), 3: view(1)}) is None
    assert agreed({1: view(-1), 3: view(-1)}) is None
    assert agreed({1: view(2), 3: "no answer"}) is None


def test_one_that_is_gone_is_succeeded_by_another() -> None:
    assert not_succeeded("the quorum", 1, 2) == []
    found = [*not_succeeded("the quorum", 1, 1), *not_succeeded("the cluster", 1, None)]
    assert [(each.kind, each.where, each.found) for each in found] == [
        ("no-new-controller", "the quorum", 1),
        ("no-new-controller", "the cluster", "none"),
    ]

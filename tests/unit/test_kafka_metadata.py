"""Metadata answers, written by hand, and the connection that they come over."""

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from labs.kafka.metadata import BrokerView, Endpoint, Metadata, Partition, Topic, metadata, parse, question
from labs.kafka.wire import NotKafka, exchange, string

BODY = (
    struct.pack(">i", 0)
    + struct.pack(">ii", 2, 1)
    + string("192.168.100.1")
    + struct.pack(">ih", 9092, -1)
    + struct.pack(">i", 2)
    + string("b2")
    + struct.pack(">i", 9093)
    + string("r")
    + string("a-cluster")
    + struct.pack(">i", 2)
    + struct.pack(">i", 2)
    + struct.pack(">h", 0)
    + string("t")
    + struct.pack(">b", 0)
    + struct.pack(">i", 2)
    + struct.pack(">hiii3i", 0, 1, 2, 7, 2, 2, 1)
    + struct.pack(">i2ii", 2, 2, 1, 0)
    + struct.pack(">hiii3i", 5, 0, -1, 8, 2, 1, 2)
    + struct.pack(">iiii", 1, 2, 1, 1)
    + struct.pack(">h", 3)
    + string("gone")
    + struct.pack(">bi", 1, 0)
)


def framed(body: bytes, correlation: int = 1) -> bytes:
    return struct.pack(">ii", len(body) + 4, correlation) + body


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    with here, there:
        yield here, there


def test_an_answer_is_read_whole() -> None:
    assert parse(BODY) == Metadata(
        "a-cluster",
        2,
        {1: Endpoint("192.168.100.1", 9092, None), 2: Endpoint("b2", 9093, "r")},
        {
            "t": Topic(0, False, {0: Partition(5, -1, 8, (1, 2), (2,), (1,)), 1: Partition(0, 2, 7, (2, 1), (1, 2), ())}),
            "gone": Topic(3, True, {}),
        },
    )


def test_the_preferred_leader_is_the_first_replica_and_a_full_isr_has_them_all() -> None:
    partitions = parse(BODY).topics["t"].partitions
    assert (partitions[1].preferred, partitions[1].full) == (2, True)
    assert (partitions[0].preferred, partitions[0].full) == (1, False)


@pytest.mark.parametrize("length", range(0, len(BODY), 7))
def test_an_answer_that_ends_early_is_refused(length: int) -> None:
    with pytest.raises(NotKafka):
        parse(BODY[:length])


def test_all_topics_are_null_and_none_is_empty() -> None:
    assert question(None)[-5:] == b"\xff\xff\xff\xff\0"
    assert question(())[-5:] == b"\0\0\0\0\0"
    assert question(["t"])[-8:] == b"\0\0\0\x01\0\x01t\0"


def test_a_request_is_framed_and_its_answer_read(pair: tuple[socket.socket, socket.socket]) -> None:
    here, there = pair
    there.sendall(framed(BODY))
    assert metadata(here, ["t"]) == parse(BODY)
    sent = there.recv(1000)
    assert sent == question(["t"])
    assert struct.unpack(">ihhi", sent[:12]) == (len(sent) - 4, 3, 7, 1)


def test_what_is_not_kafka_is_told(pair: tuple[socket.socket, socket.socket]) -> None:
    here, there = pair
    there.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(NotKafka, match="not Kafka"):
        metadata(here, ())


def test_an_answer_to_another_request_is_refused(pair: tuple[socket.socket, socket.socket]) -> None:
    here, there = pair
    there.sendall(framed(BODY, correlation=2))
    with pytest.raises(NotKafka, match="another request"):
        metadata(here, ())


def test_silence_ends_in_time(pair: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(TimeoutError):
        exchange(pair[0], b"?", within=0.05)


def test_a_closed_connection_is_told(pair: tuple[socket.socket, socket.socket]) -> None:
    here, there = pair
    there.sendall(b"\0\0\0\x20abc")
    there.shutdown(socket.SHUT_WR)
    with pytest.raises(ConnectionResetError, match="closed"):
        metadata(here, ())


def answering(there: socket.socket, times: int) -> None:
    with there:
        for _ in range(times):
            if there.recv(1000):
                there.sendall(framed(BODY))


def test_a_view_connects_again_after_an_error_and_shares_equal_answers() -> None:
    made = 0

    def connect(within: float) -> socket.socket:
        nonlocal made
        made += 1
        here, there = socket.socketpair()
        threading.Thread(target=answering, args=(there, 2), daemon=True).start()
        return here

    with BrokerView(connect, ["t"]) as view:
        first = view.look(1)
        assert view.look(1) is first
        with pytest.raises(ConnectionError):
            view.look(1)
        assert view.look(1) == parse(BODY)
    assert made == 2

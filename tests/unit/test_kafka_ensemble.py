"""Answers of ZooKeeper's, as servers gave them, and its protocol written by hand."""

import socket
import struct
import threading
import time

import pytest

from labs.kafka.ensemble import Connect, Server, parse, servers
from labs.kafka.znodes import PartitionState, znodes

SRVR = """Zookeeper version: 3.5.7-f0fdd52973d373ffd9c86b81d99842dc2c7f660e, built on 02/10/2020 11:30 GMT
Latency min/avg/max: 0/2/31
Received: 48
Sent: 47
Connections: 2
Outstanding: 0
Zxid: 0x10000001f
Mode: {mode}
Node count: 133
"""
MNTR = "zk_version\t3.5.7\nzk_server_state\tleader\nzk_followers\t2\nzk_synced_followers\t{synced}\n"


@pytest.mark.parametrize("mode", ["leader", "follower", "standalone"])
def test_a_server_says_its_mode(mode: str) -> None:
    assert parse(SRVR.format(mode=mode)) == Server(mode, "3.5.7", 0x10000001F, 2, None)


@pytest.mark.parametrize("synced", ["2", "2.0"], ids=["3.5", "3.8"])
def test_a_leader_says_who_is_level(synced: str) -> None:
    assert parse(SRVR.format(mode="leader"), MNTR.format(synced=synced)).synced == 2


def test_a_server_outside_of_a_quorum_says_so() -> None:
    found = parse("This ZooKeeper instance is not currently serving requests\n")
    assert found == Server("not-serving", "", None, None, None)


@pytest.mark.parametrize(
    "answer", ["", "HTTP/1.1 400 Bad Request", "srvr is not executed because it is not in the whitelist.\n"]
)
def test_other_answers_are_refused(answer: str) -> None:
    with pytest.raises(ConnectionError, match="ZooKeeper"):
        parse(answer)


def talking(*answers: bytes) -> Connect:
    """A connect that finds a server which gives one answer a message, then hangs up."""

    def serve(sock: socket.socket) -> None:
        with sock:
            for answer in answers:
                sock.recv(1000)
                sock.sendall(answer)

    def connect(host: str, port: int, within: float) -> socket.socket:
        here, there = socket.socketpair()
        threading.Thread(target=serve, args=(there,), name=f"{host}:{port} {within}", daemon=True).start()
        return here

    return connect


def test_each_server_answers_or_not() -> None:
    found = servers(talking(SRVR.format(mode="follower").encode()), {1: ("a", 2181)})
    assert found[1] == Server("follower", "3.5.7", 0x10000001F, 2, None)
    assert "without an answer" in str(servers(talking(b""), {2: ("b", 2181)})[2])


def test_one_that_does_not_answer_is_waited_for_beside_the_others() -> None:
    others: list[socket.socket] = []

    def connect(*_: object) -> socket.socket:
        here, there = socket.socketpair()
        others.append(there)
        return here

    begun = time.monotonic()
    found = servers(connect, {1: ("a", 2181), 2: ("b", 2181), 3: ("c", 2181)}, within=0.5)
    assert all(isinstance(each, str) for each in found.values())
    assert 0.5 <= time.monotonic() - begun < 1.4
    for other in others:
        other.close()


def framed(message: bytes) -> bytes:
    return struct.pack(">i", len(message)) + message


SESSION = framed(struct.pack(">iiqi", 0, 4000, 7, 16) + b"p" * 16 + b"\0")


def reply(xid: int, body: bytes = b"", error: int = 0) -> bytes:
    return framed(struct.pack(">iqi", xid, 99, error) + body)


def buffer(content: bytes) -> bytes:
    return struct.pack(">i", len(content)) + content


def test_brokers_and_their_controller_are_read() -> None:
    names = struct.pack(">i", 3) + b"".join(map(buffer, (b"10", b"2", b"1")))
    stat = b"\0" * 68
    connect = talking(SESSION, reply(1, names), reply(2, buffer(b'{"version":1,"brokerid":2,"timestamp":"1"}') + stat))
    with znodes(connect, "a", 2181) as session:
        assert session.brokers() == (1, 2, 10)
        assert session.controller() == 2


def test_a_partitions_state_is_read() -> None:
    state = b'{"controller_epoch":3,"leader":1,"version":1,"leader_epoch":5,"isr":[3,1]}'
    with znodes(talking(SESSION, reply(1, buffer(state))), "a", 2181) as session:
        assert session.partition("t", 0) == PartitionState(1, 5, (1, 3), 3)


def test_what_is_not_there_is_empty() -> None:
    with znodes(talking(SESSION, *(reply(xid, error=-101) for xid in (1, 2, 3))), "a", 2181) as session:
        assert session.brokers() == ()
        assert session.controller() is None
        assert session.partition("t", 0) is None


def test_other_errors_and_silence_are_told() -> None:
    with pytest.raises(ConnectionError, match="error -4"), znodes(talking(SESSION, reply(1, error=-4)), "a", 2181) as session:
        session.brokers()
    with pytest.raises(ConnectionError, match="closed"), znodes(talking(b""), "a", 2181):
        pass

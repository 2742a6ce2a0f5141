"""Connections that are taken, and never answered."""

import socket
from collections.abc import Callable, Iterator

import pytest

from labs.kafka.mute import end_if_mute, received


class Loop:
    """Keeps what it is to call."""

    def call_at(self, when: float, task: Callable[[], None]) -> None:
        self.when, self.task = when, task


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A client's end of a TCP connection, and a broker's."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        broker, _ = server.accept()
        with broker:
            client.settimeout(5)
            yield client, broker


def test_a_connection_on_which_nothing_was_said_ends(ends: tuple[socket.socket, socket.socket]) -> None:
    client, _ = ends
    loop = Loop()
    end_if_mute(loop, client, 12.5)
    client.sendall(b"hello")
    assert loop.when == 12.5
    loop.task()
    assert client.recv(1) == b""


def test_a_connection_that_is_answered_stays(ends: tuple[socket.socket, socket.socket]) -> None:
    client, broker = ends
    loop = Loop()
    end_if_mute(loop, client, 0.0)
    broker.sendall(b"hello")
    assert client.recv(5) == b"hello"
    loop.task()
    broker.sendall(b"again")
    assert client.recv(5) == b"again"
    assert received(client) == 10


def test_a_connection_that_the_client_has_closed_is_let_go(ends: tuple[socket.socket, socket.socket]) -> None:
    client, broker = ends
    loop = Loop()
    end_if_mute(loop, client, 0.0)
    client.close()
    loop.task()
    broker.settimeout(5)
    assert broker.recv(1) == b""

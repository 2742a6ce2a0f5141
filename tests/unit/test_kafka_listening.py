"""The judges of listeners, on settings and sockets written by hand."""

from suites.kafka.listening import (
    Listener,
    followers_listener,
    listeners,
    listening_problems,
    ports_at,
    read_listening,
    unguarded,
    unguarded_problems,
    zookeeper_listeners,
)

SETTINGS = {
    "listeners": "PLAINTEXT://192.168.100.1:9092,SSL://192.168.200.1:9093, CONTROLLER://:9094",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT",
}
SS = """\
LISTEN 0      50     [::ffff:192.168.100.1]:9092             *:*
LISTEN 0      50     [::ffff:192.168.200.1]:9093             *:*
LISTEN 0      50                          *:9094             *:*
LISTEN 0      4096         127.0.0.1%lo:53         0.0.0.0:*
"""


def test_listeners_are_read_with_their_protocols() -> None:
    assert listeners(SETTINGS) == [
        Listener("PLAINTEXT", "192.168.100.1", 9092),
        Listener("SSL", "192.168.200.1", 9093),
        Listener("PLAINTEXT", "", 9094),
    ]
    assert listeners({"listeners": "SSL://[fd00::1]:9093"}) == [Listener("SSL", "fd00::1", 9093)]
    assert listeners({}) == []


def test_what_is_without_tls_is_looked_for_at_its_place_and_at_the_door() -> None:
    assert unguarded(SETTINGS, "host1") == [("192.168.100.1", 9092), ("host1", 9092), ("host1", 9094)]
    assert unguarded({}, "host1") == [("host1", 9092)]


def test_what_answers_without_tls_is_told_of() -> None:
    [problem] = unguarded_problems({("host1", 9092): None, ("host1", 9093): "it speaks TLS"}, None, 1)
    assert (problem.kind, problem.where) == ("answers-without-tls", "broker 1: host1:9092")


def test_a_broker_that_serves_nobody_has_not_shown_that_it_wants_tls() -> None:
    [problem] = unguarded_problems({("host1", 9093): "it answers nothing"}, "it answers nothing", 1)
    assert (problem.kind, problem.where) == ("no-answer", "broker 1")


def test_ports_that_are_to_be_open_at_an_address() -> None:
    assert ports_at("192.168.100.1", listeners(SETTINGS)) == {9092, 9094}
    assert ports_at("192.168.200.1", listeners(SETTINGS)) == {9093, 9094}


def test_sockets_are_judged_address_by_address() -> None:
    sockets = read_listening(SS)
    assert [str(each) for each in sockets][-2:] == ["*:9094", "127.0.0.1:53"]
    assert listening_problems({"192.168.100.1": [9092, 9094], "192.168.200.1": [9093, 9094]}, sockets, "n") == []
    found = listening_problems({"192.168.200.1": [9093, 9095]}, sockets, "n")
    assert [(problem.kind, problem.where) for problem in found] == [
        ("open-port", "n: 192.168.200.1:9094"),
        ("closed-port", "n: 192.168.200.1:9095"),
    ]
    assert listening_problems({"192.168.200.1": [9093]}, sockets, "n", maybe={"192.168.200.1": 9094}) == []
    assert len(listening_problems({"192.168.200.1": [9093]}, sockets, "n", maybe={"192.168.100.1": 9094})) == 1


def test_a_zookeeper_listens_for_clients_and_in_an_ensemble_for_elections() -> None:
    alone = {"clientPort": "2181", "clientPortAddress": "10.0.0.2"}
    clients = Listener("clients", "10.0.0.2", 2181)
    assert zookeeper_listeners(alone, 2) == [clients]
    ensemble = alone | {"server.1": "10.0.0.1:2888:3888", "server.2": "10.0.0.2:2888:3888"}
    assert zookeeper_listeners(ensemble, 2) == [clients, Listener("elections", "10.0.0.2", 3888)]
    assert followers_listener(alone, 2) is None
    assert followers_listener(ensemble, 2) == Listener("followers", "10.0.0.2", 2888)

"""Which ports the brokers' nodes have open on which network."""

from labs.kafka.addresses import TLS
from labs.kafka.lab import KafkaLab
from labs.observe.reading import told
from labs.problem import Problem
from proof.holds import holds
from proof.requirement import proven_by, requirement
from suites.kafka.faults.listening import plain_on_the_public_network
from suites.kafka.listening import listening_problems, read_listening


@requirement("826712dd-fbc9-4da5-afb2-af51585a924b")
@proven_by(plain_on_the_public_network, kind="open-port")
def test_only_tls_listens_on_the_public_network(kafka: KafkaLab) -> None:
    """Listeners: the public address of each broker takes connections at the port for TLS and at no other."""
    holds(public_problems(kafka))


def public_problems(kafka: KafkaLab) -> list[Problem]:
    """What listens on the network of clients."""
    found = []
    for broker in kafka.brokers.values():
        sockets = read_listening(told(broker.node.host, "ss -Hltn"))
        found += listening_problems({broker.public: [TLS]}, sockets, broker.name)
    return found

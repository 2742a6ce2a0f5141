"""What every broker says of the cluster, and what it runs with."""

from collections.abc import Collection
from contextlib import closing

from kafka.errors import KafkaError

from labs.kafka.configs import broker_settings
from labs.kafka.lab import KafkaLab
from labs.kafka.quorum import quorum, registered
from labs.problem import Problem
from proof.holds import eventually, holds
from proof.requirement import proven_by, requirement
from suites.kafka.cluster import (
    controller_problems,
    door_problems,
    member_problems,
    registration_problems,
    spoken,
    view_problems,
    voters,
)
from suites.kafka.faults.cluster import (
    advertised_on_the_wrong_network,
    broker_cut_off,
    broker_fenced,
    broker_killed,
    broker_of_another_id,
    broker_paused,
    controllers_lost,
)
from suites.kafka.faults.settings import changed_in_its_file, changed_while_it_runs, larger_records_at_one_broker
from suites.kafka.settings import promise_problems, setting_problems

SOON = 5.0
"""Seconds that news may take to every broker of a busy machine: they are pushed within a heartbeat or a fetch."""
ASK_MS = 1500
"""In which a broker that asks the quorum's leader has an answer, or there is none."""


@requirement("0e582d74-9653-461b-a3fd-e3e0abe7e46d")
@proven_by(broker_killed, kind="no-answer")
@proven_by(broker_paused, kind="no-answer")
@proven_by(broker_of_another_id, kind="unknown-broker")
def test_every_broker_knows_all_by_their_ids(kafka: KafkaLab) -> None:
    """Cluster: each broker answers, and knows those that are declared and no other."""
    eventually(lambda: member_problems(kafka.cluster.doors, kafka.cluster.views()), within=SOON)


@requirement("691c7fe3-1e5e-4627-9865-8788c7112015")
@proven_by(advertised_on_the_wrong_network, kind="wrong-door")
def test_clients_are_sent_to_where_each_broker_is(kafka: KafkaLab) -> None:
    """Cluster: each broker tells clients the right host and port of every broker."""
    eventually(lambda: door_problems(kafka.cluster.doors, kafka.cluster.views()), within=SOON)


@requirement("e38689f3-fd93-46da-8bbb-ec4f6f10ba7f")
@proven_by(broker_fenced, kind="not-registered")
def test_every_broker_is_registered_and_none_is_fenced(kafka: KafkaLab) -> None:
    """Cluster: all brokers are registered, none is fenced off, and none is left over of earlier days."""
    with kafka.cluster.admin() as admin:
        eventually(lambda: registration_problems(kafka.cluster.doors, registered(admin)), within=SOON)


@requirement("ebce3de6-4216-4ec5-85fc-40a04eb9d8a7")
@proven_by(controllers_lost, kind="no-controller")
def test_the_controller_is_known_and_a_member(kafka: KafkaLab) -> None:
    """Cluster: there is one controller, everybody who is asked names the same, and it is one of the members."""
    eventually(lambda: controlled(kafka), within=SOON)


@requirement("22e89afb-b0b6-4fc2-8b1c-1478a994be61")
@proven_by(broker_cut_off, kind="differing-view")
def test_metadata_are_the_same_at_every_broker(kafka: KafkaLab) -> None:
    """Cluster: each broker tells the same of brokers, topics, leaders, their epochs and in-sync replicas."""
    eventually(lambda: view_problems(kafka.cluster.views(None), controller=not kafka.kraft), within=SOON)


@requirement("114be2c9-5776-48a4-8e52-692a5decdbde")
@proven_by(changed_while_it_runs, kind="not-in-force")
@proven_by(changed_in_its_file, kind="not-in-force")
def test_every_configured_setting_is_in_force(kafka: KafkaLab) -> None:
    """Cluster: each broker, and each controller of its own, runs with all that it was told, by its own word."""
    with kafka.cluster.admin() as admin:
        found = setting_problems(kafka.declared, broker_settings(admin, kafka.cluster.doors))
    holds([*found, *setting_problems(kafka.declared_apart, kafka.settings_apart(), "controller")])


@requirement("c43295bd-2007-415b-a4e3-06650896f9b5")
@proven_by(larger_records_at_one_broker, kind="differing-setting")
def test_brokers_promise_clients_the_same(kafka: KafkaLab) -> None:
    """Cluster: settings that clients feel are the same at every broker."""
    with kafka.cluster.admin() as admin:
        holds(promise_problems(broker_settings(admin, kafka.cluster.doors)))


def controlled(kafka: KafkaLab) -> list[Problem]:
    """By the quorum's word, or by each broker's where there is ZooKeeper."""
    views = kafka.cluster.views()
    if not kafka.kraft:
        named = {f"broker {broker}": view.controller for broker, view in spoken(views).items()}
        return controller_problems(named, kafka.cluster.doors, views)
    leader, members = asked(kafka)
    return controller_problems({"the quorum": leader}, voters(kafka.declared) or members, views)


def asked(kafka: KafkaLab) -> tuple[int | str, Collection[int]]:
    """The quorum's leader, or why there is no answer; and its voters."""
    try:
        with closing(kafka.clients.admin(kafka.outside, request_timeout_ms=ASK_MS)) as admin:
            found = quorum(admin)
    except KafkaError as error:
        return f"no answer: {error}", ()
    return (found.leader, found.voters) if found else ("no answer: there is no quorum", ())

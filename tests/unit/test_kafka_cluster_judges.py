"""The judges of a cluster and of its settings, on what brokers say by hand."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from labs.kafka.configs import Setting
from labs.kafka.metadata import Endpoint, Metadata, Partition, Topic
from labs.kafka.quorum import Registered
from labs.problem import Problem
from suites.kafka.cluster import (
    Views,
    controller_problems,
    door_problems,
    member_problems,
    registration_problems,
    view_problems,
    voters,
)
from suites.kafka.settings import PROMISES, promise_problems, setting_problems

IDS = (1, 2, 3)
DOORS = {id: (f"host{id}", 9093) for id in IDS}
LED_BY_1 = Partition(0, 1, 4, IDS, IDS, ())


def view(*ids: int, controller: int = 1, partition: Partition = LED_BY_1) -> Metadata:
    ends = {id: Endpoint(f"host{id}", 9093, None) for id in ids}
    return Metadata("c", controller, ends, {"t": Topic(0, False, {0: partition})})


def kinds(problems: Sequence[Problem]) -> list[tuple[str, str]]:
    return [(problem.kind, problem.where) for problem in problems]


ALL: Views = {id: view(*IDS) for id in IDS}


def test_a_sound_cluster_has_no_problem() -> None:
    assert member_problems(IDS, ALL) == []
    assert door_problems(DOORS, ALL) == []
    assert view_problems(ALL, controller=True) == []
    assert controller_problems({"broker 1": 2, "broker 2": 2}, IDS, ALL) == []
    assert registration_problems(IDS, [Registered(id, "h", 1, False) for id in IDS]) == []
    assert registration_problems(IDS, [Registered(id, "h", 1, None) for id in IDS]) == []


def test_members_that_are_silent_missing_and_strange() -> None:
    found = member_problems(IDS, {1: view(1, 2), 2: view(*IDS, 4), 3: "timed out"})
    assert kinds(found) == [("no-answer", "broker 3"), ("missing-broker", "broker 1"), ("unknown-broker", "broker 2")]
    assert found[0].found == "timed out"


def test_a_broker_elsewhere_is_told_of_by_each_that_says_so() -> None:
    moved = replace(view(*IDS), brokers={**view(*IDS).brokers, 2: Endpoint("host2", 9092, None)})
    [problem] = door_problems(DOORS, {**ALL, 3: moved})
    assert (problem.kind, problem.where, problem.found) == ("wrong-door", "broker 3, of broker 2", "host2:9092")


def test_a_broker_that_is_fenced_or_left_over() -> None:
    found = registration_problems(IDS, [Registered(1, "h", 1, False), Registered(2, "h", 1, True), Registered(4, "h", 1, True)])
    assert kinds(found) == [("not-registered", "broker 2"), ("not-registered", "broker 3"), ("unknown-broker", "broker 4")]
    assert [problem.found for problem in found[:2]] == ["fenced", "not listed"]


@pytest.mark.parametrize(
    ("named", "views", "kind"),
    [
        ({"the quorum": "no answer: timed out"}, ALL, "no-controller"),
        ({"broker 1": -1}, ALL, "no-controller"),
        ({"broker 1": 3}, {**ALL, 3: "refused"}, "no-controller"),
        ({"broker 1": 7}, ALL, "strange-controller"),
        ({"broker 1": 1, "broker 2": 2}, ALL, "two-controllers"),
    ],
)
def test_a_controller_is_named_by_all_and_answers(named: dict[str, int | str], views: Views, kind: str) -> None:
    assert [problem.kind for problem in controller_problems(named, IDS, views)] == [kind]


def test_a_controller_need_not_be_a_broker() -> None:
    assert controller_problems({"the quorum": 11}, (11, 12, 13), ALL) == []


def test_voters_are_read_out_of_settings() -> None:
    assert voters({1: {"controller.quorum.voters": "11@a:9094,12@b:9094"}, 2: {}}) == {11, 12}
    assert voters({1: {}}) == frozenset()


@pytest.mark.parametrize(
    "other",
    [
        view(1, 2),
        view(*IDS, partition=replace(LED_BY_1, leader=2)),
        view(*IDS, partition=replace(LED_BY_1, epoch=5)),
        view(*IDS, partition=replace(LED_BY_1, isr=(1, 2))),
        view(*IDS, partition=replace(LED_BY_1, error=5)),
        replace(view(*IDS), topics={}),
        replace(view(*IDS), cluster="d"),
    ],
)
def test_the_broker_that_says_otherwise_is_told_of(other: Metadata) -> None:
    [problem] = view_problems({1: view(*IDS), 2: other, 3: view(*IDS)}, controller=True)
    assert problem.kind == "differing-view"
    assert problem.where.startswith("broker 2: ")


def test_the_controller_counts_where_it_is_told_alone() -> None:
    views = {**ALL, 3: view(*IDS, controller=3)}
    assert kinds(view_problems(views, controller=True)) == [("differing-view", "broker 3: controller")]
    assert view_problems(views, controller=False) == []


def test_a_broker_that_does_not_answer_says_otherwise() -> None:
    assert kinds(view_problems({**ALL, 2: "refused"}, controller=True)) == [("no-answer", "broker 2")]


# --- settings


def setting(value: str | None, source: str = "STATIC_BROKER_CONFIG", *, secret: bool = False) -> Setting:
    return Setting(value, source, False, secret)


def test_what_is_told_is_in_force() -> None:
    told = {"auto.create.topics.enable": "False", "listeners": "A://h:1, B://h:2", "ssl.key.password": "changeit"}
    found = {
        "broker.id": setting("1"),
        "auto.create.topics.enable": setting("false"),
        "listeners": setting("A://h:1,B://h:2"),
        "ssl.key.password": setting(None, secret=True),
    }
    assert setting_problems({1: told}, {1: found}) == []


def test_what_is_not_in_force_is_told_with_where_it_comes_from() -> None:
    found = {
        "broker.id": setting("2"),
        "num.io.threads": setting("3", "DYNAMIC_BROKER_CONFIG"),
        "num.io.thread": setting(None, secret=True),
    }
    told = {"num.io.threads": "2", "num.io.thread": "2", "log.dirs": "/data"}
    problems = setting_problems({1: told}, {1: found})
    assert kinds(problems) == [
        ("not-in-force", "broker 1: broker.id"),
        ("not-in-force", "broker 1: num.io.threads"),
        ("not-in-force", "broker 1: num.io.thread"),
        ("not-in-force", "broker 1: log.dirs"),
    ]
    assert problems[1].found == "3 (DYNAMIC_BROKER_CONFIG)"
    assert problems[2].found == problems[3].found == "the broker knows no such setting"


def test_a_broker_whose_settings_are_not_shown() -> None:
    assert kinds(setting_problems({1: {}}, {1: {}})) == [("settings-unread", "broker 1")]
    assert kinds(setting_problems({1: {}}, {})) == [("settings-unread", "broker 1")]
    assert kinds(promise_problems({1: {}})) == [("settings-unread", "broker 1")]


@pytest.mark.parametrize("name", PROMISES)
def test_a_promise_that_one_broker_does_not_make(name: str) -> None:
    same, other = {name: setting("1")}, {name: setting("2", "DYNAMIC_BROKER_CONFIG")}
    assert promise_problems({1: same, 2: same, 3: {name: setting("1", "DEFAULT_CONFIG")}}) == []
    [problem] = promise_problems({1: same, 2: other, 3: same})
    assert (problem.kind, problem.where) == ("differing-setting", name)


def test_brokers_may_differ_in_what_clients_do_not_feel() -> None:
    assert promise_problems({1: {"num.io.threads": setting("2")}, 2: {"num.io.threads": setting("8")}}) == []

"""An existing cluster, as far as it is known without one."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.errors import GroupAuthorizationFailedError, NotCoordinatorError, UnknownBrokerIdError

from labs.errors import LabError
from labs.existing.lab_file import read
from labs.kafka.api_versions import kraft, parse, release
from labs.kafka.existing import ExistingKafka
from labs.kafka.existing_facts import FILE, Facts
from labs.kafka.existing_form import KafkaForm
from labs.kafka.existing_reach import Found, find, slowest
from labs.kafka.existing_traces import Made, old
from labs.kafka.groups import remove_groups
from labs.kafka.guarantee import Guarantee
from labs.kafka.patience import patiently
from labs.kafka.timing import Timing
from labs.kafka.version import major_minor
from labs.kafka.wire import CORRELATION, NotKafka
from labs.seam import Lab

DAY = 86_400
WEAK = Guarantee(min_insync_replicas=1)
TIMING = Timing(session=9, election=4, lag=30, imbalance=300)


def prepared(folder: Path, more: str = "") -> Path:
    """What a run writes when it begins, without a cluster."""
    file = folder / "mine.yaml"
    file.write_text(f"lab: mine\nsubject: kafka\nbootstrap: ['b1:9093', '[::1]:9093']\n{more}")
    found = Found("id-1", {1: ("b1", 9093), 2: ("b2", 9093)}, "4.3", kraft=True, timing=TIMING, guarantee=WEAK, silent=())
    form = read(file).own
    assert isinstance(form, KafkaForm)
    Facts.of(read(file), form, found, "labproof-00000001-abcdef-").write(folder / "run")
    return folder / "run"


def test_it_is_attached_to_without_a_question(tmp_path: Path) -> None:
    lab: Lab = ExistingKafka.attach(str(prepared(tmp_path, "settings: {min.insync.replicas: 2}\n")))
    assert isinstance(lab, ExistingKafka)
    assert (lab.name, lab.nodes, lab.alive, lab.software) == ("mine", (), True, {"kafka": "4.3"})
    assert lab.outside.bootstrap == ("b1:9093", "[::1]:9093")
    assert (lab.cluster.doors, lab.cluster.prefix) == ({1: ("b1", 9093), 2: ("b2", 9093)}, "labproof-00000001-abcdef-")
    assert (lab.brokers, lab.kraft, lab.version, lab.timing) == ((1, 2), True, "4.3", TIMING)
    assert lab.guarantee == WEAK
    assert lab.declared == {id: {"min.insync.replicas": "2"} for id in (1, 2)}
    assert lab.clients.declared["producer"]["acks"] == "all"


def test_what_was_never_prepared(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"existing\.json: no cluster was prepared here: FileNotFoundError"):
        ExistingKafka.attach(str(tmp_path))
    (tmp_path / FILE).write_text("{}")
    with pytest.raises(LabError, match=r"existing\.json: no cluster was prepared here: TypeError"):
        ExistingKafka.attach(str(tmp_path))


def test_a_lab_file_that_has_changed_since_is_told(tmp_path: Path) -> None:
    folder = prepared(tmp_path)
    (tmp_path / "mine.yaml").write_text("lab: [")
    with pytest.raises(LabError, match=r"lab mine: its file is not what it was: .*mine\.yaml:"):
        ExistingKafka.attach(str(folder))


def test_a_cluster_that_went_away_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = prepared(tmp_path)
    facts = json.loads((folder / FILE).read_text())
    (folder / FILE).write_text(json.dumps(facts | {"doors": {"1": ["127.0.0.1", 1]}}))
    file = tmp_path / "mine.yaml"
    file.write_text(file.read_text().replace("b1:9093', '[::1]:9093", "127.0.0.1:1"))
    monkeypatch.setattr("labs.kafka.way.BOOTSTRAP_SECONDS", 0.2)
    lab = ExistingKafka.attach(str(folder))
    [problem] = lab.problems()
    assert (problem.kind, problem.where) == ("unreachable", "127.0.0.1:1")
    assert problem.found == "127.0.0.1:1: connection refused: nobody listens there"
    with pytest.raises(LabError, match=r"no broker of 127\.0\.0\.1:1 lets us in"):
        lab.left_behind()
    assert "broker 1\n  does not answer: [Errno 111] Connection refused" in lab.evidence()["metadata"]


def test_only_what_has_a_run_s_name_and_is_a_day_old_is_old() -> None:
    name = "labproof-00015180-abcdef-x"  # a day after 1970 began
    assert old(name, now=2 * DAY)
    assert not old(name, now=2 * DAY - 1)
    assert not old(name, now=0)
    for other in ("orders", "labproof-", "labproof-notes", "labproof-00015180-x", "xlabproof-00015180-abcdef-x"):
        assert not old(other, now=9 * DAY)


def test_what_was_made_is_told() -> None:
    made = Made(["labproof-1-a", "labproof-1-b"], ["labproof-1-g"])
    assert (str(made), str(made.only("labproof-1-g".__eq__)), bool(made), bool(Made((), ()))) == (
        "2 topics, 1 group", "1 group", True, False,
    )  # fmt: skip
    assert [(problem.kind, problem.where) for problem in made.problems()] == [
        ("left-behind", "topic labproof-1-a"), ("left-behind", "topic labproof-1-b"), ("left-behind", "group labproof-1-g"),
    ]  # fmt: skip
    assert Made([str(number) for number in range(9)], ["g"]).first() == "0, 1, 2, …"


def test_a_cluster_promises_what_its_weakest_broker_does() -> None:
    strong = {"min.insync.replicas": "2", "unclean.leader.election.enable": "false"}
    assert Guarantee.of([strong, strong]) == Guarantee()
    assert Guarantee.of([strong, {}]) == WEAK
    assert Guarantee.of([strong, {**strong, "unclean.leader.election.enable": "true"}]) == Guarantee(unclean_election=True)


def test_a_cluster_takes_as_long_as_the_slowest() -> None:
    assert slowest([TIMING, Timing(session=6, election=6, lag=10, imbalance=3)]) == Timing(9, 6, 30, 300)


@pytest.mark.parametrize(
    ("taken", "name", "quorum"),
    [
        ({0: (0, 13), 1: (4, 18), 2: (1, 11), 35: (1, 5), 55: (0, 2)}, "4.3", True),
        ({0: (0, 11), 1: (0, 17), 55: (0, 2)}, "3.9", True),
        ({0: (0, 8), 1: (0, 11), 2: (0, 5), 4: (0, 4)}, "2.4", False),
    ],
)
def test_a_broker_is_known_by_the_requests_that_it_takes(taken: dict[int, tuple[int, int]], name: str, quorum: bool) -> None:
    read = parse(answer(taken))
    assert read == taken
    assert (release(read), kraft(read)) == (name, quorum)


def answer(taken: dict[int, tuple[int, int]]) -> bytes:
    """The body of an answer to ApiVersions v0."""
    rows = b"".join(each.to_bytes(2, "big") for key, (least, most) in taken.items() for each in (key, least, most))
    return b"\0\0" + len(taken).to_bytes(4, "big") + rows


def test_a_broker_that_does_not_say() -> None:
    with pytest.raises(NotKafka, match="does not say which requests it takes: error 35"):
        parse(b"\0\x23\0\0\0\0")


def test_a_coordinator_that_has_just_moved_is_asked_again() -> None:
    answers = [{"g": "NotCoordinatorError"}, {"g": "OK"}]
    admin: Any = SimpleNamespace(delete_groups=lambda _: answers.pop(0))
    patiently(lambda: remove_groups(admin, ["g"]))
    assert not answers


def test_who_has_to_be_asked_is_found_out_anew() -> None:
    """A controller that is gone, and a coordinator that has moved: the client itself asks the one it knows for ever."""
    cluster = SimpleNamespace(_coordinators={"g": 2})
    cluster.brokers = lambda: [SimpleNamespace(node_id=2), SimpleNamespace(node_id=3)]
    admin: Any = SimpleNamespace(_controller_id=2, _manager=SimpleNamespace(cluster=cluster))

    def ask() -> int:
        if admin._controller_id == 2 or cluster._coordinators:
            raise UnknownBrokerIdError(2)
        return 3

    with pytest.raises(UnknownBrokerIdError):
        patiently(ask)
    assert patiently(ask, by=admin) == 3


def test_a_group_that_may_not_be_removed_is_not_asked_for_again() -> None:
    answers = [{"g": "GroupAuthorizationFailedError"}]
    admin: Any = SimpleNamespace(delete_groups=lambda _: answers.pop(0))
    patiently(lambda: remove_groups(admin, ["g"]))
    assert not answers


@pytest.mark.parametrize("error", [NotCoordinatorError, GroupAuthorizationFailedError])
def test_patience_ends(error: type[Exception]) -> None:
    def ask() -> None:
        raise error("no")

    with pytest.raises(error):
        patiently(ask, within=0.3)


def test_of_a_mixture_the_earliest_release_counts() -> None:
    assert major_minor("4.3.1") == (4, 3)
    assert major_minor("3.9, 4.3") == (3, 9)


@pytest.mark.parametrize(("produce", "fetch", "spoken"), [(5, 7, "1.1"), (7, 11, "2.3")])
def test_a_broker_that_is_too_old_is_named(produce: int, fetch: int, spoken: str) -> None:
    """It is asked nothing that it does not know."""
    with pytest.raises(LabError, match=f"^old:9093 speaks as Kafka {spoken} does, and 2.4 is the oldest that can be judged$"):
        find(taking({0: (0, produce), 1: (0, fetch)}), {})


def taking(taken: dict[int, tuple[int, int]]) -> Any:
    """A way to one broker, which says what it takes, and hangs up when it is asked for more."""

    @contextmanager
    def dial(host: str, port: int, within: float) -> Iterator[socket.socket]:
        here, there = socket.socketpair()
        with here, there:
            body = CORRELATION.to_bytes(4, "big") + answer(taken)
            there.sendall(len(body).to_bytes(4, "big") + body)
            there.shutdown(socket.SHUT_WR)
            yield here

    return SimpleNamespace(bootstrap=("old:9093",), dial=dial)

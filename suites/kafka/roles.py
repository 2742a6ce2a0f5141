"""Who is to fail: the controller, or a broker that has no other part in the cluster."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from labs.errors import LabError
from labs.kafka.addresses import CONTROLLER
from labs.kafka.broker import Broker, Member
from labs.kafka.cluster import Cluster
from labs.kafka.lab import KafkaLab
from labs.kafka.leading import Leading, leading
from labs.kafka.metadata import NONE, Metadata
from labs.kafka.side_by_side import side_by_side
from labs.problem import Problem
from labs.wait import watch
from suites.kafka.failover import not_succeeded
from suites.kafka.members import ensemble_leader

KNOWN_SECONDS = 5.0
"""Until everybody agrees who the controller is, in a lab where nothing has failed for a while."""
ASK_SECONDS = 1.0
"""In which a controller that is asked whether it leads has to answer."""


def active_controller(kafka: KafkaLab, *, but: int | None = None) -> int | None:
    """Who leads a majority of the KRaft quorum, or whom all brokers take for the controller; None while there is none.

    Each is asked itself, over a connection of its own; `but` one that has failed is not, and what it would say is no news.
    """
    if kafka.kraft:
        return foremost(_claims(kafka, but).values(), len(kafka.controllers), but)
    return agreed(_left(kafka, but).views())


def foremost(claims: Iterable[Leading | None], voters: int, but: int | None = None) -> int | None:
    """Of those that say that they lead, and are followed by most of so many voters, the one of the latest epoch.

    One that is stopped votes for a successor yet, and may fetch from it: `but` that one does not count.
    """
    leaders = [each for each in claims if each is not None and 2 * (1 + len(each.followers - {but})) > voters]
    return max(leaders, key=lambda each: each.epoch).id if leaders else None


def agreed(views: Mapping[int, Metadata | str]) -> int | None:
    """The controller, where every broker names the same."""
    known = {NONE if isinstance(view, str) else view.controller for view in views.values()}
    return known.pop() if len(known) == 1 and NONE not in known else None


def _claims(kafka: KafkaLab, but: int | None) -> Mapping[int, Leading | None]:
    def look(id: int) -> Leading | None:
        try:
            with kafka.inside.dial(kafka.controllers[id].private, CONTROLLER, ASK_SECONDS) as sock:
                return leading(sock, ASK_SECONDS)
        except OSError:
            return None

    return side_by_side({id: member for id, member in kafka.controllers.items() if id != but}, look)


def _left(kafka: KafkaLab, but: int | None) -> Cluster:
    return replace(kafka.cluster, doors={id: door for id, door in kafka.cluster.doors.items() if id != but})


def without(kafka: KafkaLab, gone: int) -> list[Problem]:
    """Whether another than the one that is gone is the active controller, by those that are left."""
    return not_succeeded("the quorum" if kafka.kraft else "the cluster", gone, active_controller(kafka, but=gone))


def controller(kafka: KafkaLab) -> Member:
    """LabError where there is none."""
    waited = watch(lambda: active_controller(kafka), lambda id: id is not None, within=KNOWN_SECONDS)
    if waited.last is None:
        raise LabError(f"{kafka}: it has no controller after {waited.seconds:.1f} s")
    return kafka.controllers[waited.last] if kafka.kraft else kafka.brokers[waited.last]


def bystander(kafka: KafkaLab) -> Broker:
    """A broker that is not the controller, nor beside the leader of ZooKeeper's ensemble: a failure of its node is its own."""
    busy = {controller(kafka).name}
    if kafka.zookeepers:
        busy.add(kafka.zookeepers[ensemble_leader(kafka)].name)
    return next(broker for broker in kafka.brokers.values() if broker.name not in busy)


def assignment(brokers: Collection[int], *, but: int | None = None) -> Mapping[int, Sequence[int]]:
    """One partition led by each broker, RF 3; with `but` none is led by that one."""
    led = [each for each in brokers if each != but]
    ids = list(brokers)
    turned = {each: [*ids[place:], *ids[:place]] for place, each in enumerate(ids)}
    return {number: turned[each] for number, each in enumerate(led)}

"""Who is to fail: the controller, or a broker that has no other part in the cluster."""

from collections.abc import Collection, Mapping, Sequence

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from labs.errors import LabError
from labs.kafka.addresses import ZOOKEEPER
from labs.kafka.broker import Broker, Member
from labs.kafka.ensemble import Server, servers
from labs.kafka.lab import KafkaLab
from labs.kafka.quorum import quorum
from labs.wait import watch

KNOWN_SECONDS = 5.0
"""Until everybody agrees who the controller is, in a lab where nothing has failed for a while."""
ASK_MS = 1500


def asking(kafka: KafkaLab) -> KafkaAdminClient:
    """A client to ask for the controller by, one that does not wait long; closed by the caller."""
    return kafka.clients.admin(kafka.outside, request_timeout_ms=ASK_MS)


def active_controller(kafka: KafkaLab, admin: KafkaAdminClient, brokers: Collection[int]) -> int | None:
    """The leader of the KRaft quorum, or whom all of these brokers take for the controller; None while there is none."""
    if not kafka.kraft:
        views = kafka.cluster.views().items()
        known = {-1 if isinstance(view, str) else view.controller for broker, view in views if broker in brokers}
        return known.pop() if len(known) == 1 and min(known) >= 0 else None
    try:
        found = quorum(admin)
    except KafkaError:
        return None
    return found.leader if found is not None and found.leader >= 0 else None


def controller(kafka: KafkaLab) -> Member:
    """LabError where there is none."""
    admin = asking(kafka)
    try:
        waited = watch(lambda: active_controller(kafka, admin, kafka.brokers), lambda id: id is not None, within=KNOWN_SECONDS)
    finally:
        admin.close()
    if waited.last is None:
        raise LabError(f"{kafka}: it has no controller after {waited.seconds:.1f} s")
    return kafka.controllers[waited.last] if kafka.kraft else kafka.brokers[waited.last]


def bystander(kafka: KafkaLab) -> Broker:
    """A broker that is not the controller, nor beside the leader of ZooKeeper's ensemble: a failure of its node is its own."""
    busy = {controller(kafka).name, *_ensemble_leaders(kafka)}
    return next(broker for broker in kafka.brokers.values() if broker.name not in busy)


def _ensemble_leaders(kafka: KafkaLab) -> Sequence[str]:
    places = {each.id: (each.address, ZOOKEEPER) for each in kafka.zookeepers.values()}
    found = servers(kafka.inside.connect, places) if places else {}
    return [kafka.zookeepers[id].name for id, told in found.items() if isinstance(told, Server) and told.mode == "leader"]


def assignment(brokers: Collection[int], *, but: int | None = None) -> Mapping[int, Sequence[int]]:
    """One partition led by each broker, RF 3; with `but` none is led by that one."""
    led = [each for each in brokers if each != but]
    ids = list(brokers)
    turned = {each: [*ids[place:], *ids[:place]] for place, each in enumerate(ids)}
    return {number: turned[each] for number, each in enumerate(led)}

"""A broker that comes back under another id: its own data would not let it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import rmtree

from labs.kafka.broker import Broker
from labs.kafka.daemons import new_id
from labs.kafka.lab import SETTLE_LIMIT, KafkaLab
from labs.kafka.properties import text
from labs.kafka.wire import INT, NO_TAGS, exchange, request
from labs.wait import until

UNREGISTER_BROKER = 64
ANSWER_SECONDS = 10.0


@contextmanager
def renumbered(kafka: KafkaLab, number: int, other: int) -> Iterator[None]:
    """The broker has no data but an id of its own, and the others know it by that."""
    broker = kafka.brokers[number]
    data = broker.data.with_name(f"{broker.data.name}-as-{other}")
    _set_up(kafka, broker, other, data)
    broker.daemon.stop()
    broker.daemon.begin()
    try:
        until(lambda: other in kafka.within.ask(1).brokers, within=SETTLE_LIMIT, what=f"broker {other}", every=0.1)
        yield
    finally:
        broker.daemon.stop()
        broker.configure({}, restart=False)
        if kafka.kraft:
            _unregister(kafka, other)
        broker.daemon.start()
        rmtree(data, ignore_errors=True)


def _set_up(kafka: KafkaLab, broker: Broker, other: int, data: Path) -> None:
    """As a broker alone: it has no vote under that id."""
    changes: dict[str, str | None] = {"log.dirs": str(data)}
    if kafka.kraft:
        listeners = [each for each in broker.settings["listeners"].split(",") if not each.startswith("CONTROLLER:")]
        changes |= {"node.id": str(other), "process.roles": "broker", "listeners": ",".join(listeners)}
        told = {"version": "1", "cluster.id": kafka.site.facts["cluster"], "node.id": str(other), "directory.id": new_id()}
        data.mkdir()
        (data / "meta.properties").write_text(text(told))
    else:
        changes |= {"broker.id": str(other)}
    broker.configure(changes, restart=False)


def _unregister(kafka: KafkaLab, number: int) -> None:
    """A quorum remembers a broker until it is told not to (UnregisterBroker v0, of flexible form: tags end each part)."""
    message = request(UNREGISTER_BROKER, 0, NO_TAGS + INT.pack(number) + NO_TAGS)
    with closing(kafka.inside.connect(*kafka.within.doors[1], ANSWER_SECONDS)) as sock:
        exchange(sock, message, ANSWER_SECONDS)

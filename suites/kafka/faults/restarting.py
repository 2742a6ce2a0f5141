"""Brokers and controllers that are started anew with other settings."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from labs.kafka.broker import Member
from labs.kafka.lab import SETTLE_LIMIT, KafkaLab
from labs.wait import ready


@contextmanager
def reconfigured(kafka: KafkaLab, changes: Callable[[Member], Mapping[str, str]]) -> Iterator[None]:
    """Each broker and controller has its settings beside the declared ones, and the lab is well with them."""
    try:
        _restarted(kafka, changes)
        yield
    finally:
        _restarted(kafka, lambda _: {})


def _restarted(kafka: KafkaLab, changes: Callable[[Member], Mapping[str, str]]) -> None:
    """All at once, and killed: one that is stopped would look for others to lead in its place."""
    members = {**kafka.brokers, **kafka.controllers}.values()
    for member in members:
        member.configure(dict(changes(member)), restart=False)
        member.daemon.kill()
    for member in members:
        member.daemon.begin()
    for member in members:
        member.daemon.wait()
    ready(kafka.problems, within=SETTLE_LIMIT, what=f"lab {kafka.name}")

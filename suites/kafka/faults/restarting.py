"""Brokers and controllers that are started anew with other settings."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from labs.kafka.lab import SETTLE_LIMIT, KafkaLab
from labs.wait import ready


@contextmanager
def reconfigured(kafka: KafkaLab, changes: Mapping[str, str]) -> Iterator[None]:
    """Every broker and controller has these settings beside the declared ones, and the lab is well with them."""
    _restarted(kafka, changes)
    try:
        yield
    finally:
        _restarted(kafka, {})


def _restarted(kafka: KafkaLab, changes: Mapping[str, str]) -> None:
    """All at once, and killed: one that is stopped would look for others to lead in its place."""
    members = {**kafka.brokers, **kafka.controllers}.values()
    for member in members:
        member.configure(dict(changes), restart=False)
        member.daemon.kill()
    for member in members:
        member.daemon.begin()
    for member in members:
        member.daemon.wait()
    ready(kafka.problems, within=SETTLE_LIMIT, what=f"lab {kafka.name}")

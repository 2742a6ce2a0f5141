"""What an administrator says where no controller is found; a stand-in for kafka-python's, which needs a cluster to say it."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.errors import NotControllerError

from labs.kafka import cluster
from labs.kafka.not_controller import TWICE, told_as_kafka_does


class Admin(SimpleNamespace):
    """Asks, as its delete_topics does, and gives this answer."""

    _send_request_to_controller: Callable[[str], Awaitable[str]]

    def delete_topics(self, topics: list[str]) -> str:
        return asyncio.run(self._send_request_to_controller(topics[0]))  # type: ignore[arg-type]

    def close(self) -> None: ...


def admin(answer: str | Exception) -> Admin:
    async def ask(topic: str) -> str:
        if isinstance(answer, Exception):
            raise answer
        return f"{topic}: {answer}"

    return Admin(_send_request_to_controller=ask)


def test_that_the_controller_is_another_each_time_is_an_error_of_kafkas() -> None:
    with pytest.raises(NotControllerError, match=TWICE):
        told_as_kafka_does(admin(RuntimeError(TWICE))).delete_topics(["t"])
    with pytest.raises(RuntimeError, match=r"^no thread$"):
        told_as_kafka_does(admin(RuntimeError("no thread"))).delete_topics(["t"])
    assert told_as_kafka_does(admin("gone")).delete_topics(["t"]) == "t: gone"


def test_a_topic_that_no_controller_takes_away_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "KafkaAdminClient", lambda **_: admin(RuntimeError(TWICE)))
    way: Any = SimpleNamespace(settings=dict)
    cluster.Cluster(way, {}, "").delete("t")

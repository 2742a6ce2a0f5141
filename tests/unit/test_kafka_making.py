"""Topics that are asked for, by what brokers answer."""

from types import SimpleNamespace
from typing import Any

import pytest
from kafka.admin import NewTopic
from kafka.errors import NotControllerError, RequestTimedOutError

from labs.errors import LabError
from labs.kafka.cluster import TooFewBrokers, make

TOPIC = NewTopic("t", num_partitions=1, replication_factor=3)


def client(*answers: int | Exception) -> Any:
    """It gives these codes, or raises these errors, one by one."""
    left = list(answers)

    def create_topics(topics: list[NewTopic], raise_errors: bool) -> dict[str, Any]:
        assert (topics, raise_errors) == ([TOPIC], False)
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"topics": [{"error_code": answer, "error_message": None}]}

    brokers = [SimpleNamespace(node_id=id) for id in (1, 2, 3)]
    knows = SimpleNamespace(cluster=SimpleNamespace(_coordinators={}, brokers=lambda: brokers))
    return SimpleNamespace(create_topics=create_topics, left=left, _controller_id=1, _manager=knows)


@pytest.mark.parametrize(
    "answers", [[0], [RequestTimedOutError(), 0], [41, 0], [RequestTimedOutError(), 36], [NotControllerError(), 0]]
)
def test_another_broker_is_asked_where_one_does_not_reach_the_controller(answers: list[int | Exception]) -> None:
    asked = client(*answers)
    make(asked, TOPIC)
    assert not asked.left
    assert asked._controller_id == len(answers)


def test_what_is_refused_is_asked_for_once() -> None:
    with pytest.raises(TooFewBrokers, match="topic t cannot be made: InvalidReplicationFactorError"):
        make(client(38), TOPIC)
    with pytest.raises(LabError, match="topic t cannot be made: InvalidTopicError"):
        make(client(17), TOPIC)

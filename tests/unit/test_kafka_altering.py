"""Settings of a broker that are changed while it runs, as a seeded fault does."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from labs.errors import LabError
from suites.kafka.faults.settings import alter

EXPIRED = "[Error -1] UnknownError: KeeperErrorCode = Session expired for /config/brokers/2"


def kafka(*answers: str) -> Any:
    """Whose administrator is given these, one after the other."""
    left = list(answers)
    admin = SimpleNamespace(alter_configs=lambda *_, **__: {"broker": {"2": left.pop(0)}})
    return SimpleNamespace(within=SimpleNamespace(admin=lambda: nullcontext(admin)), left=left)


def test_a_broker_without_a_session_is_asked_again() -> None:
    asked = kafka(EXPIRED, EXPIRED, "OK")
    alter(asked, 2, {"a": "b"})
    assert not asked.left


def test_a_broker_that_refuses_is_not() -> None:
    with pytest.raises(LabError, match=r"^broker 2 refuses \{'a': 'b'\}: no such setting$"):
        alter(kafka("no such setting"), 2, {"a": "b"})

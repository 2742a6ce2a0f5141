"""What etcd's gateway answers, read."""

from typing import cast

import pytest

from labs.flannel.registry import EtcdRegistry, SocketSource


@pytest.mark.parametrize(("answer", "seconds"), [({"TTL": "86399"}, 86399), ({"ID": "7"}, 0), ({"TTL": "-1"}, -1)])
def test_the_seconds_that_a_lease_has_left(monkeypatch: pytest.MonkeyPatch, answer: dict[str, str], seconds: int) -> None:
    """JSON of protobuf leaves zeros out: in its last second a lease has no TTL."""
    monkeypatch.setattr(EtcdRegistry, "_ask", lambda *_: answer)
    assert EtcdRegistry(cast(SocketSource, None)).time_to_live(7) == seconds

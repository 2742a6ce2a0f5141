"""The ways by which clients of Kafka reach a node of a lab."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from labs.embedded.site import Site
from labs.kafka.way import Way
from tests.labs.embedded.conftest import PORT


def listener(site: Site) -> socket.socket:
    made = site.nodes["n1"].socket(socket.AF_INET, socket.SOCK_STREAM)
    made.bind(("192.168.0.101", PORT))
    made.listen()
    return made


def test_a_way_leads_into_the_lab_that_has_the_name_now(
    make: Callable[..., Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not into one that had it, from another folder of labs."""
    way = Way("plain", (f"192.168.0.101:{PORT}",), place="lab/n2")
    for folder in ("first", "second"):
        monkeypatch.setenv("LABPROOF_STATE", str(tmp_path / folder))
        site = make()
        with listener(site), way.connect("192.168.0.101", PORT, 5.0) as connected:
            assert connected.getpeername() == ("192.168.0.101", PORT)
        site.destroy()

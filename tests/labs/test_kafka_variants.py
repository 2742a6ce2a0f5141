"""The other variants of the Kafka lab, and the one of the product's own times."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labs.faults import killed
from labs.kafka.lab import KafkaLab
from labs.kafka.variant import VARIANTS

OTHERS = [name for name in VARIANTS if name != "4"]
Up = Callable[..., KafkaLab]


@pytest.fixture
def up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Up]:
    """Brings up a lab of a variant, with the options that it is given; it is gone after the test."""
    monkeypatch.setenv("LABPROOF_STATE", str(tmp_path / "state"))
    labs = []

    def up(variant: str, **options: bool) -> KafkaLab:
        name, logs = f"kafka-{variant}-{os.getpid()}", tmp_path / "logs"
        labs.append(KafkaLab.up(name, variant=variant, nodes=3, logs=logs, owner=os.getpid(), progress=print, **options))
        return labs[-1]

    yield up
    for lab in labs:
        lab.down()


@pytest.mark.parametrize("variant", OTHERS)
def test_each_variant_comes_up_and_bears_a_brokers_death(up: Up, variant: str) -> None:
    lab = up(variant)
    assert lab.version == {"4": "4.3.1", "3": "3.9.2", "2": "2.4.1"}[variant[0]]
    assert len(lab.zookeepers) == {"2.4": 3, "2.4-single": 1}.get(variant, 0)
    with killed(lab.brokers[1].daemon):
        assert lab.problems()
    lab.settle()


def test_with_defaults_the_times_are_the_products_own(up: Up) -> None:
    lab = up("4", defaults=True)
    assert lab.timing.session == 9.0
    assert "broker.session.timeout.ms" not in lab.brokers[1].settings
    assert lab.software["time-outs"] == "the product's own"

"""docs/kafka.md tells the settings and the limits of the Kafka lab as they are."""

import re
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from labs.kafka import client_settings, declared
from labs.kafka.timing import COMMON, ENSEMBLE, KRAFT, timing
from labs.kafka.variant import VARIANTS, Variant
from labs.kafka.way import CONNECT_SECONDS
from suites.kafka.group_limits import group_limits
from suites.kafka.limits import limits

PAGE = (Path(__file__).parents[2] / "docs/kafka.md").read_text()
CLIENTS = {"producer": KafkaProducer, "consumer": KafkaConsumer, "admin": KafkaAdminClient}
SHORT, OF_CLIENTS, LIMITS = "### Short times", "### What clients are told", "## Limits, and where they come from"


def rows(heading: str) -> list[list[str]]:
    """The cells of the tables below a heading, up to the next one."""
    found = re.search(rf"^{heading}\n(.*?)(?=^##|\Z)", PAGE, re.M | re.S)
    assert found, heading
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines() if line.startswith("| ")]


def told(heading: str) -> dict[tuple[str, str], tuple[str, str]]:
    """What a setting is in the lab, and of its product's own, by what stands before the names of the row, and its name."""
    found = {}
    for names, ours, own, *_ in rows(heading):
        known = re.findall(r"`([\w.]+)`", names)
        for name, *values in zip(known, ours.split(", "), own.split(", "), strict=True) if known else ():
            found[names.partition(":")[0] if ":" in names else "", name] = tuple(values)
    return found


def written(value: object) -> str:
    """As a settings file has it."""
    return str(value).lower() if isinstance(value, bool) else "all" if value == -1 else str(value)


def test_the_short_times_of_brokers_are_those_of_the_lab() -> None:
    shortened = {}
    for variant in VARIANTS.values():
        shortened |= declared.tuned(variant, defaults=False)
    documented = told(SHORT)
    assert {name: value for (_, name), (value, _) in documented.items()} == shortened
    own = {name: own.partition(" (")[0] for (_, name), (_, own) in documented.items()}
    known = {name: str(value) for name, value in {**KRAFT, **ENSEMBLE, **COMMON}.items()}
    assert {name: own[name] for name in known} == known


@pytest.mark.parametrize("kind", CLIENTS)
def test_what_clients_are_told_is_what_the_lab_tells_them(kind: str) -> None:
    documented = {name: values for (of, name), values in told(OF_CLIENTS).items() if of in (kind, "all")}
    expected = {
        name: (written(value), written(CLIENTS[kind].DEFAULT_CONFIG[name]))
        for name, value in client_settings.declared(tuned=True)[kind].items()
    }
    assert documented == expected


@pytest.mark.parametrize(
    ("column", "variant", "defaults"), [(2, "4", False), (3, "2.4", False), (4, "4", True)], ids=["4", "2.4", "4, --defaults"]
)
def test_limits_are_as_computed(column: int, variant: str, defaults: bool) -> None:
    computed = [f"{round(each, 2):g}" for each in seconds(VARIANTS[variant], defaults=defaults)]
    assert [row[column] for row in rows(LIMITS) if len(row) == 5][1:] == computed


def seconds(variant: Variant, *, defaults: bool) -> list[float]:
    """The limits in the order of the table."""
    times = timing(declared.tuned(variant, defaults=defaults), kraft=variant.kraft, major=variant.major)
    clients = client_settings.declared(tuned=not defaults)
    of = limits(times, {**KafkaProducer.DEFAULT_CONFIG, **clients["producer"]}, CONNECT_SECONDS)
    group = group_limits(times, {**KafkaConsumer.DEFAULT_CONFIG, **clients["consumer"]})
    ours = [of.succession, of.shrink, of.outage, of.rejoin, of.preferred]
    return [*ours, group.rebalance, group.takeover, group.coordinator, group.stall]

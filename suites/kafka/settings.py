"""The judges of settings: whether brokers run with what they were told, and promise clients the same."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from labs.kafka.secret import SECRET
from labs.problem import Problem

if TYPE_CHECKING:  # what asks has kafka-python in it
    from labs.kafka.configs import Setting

Found = Mapping[int, "Mapping[str, Setting]"]
"""Settings in force by broker and name."""

PROMISES = (
    "auto.create.topics.enable",
    "compression.type",
    "default.replication.factor",
    "delete.topic.enable",
    "group.max.session.timeout.ms",
    "group.min.session.timeout.ms",
    "log.cleanup.policy",
    "log.message.timestamp.type",
    "log.retention.bytes",
    "log.retention.ms",
    "max.connections.per.ip",
    "message.max.bytes",
    "min.insync.replicas",
    "num.partitions",
    "offsets.retention.minutes",
    "offsets.topic.replication.factor",
    "replica.lag.time.max.ms",
    "ssl.client.auth",
    "transaction.max.timeout.ms",
    "transaction.state.log.min.isr",
    "transaction.state.log.replication.factor",
    "transactional.id.expiration.ms",
    "unclean.leader.election.enable",
)
"""Settings that clients feel, who do not choose which broker leads (Kafka documentation, Broker Configs)."""


def setting_problems(declared: Mapping[int, Mapping[str, str]], found: Found, role: str = "broker") -> list[Problem]:
    """What each broker (or controller) does not run with; its own id is declared by whom it is."""
    return [
        problem
        for id, told in declared.items()
        for problem in _of_one(f"{role} {id}", {"broker.id": str(id), **told}, found.get(id, {}))
    ]


def _of_one(who: str, told: Mapping[str, str], found: "Mapping[str, Setting]") -> list[Problem]:
    if not found:
        return [Problem("settings-unread", who, "its settings", "none: it is another, or we may not read them")]
    return [
        Problem("not-in-force", f"{who}: {name}", value, _shown(found.get(name)))
        for name, value in told.items()
        if not SECRET.search(name) and not _same(value, found.get(name))
    ]


def _same(value: str, found: "Setting | None") -> bool:
    return found is not None and found.value is not None and _plain(value) == _plain(found.value)


def _plain(value: str) -> str:
    """As Kafka reads it: spaces in a list, and capitals in a boolean, mean nothing."""
    spaceless = re.sub(r"\s*,\s*", ",", value.strip())
    return spaceless.lower() if spaceless.lower() in ("true", "false") else spaceless


def _shown(found: "Setting | None") -> str:
    if found is None or (found.value is None and found.secret):
        return "the broker knows no such setting"
    return f"{found.value} ({found.source})"


def promise_problems(found: Found) -> list[Problem]:
    """Settings that clients feel and that are not the same at every broker."""
    unread = [broker for broker, settings in found.items() if not settings]
    problems = [Problem("settings-unread", f"broker {broker}", "its settings", "none") for broker in unread]
    for name in PROMISES:
        values = {broker: _shown(settings[name]) for broker, settings in found.items() if name in settings}
        if len({found[broker][name].value for broker in values}) > 1:
            problems.append(Problem("differing-setting", name, "the same at every broker", values))
    return problems

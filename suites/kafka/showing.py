"""What a failover leaves for people: its picture, its history, the cluster before, during and after, what was asked of it."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from labs.kafka.dump import dump
from labs.kafka.lab import KafkaLab
from labs.kafka.operations import UNKNOWN, History, Read, Write, shown
from labs.kafka.reader import FINAL
from labs.kafka.views import View, at, of
from labs.kafka.watching import EVERY as LOOKS
from proof.evidence import attach, attach_file, folder
from suites.kafka.accounting import balance, rates
from suites.kafka.accounting.finding import Finding
from suites.kafka.failover import Failover
from suites.kafka.limits import Limits
from suites.kafka.picture import Count, Gap, Moment, Strip, Timeline, drawn
from suites.kafka.traffic import outages

HISTORY = "failover.history"
"""Where a history grows, in the folder of the test."""
EVERY = 0.25
"""Seconds of a point in the picture."""
VISIBLE = 0.25
"""Seconds without an acknowledgement that the picture calls an outage: many times what lies between two at the load's rate."""
LOOK = 2 * LOOKS
"""Seconds: what is asked of a broker when it is struck is not answered any more."""
DUMPED, MISSING = 3, "lost-acknowledged"
"""Records that are looked up in the replicas' segments, and which of them first."""


def show(kafka: KafkaLab, told: str, failover: Failover, history: History, limits: Limits) -> None:
    """Attach it all to the test that runs; while the topic is there."""
    attach_file("failover.png", drawn(timeline(told, failover, history)))
    if (path := folder() / HISTORY).exists():
        attach_file(HISTORY, path, "text/plain")
    attach("cluster before, during and after", states(failover))
    attach("outage", "\n".join(map(str, outages(history, failover.broken))))
    attach("limits", str(limits))
    account = balance(history)
    attach("account", str(account))
    attach("clients", kafka.clients.shown())
    attach("brokers", settings(kafka))
    for finding in sorted(account.examples, key=lambda each: each.kind != MISSING)[:DUMPED]:
        attach(f"segments of {_record(finding)}", _dumps(kafka, history, finding))


def timeline(told: str, failover: Failover, history: History) -> Timeline:
    """As the picture has it: its zero is the fault, and it ends with the load; who reads all at the end is not in it."""
    shift = history.header.clock - failover.broken
    live = [each for each in history.operations if not (isinstance(each, Read) and each.consumer == FINAL)]
    counts = [
        Count(each.start + shift, each.acknowledged, each.refused + each.indeterminate, each.read)
        for each in rates(History(history.header, live), EVERY)
    ]
    gaps = [
        Gap(each.partition, each.began - failover.broken, each.began - failover.broken + each.ms / 1000)
        for each in outages(history, failover.broken)
        if each.ms > 1000 * VISIBLE
    ]
    end = counts[-1].start + EVERY if counts else 0.0
    return Timeline(told, EVERY, counts, moments(failover), strips(failover, failover.broken + end), gaps)


def moments(failover: Failover) -> list[Moment]:
    """What was done; a heal that takes hardly any time is one moment."""
    begins = failover.mending - failover.broken
    if failover.healed is None:
        return [Moment(0.0, "fault"), Moment(begins, "heal begins")]
    healed = Moment(failover.healed - failover.broken, "healed")
    return [Moment(0.0, "fault"), *([Moment(begins, "heal begins")] if healed.at - begins > VISIBLE else []), healed]


def strips(failover: Failover, end: float) -> list[Strip]:
    """Each broker's views of each partition, until its next one."""
    found = []
    for place in failover.places:
        for broker in failover.brokers:
            views = of(failover.seen_by(broker), place)
            for view, after in zip(views, [*(each.at for each in views[1:]), end], strict=True):
                found.append(_strip(view, view.at - failover.broken, after - failover.broken))
    return found


def _strip(view: View, start: float, end: float) -> Strip:
    if view.seen is None:
        return Strip(view.broker, view.partition, start, end, None)
    return Strip(view.broker, view.partition, start, end, view.seen.leader, view.seen.isr, view.seen.full)


def states(failover: Failover) -> str:
    """What each broker showed when it was struck, when the heal began, and at the end."""
    looks = {"before": failover.broken - LOOK, "during": failover.mending, "after": float("inf")}
    return "\n\n".join(
        "\n".join(
            [f"{name}:", *(f"  {view}" for place in failover.places for view in at(failover.views, place, moment).values())]
        )
        for name, moment in looks.items()
    )


def settings(kafka: KafkaLab) -> str:
    """A broker's as it is declared, and of each daemon what is changed."""
    declared = kafka.brokers[min(kafka.brokers)].process.declared
    lines = [f"{name} = {value}" for name, value in sorted(declared.items())]
    for process in kafka.processes:
        changed = _changes(process.declared, process.settings)
        lines += [f"{process}: {name} = {value} (changed)" for name, value in sorted(changed.items())]
    return "\n".join(lines)


def _changes(declared: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    return {name: now.get(name, "not set") for name in declared.keys() | now.keys() if declared.get(name) != now.get(name)}


def _record(finding: Finding) -> str:
    value = f" {shown(finding.value)}" if finding.value != UNKNOWN else ""
    return f"{finding.kind}{value} in partition {finding.partition}"


def _dumps(kafka: KafkaLab, history: History, finding: Finding) -> str:
    """What each replica has where the record was acknowledged, or else was read."""
    offset = _offset(history.operations, finding)
    if offset == UNKNOWN or finding.partition == UNKNOWN:
        return f"{finding}: no offset is known"
    topic = history.header.topic
    return "\n".join(_dump(broker.replica(topic, finding.partition), offset) for broker in kafka.brokers.values())


def _dump(replica: Path, offset: int) -> str:
    """A broker that is killed may leave a checkpoint that is none."""
    try:
        return dump(replica, offset)
    except (OSError, ValueError) as error:
        return f"{replica}: cannot be read: {error}"


def _offset(operations: Iterable[object], finding: Finding) -> int:
    for each in operations:
        if isinstance(each, Write) and each.value == finding.value and each.offset != UNKNOWN:
            return each.offset
    return finding.offset

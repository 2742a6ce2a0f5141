"""The judges of a cluster: who is a member and where, who is the controller, and whether all brokers say the same."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from labs.kafka.metadata import Metadata
from labs.problem import Problem

if TYPE_CHECKING:  # what asks has kafka-python in it
    from labs.kafka.quorum import Registered

Views = Mapping[int, Metadata | str]
"""What each broker says; in place of one that does not answer, why."""
NOBODY = -1


def silent(views: Views) -> list[Problem]:
    """The brokers that do not answer."""
    return [
        Problem("no-answer", f"broker {broker}", "metadata", view) for broker, view in views.items() if isinstance(view, str)
    ]


def spoken(views: Views) -> dict[int, Metadata]:
    """Those that do."""
    return {broker: view for broker, view in views.items() if not isinstance(view, str)}


def member_problems(ids: Collection[int], views: Views) -> list[Problem]:
    """A broker that does not answer, knows too few, or knows one that nobody has declared."""
    found = silent(views)
    for broker, view in spoken(views).items():
        missing, strange = sorted(set(ids) - set(view.brokers)), sorted(set(view.brokers) - set(ids))
        if missing:
            found.append(Problem("missing-broker", f"broker {broker}", sorted(ids), f"{missing} missing"))
        if strange:
            found.append(Problem("unknown-broker", f"broker {broker}", sorted(ids), f"{strange} too"))
    return found


def door_problems(doors: Mapping[int, tuple[str, int]], views: Views) -> list[Problem]:
    """Brokers that clients are sent for to another place than they are at; by each broker's own word."""
    return silent(views) + [
        Problem("wrong-door", f"broker {broker}, of broker {id}", f"{host}:{port}", f"{end.host}:{end.port}")
        for broker, view in spoken(views).items()
        for id, (host, port) in doors.items()
        if (end := view.brokers.get(id)) and (end.host, end.port) != (host, port)
    ]


def registration_problems(ids: Collection[int], listed: "Iterable[Registered]") -> list[Problem]:
    """Brokers that the cluster does not list, or has fenced off, so that they lead nothing; and strange ones."""
    known = {each.id: each for each in listed}
    lost = {id: "fenced" if id in known else "not listed" for id in ids if id not in known or known[id].fenced}
    found = [Problem("not-registered", f"broker {id}", "registered", how) for id, how in lost.items()]
    strange = (each for id, each in known.items() if id not in ids)
    return found + [
        Problem("unknown-broker", f"broker {each.id}", "not there", f"at {each.host}:{each.port}") for each in strange
    ]


def controller_problems(named: Mapping[str, int | str], members: Collection[int], views: Views) -> list[Problem]:
    """`named`: whom each of those that were asked takes for the controller, or why there is no answer."""
    found = []
    for asked, told in named.items():
        if isinstance(told, str) or told == NOBODY:
            found.append(Problem("no-controller", asked, "a controller", "nobody" if told == NOBODY else told))
        elif told not in members:
            found.append(Problem("strange-controller", asked, f"one of {sorted(members)}", told))
        elif isinstance(views.get(told), str):
            found.append(Problem("no-controller", asked, "a controller", f"broker {told}, which says: {views[told]}"))
    ids = {told for told in named.values() if isinstance(told, int)}
    return found or ([Problem("two-controllers", "the cluster", "one", dict(named))] if len(ids) > 1 else [])


def voters(declared: Mapping[int, Mapping[str, str]]) -> frozenset[int]:
    """The ids of the controllers by the brokers' settings ("1@host:port,…"); empty where these do not say."""
    told = (settings.get("controller.quorum.voters", "") for settings in declared.values())
    return frozenset(int(each.partition("@")[0]) for voters in told for each in voters.split(",") if each)


def view_problems(views: Views, *, controller: bool) -> list[Problem]:
    """What a broker says otherwise than most: brokers, topics, leaders, epochs, ISRs; the `controller` where that is told."""
    facts = {broker: _facts(view, controller=controller) for broker, view in spoken(views).items()}
    found = silent(views)
    for what in dict.fromkeys(name for each in facts.values() for name in each):
        told = {broker: each.get(what, "nothing") for broker, each in facts.items()}
        most = Counter(told.values()).most_common(1)[0][0]
        found += [Problem("differing-view", f"broker {id}: {what}", most, each) for id, each in told.items() if each != most]
    return found


def _facts(view: Metadata, *, controller: bool) -> dict[str, str]:
    brokers = ", ".join(f"{id} at {end.host}:{end.port}" for id, end in sorted(view.brokers.items()))
    partitions = {
        f"{topic}-{number}": f"leader {each.leader}, epoch {each.epoch}, replicas {each.replicas}, ISR {each.isr}, "
        f"offline {each.offline}, error {each.error}"
        for topic, found in view.topics.items()
        for number, each in found.partitions.items()
    }
    return {
        "cluster": str(view.cluster),
        "brokers": brokers,
        **({"controller": str(view.controller)} if controller else {}),
        **partitions,
    }

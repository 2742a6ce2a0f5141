"""The judges of the data path: what arrives between pods, from whom it seems to come, how large it is, which way it takes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from labs.flannel.observations import Delivery
from labs.observe.links import Counters
from labs.problem import Problem

ETHERNET = 14
"""Bytes of a frame's header, which a link's byte counters include."""

THINNEST_TUNNEL = 20
"""Bytes that the thinnest encapsulation (IP in IP) would add to each packet."""


def reach_problems(deliveries: Sequence[Delivery], causes: Mapping[str, str] | None = None) -> list[Problem]:
    """Pairs between which nothing arrived, with what dropped it where that is known (`causes`, by pair)."""
    return [Problem("undelivered", str(each), "arrives", _fate(each, causes or {})) for each in _lost(deliveries)]


def _fate(delivery: Delivery, causes: Mapping[str, str]) -> str:
    if delivery.refused:
        return "refused by the sender"
    return f"lost: {causes[str(delivery)]}" if str(delivery) in causes else "lost"


def source_problems(deliveries: Sequence[Delivery]) -> list[Problem]:
    """Pairs whose receiver does not see the sender's own address."""
    changed = [d for d in deliveries if d.arrived and d.seen_from != d.source_address]
    found = [Problem("source-changed", str(d), d.source_address, d.seen_from) for d in changed]
    return found + reach_problems(deliveries)


def masquerade_problems(deliveries: Sequence[Delivery], nodes: Mapping[str, IPv4Address]) -> list[Problem]:
    """Pods whose datagrams do not reach the outside as their node's own (`nodes`: its address by the sender's name)."""
    plain = [d for d in deliveries if d.arrived and d.seen_from != nodes[d.source]]
    return [Problem("not-masqueraded", str(d), nodes[d.source], d.seen_from) for d in plain] + reach_problems(deliveries)


def full_size_problems(deliveries: Sequence[Delivery]) -> list[Problem]:
    """Pairs between which a packet as large as the MTU does not pass in one piece."""
    return [
        Problem("full-mtu-lost", str(d), f"{d.size} bytes pass unfragmented", "refused" if d.refused else "lost")
        for d in _lost(deliveries)
    ]


def oversize_problems(deliveries: Sequence[Delivery]) -> list[Problem]:
    """Pairs between which a packet larger than the MTU passes, or is lost without the sender being told."""
    passed = [Problem("oversize-passed", str(d), f"{d.size} bytes are refused", "arrived") for d in deliveries if d.arrived]
    silent = [d for d in deliveries if not d.arrived and not d.refused]
    return passed + [Problem("oversize-lost", str(d), f"{d.size} bytes are refused", "lost silently") for d in silent]


def _lost(deliveries: Sequence[Delivery]) -> Iterator[Delivery]:
    return (delivery for delivery in deliveries if not delivery.arrived)


@dataclass(frozen=True)
class Burst:
    """Datagrams from one node's pod to another's: `count` packets of `size` bytes (IP header included), `arrived` of them."""

    sender: str
    receiver: str
    count: int
    size: int
    arrived: int

    @property
    def bytes(self) -> int:
        """What the burst is on a wire that adds nothing to it."""
        return self.count * (self.size + ETHERNET)

    @property
    def slack(self) -> int:
        """What else a link may carry meanwhile (ARP, the registry's watches): half of what the thinnest tunnel would add."""
        return self.count * THINNEST_TUNNEL // 2


def path_problems(burst: Burst, carried: Mapping[str, Counters]) -> list[Problem]:
    """Whether a burst took the straight way, by what each node's device carried meanwhile: bare, and by no third node."""
    found = []
    if burst.arrived < burst.count:
        place = f"{burst.sender} → {burst.receiver}"
        found.append(Problem("undelivered", place, f"{burst.count} datagrams", f"{burst.arrived} arrived"))
    sent, received = carried[burst.sender].sent_bytes, carried[burst.receiver].received_bytes
    found += _carried(burst, f"{burst.sender}: sent", sent)
    found += _carried(burst, f"{burst.receiver}: received", received)
    for node, counters in carried.items():
        if node not in (burst.sender, burst.receiver) and counters.sent_bytes > burst.slack:
            found.append(Problem("detour", node, f"at most {burst.slack} bytes on", f"{counters.sent_bytes} bytes on"))
    return found


def _carried(burst: Burst, place: str, found: int) -> Iterator[Problem]:
    expected = f"{burst.bytes} bytes, at most {burst.slack} more"
    if found > burst.bytes + burst.slack:
        yield Problem("encapsulated", place, expected, f"{found} bytes")
    elif found < burst.bytes:
        yield Problem("not-on-path", place, expected, f"{found} bytes")


def forwarding_problems(forwarding: Mapping[str, Mapping[str, bool]]) -> list[Problem]:
    """Nodes that do not forward, by switch ("all" and each interface of the path)."""
    rows = [(node, switch, on) for node, switches in forwarding.items() for switch, on in switches.items()]
    return [Problem("forwarding-off", f"{node}: {switch}", "on", "off") for node, switch, on in rows if not on]

"""The judges of listeners: which ports of a node are open on which network, and what answers there."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from labs.problem import Problem

EVERYWHERE = frozenset({"*", "0.0.0.0", "[::]"})
UNGUARDED = frozenset({"PLAINTEXT", "SASL_PLAINTEXT"})
DOORS_BY_HABIT = 9092
"""Where clients without TLS knock first."""


@dataclass(frozen=True)
class Listener:
    """As a broker's settings declare it; without a host it is everywhere."""

    protocol: str
    host: str
    port: int


def listeners(settings: Mapping[str, str]) -> list[Listener]:
    """By `listeners` and `listener.security.protocol.map`; a name that the map lacks is a protocol's."""
    pairs = (each.partition(":") for each in settings.get("listener.security.protocol.map", "").split(",") if each)
    protocols = {name.strip(): protocol.strip() for name, _, protocol in pairs}
    found = []
    for each in filter(None, settings.get("listeners", "").split(",")):
        name, _, place = each.strip().partition("://")
        host, _, port = place.rpartition(":")
        found.append(Listener(protocols.get(name, name), host.strip("[]"), int(port)))
    return found


def zookeeper_listeners(settings: Mapping[str, str], number: int) -> list[Listener]:
    """Of a ZooKeeper by its zoo.cfg: for clients, and where it is not alone, for elections."""
    found = [Listener("clients", settings.get("clientPortAddress", ""), int(settings["clientPort"]))]
    if place := _in_ensemble(settings, number):
        host, _, elections = place
        found.append(Listener("elections", host, int(elections)))
    return found


def followers_listener(settings: Mapping[str, str], number: int) -> Listener | None:
    """Where the followers of an ensemble come to its leader: no other ZooKeeper has that port open."""
    if place := _in_ensemble(settings, number):
        host, followers, _ = place
        return Listener("followers", host, int(followers))
    return None


def _in_ensemble(settings: Mapping[str, str], number: int) -> Sequence[str]:
    """Host, followers' port, port for elections; nothing of one that is alone."""
    place = settings.get(f"server.{number}")
    return place.split(":") if place else ()


def unguarded(settings: Mapping[str, str], door: str) -> list[tuple[str, int]]:
    """Hosts and ports where what a broker does without TLS could be reached: its own place, and its door's host."""
    plain = [each for each in listeners(settings) if each.protocol in UNGUARDED]
    ports = {each.port for each in plain} or {DOORS_BY_HABIT}
    own = {(each.host, each.port) for each in plain if each.host not in ("", "0.0.0.0", "::")}
    return sorted(own | {(door, port) for port in ports})


def unguarded_problems(answers: Mapping[tuple[str, int], str | None], served: str | None, broker: int) -> list[Problem]:
    """`answers`: why a client without TLS cannot use what is at each host and port; None where it can.

    Of a broker that answers nobody that would show nothing: `served` is why one with TLS cannot use it at the same time.
    """
    found = [
        Problem("answers-without-tls", f"broker {broker}: {host}:{port}", "nothing that answers a client without TLS", "Kafka")
        for (host, port), why in answers.items()
        if why is None
    ]
    return found + ([Problem("no-answer", f"broker {broker}", "a client with TLS is served", served)] if served else [])


@dataclass(frozen=True)
class Listening:
    """One row of `ss -Hltn`: where connections are taken."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"

    def at(self, address: str) -> bool:
        """Whether it takes connections to that address."""
        return self.address in EVERYWHERE or self.address in (address, f"[::ffff:{address}]")


def read_listening(text: str) -> list[Listening]:
    """The rows of `ss -Hltn`; an address may name its interface (`192.168.100.1%eth0`)."""
    places = [line.split()[3].rpartition(":") for line in text.splitlines() if line.strip()]
    return [Listening(address.partition("%")[0], int(port)) for address, _, port in places]


def ports_at(address: str, declared: Iterable[Listener]) -> frozenset[int]:
    """The ports that are to be open at an address of the node."""
    return frozenset(each.port for each in declared if each.host in ("", "0.0.0.0", address))


def listening_problems(
    wanted: Mapping[str, Collection[int]], sockets: Collection[Listening], node: str, *, maybe: Mapping[str, int] | None = None
) -> list[Problem]:
    """`wanted`: the ports that are to be open at each address of the node; no others may, but for one that `maybe` is."""
    found = []
    for address, ports in wanted.items():
        there = {each.port: each for each in sockets if each.at(address)}
        opened, closed = sorted(set(there) - {*ports, (maybe or {}).get(address)}), sorted(set(ports) - set(there))
        found += [Problem("open-port", f"{node}: {address}:{port}", "closed", f"open: {there[port]}") for port in opened]
        found += [Problem("closed-port", f"{node}: {address}:{port}", "open", "closed") for port in closed]
    return found

"""The judge of listening sockets: which ports of a node are open on which network."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from labs.problem import Problem

EVERYWHERE = frozenset({"*", "0.0.0.0", "[::]"})


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


def listening_problems(wanted: Mapping[str, Collection[int]], sockets: Collection[Listening], node: str) -> list[Problem]:
    """`wanted`: the ports that are to be open at each address of the node, and no others."""
    found = []
    for address, ports in wanted.items():
        there = {each.port: each for each in sockets if each.at(address)}
        where = f"{node}: {address}"
        found += [
            Problem("open-port", f"{where}:{port}", "closed", f"open: {there[port]}")
            for port in sorted(set(there) - set(ports))
        ]
        found += [Problem("closed-port", f"{where}:{port}", "open", "closed") for port in sorted(set(ports) - set(there))]
    return found

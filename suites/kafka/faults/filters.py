"""Packets between brokers that a firewall on a broker's node drops, while all else passes."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from labs.kafka.broker import Member
from labs.observe.reading import told

TABLE = "labproof_dropped"


@contextmanager
def dropped(member: Member, *rules: str) -> Iterator[None]:
    """What matches any of these (in nftables' words) does not leave the member's node by the private network."""
    chain = f"add chain inet {TABLE} out {{ type filter hook output priority 0; }}"
    lines = [f'add rule inet {TABLE} out oifname "eth0" {rule} drop' for rule in rules]
    host = member.node.host
    told(host, "nft %s", "; ".join([f"add table inet {TABLE}", chain, *lines]))
    try:
        yield
    finally:
        told(host, "nft %s", f"add table inet {TABLE}; delete table inet {TABLE}")  # it is gone when the node was off


def to(brokers: Collection[Member]) -> str:
    """Packets to these."""
    return f"ip daddr {{ {', '.join(each.private for each in brokers)} }}"

"""What drops packets is named: on real nodes, whose kernel and programs are asked."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from testinfra.host import Host

from labs.binaries import install
from labs.binaries.catalogue import TOOLS
from labs.binaries.environment import environment
from labs.embedded.backend import NetnsBackend
from labs.embedded.node import EmbeddedNode
from labs.embedded.site import Site
from labs.errors import LabError
from labs.observe.drops import Drop, Loss, why_lost
from labs.observe.firewall import Barrier, firewall_of, foreign_barriers
from labs.observe.tracing import LIFE, Flow, traced
from labs.wait import until

COUNT = 5
LEGACY = "xtables-legacy-multi iptables"
SOURCE, TARGET = IPv4Address("10.244.1.1"), IPv4Address("10.244.3.1")
FLOW = Flow(SOURCE, TARGET)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """n1 has 10.244.1.1, n3 10.244.3.1, and n2 forwards between them."""
    monkeypatch.setenv("LABPROOF_STATE", str(tmp_path / "state"))
    tools = environment(install((TOOLS,), print).values(), iptables="nft")
    site = Site.create("drops", logs=tmp_path / "logs", environment=tools, owner=os.getpid())
    try:
        site.add({f"n{i}": f"192.168.0.10{i}/24" for i in (1, 2, 3)})
        for here, there in ((1, 3), (3, 1)):
            ways = [
                f"ip addr add 10.244.{here}.1/32 dev lo && ip link set lo up",
                f"ip route add 10.244.{there}.0/24 via 192.168.0.102 src 10.244.{here}.1",
            ]
            site.nodes[f"n{here}"].host.run_expect([0], " && ".join(ways))
            site.nodes["n2"].host.run_expect([0], f"ip route add 10.244.{here}.0/24 via 192.168.0.10{here}")
        site.nodes["n2"].host.run_expect([0], "echo 1 > /proc/sys/net/ipv4/ip_forward")
        yield site
    finally:
        site.destroy()


def send(node: EmbeddedNode) -> None:
    with node.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for _ in range(COUNT):
            out.sendto(b"lost?", (str(TARGET), 4000))


def lost(site: Site) -> Loss:
    return why_lost(list(site.nodes.values()), [FLOW], lambda: send(site.nodes["n1"]))


def native(*lines: str, family: str = "ip", hook: str = "forward") -> str:
    rows = [f"table {family} zz {{", "chain f {", f"type filter hook {hook} priority 10", *lines, "}"]
    return "nft -f - <<'END'\n" + "\n".join(rows) + "\nEND"


DROPS = {
    "policy": ("n2", "iptables -P FORWARD DROP", "iptables-nft, table filter, chain FORWARD, policy DROP"),
    "policy for a marked packet": (
        "n2",
        "iptables -t mangle -A PREROUTING -j MARK --set-mark 0x4000; iptables -P FORWARD DROP",
        "iptables-nft, table filter, chain FORWARD, policy DROP",
    ),
    "rule": (
        "n2",
        "iptables -A FORWARD -s 10.9.0.0/16 -j DROP; iptables -A FORWARD -p udp -m comment --comment 'why not' -j DROP",
        'iptables-nft, table filter, chain FORWARD, rule "-p udp -j DROP"',
    ),
    "user chain": (
        "n2",
        "iptables -N U; iptables -N V; iptables -A FORWARD -j V; iptables -A V -j RETURN; iptables -A FORWARD -j U;"
        "iptables -A U -m conntrack --ctstate NEW -j REJECT",
        'iptables-nft, table filter, chain U, rule "-m conntrack --ctstate NEW -j REJECT --reject-with icmp-port-unreachable"',
    ),
    "raw table": (
        "n3",
        "iptables -t raw -A PREROUTING -d 10.244.3.1/32 -j DROP",
        'iptables-nft, table raw, chain PREROUTING, rule "-d 10.244.3.1/32 -j DROP"',
    ),
    "refused to the sender": (
        "n1",
        "iptables -t mangle -A OUTPUT -p udp -j DROP",
        'iptables-nft, table mangle, chain OUTPUT, rule "-p udp -j DROP"',
    ),
    "legacy policy": ("n2", f"{LEGACY} -P FORWARD DROP", "iptables-legacy, table filter, chain FORWARD, policy DROP"),
    "legacy rule": (
        "n3",
        f"{LEGACY} -A INPUT -p tcp -j DROP; {LEGACY} -A INPUT -p udp -j REJECT",
        'iptables-legacy, table filter, chain INPUT, rule "-p udp -j REJECT --reject-with icmp-port-unreachable"',
    ),
    "legacy user chain": (
        "n2",
        f"{LEGACY} -P INPUT DROP; {LEGACY} -N U; {LEGACY} -N V; {LEGACY} -A FORWARD -j V; {LEGACY} -A V -j RETURN;"
        f"{LEGACY} -A FORWARD -j U; {LEGACY} -A U -s 10.244.0.0/16 -j DROP",
        'iptables-legacy, table filter, chain U, rule "-s 10.244.0.0/16 -j DROP"',
    ),
    "native policy": ("n2", native("policy drop", "}", family="inet"), "nftables, table inet zz, chain f, policy drop"),
    "native rule": (
        "n2",
        native("ip saddr 10.244.0.0/16 drop", "}"),
        'nftables, table ip zz, chain f, rule "ip saddr 10.244.0.0/16 drop"',
    ),
    "native, before all that has a name": (
        "n3",
        native("drop", "}", hook="prerouting").replace("priority 10", "priority -500"),
        'nftables, table ip zz, chain f, rule "drop"',
    ),
    "native user chain": (
        "n3",
        native("jump u", "}", "chain u {", "udp dport 4000 counter drop", "}", hook="input").replace(
            "chain f", "chain u {\n}\nchain f"
        ),
        'nftables, table ip zz, chain u, rule "udp dport 4000 counter drop"',
    ),
}


@pytest.mark.parametrize(("node", "command", "named"), DROPS.values(), ids=DROPS)
def test_what_drops_is_named(site: Site, node: str, command: str, named: str) -> None:
    site.nodes[node].host.run_expect([0], command)
    start = time.monotonic()
    loss = lost(site)
    assert str(loss) == f"{node}: {named}"
    assert 0 < loss.drops[0].packets <= COUNT
    assert time.monotonic() - start < 10, "about a second, on a machine that has time"


def test_an_accept_in_one_back_end_does_not_hide_a_drop_in_the_other(site: Site) -> None:
    host = site.nodes["n2"].host
    host.run_expect([0], f"{LEGACY} -P FORWARD DROP; iptables -A FORWARD -s 10.244.0.0/16 -j ACCEPT")
    assert lost(site).drops == (Drop("n2", "iptables-legacy", "filter", "FORWARD", "policy DROP", COUNT),)
    assert foreign_barriers(firewall_of(host), "nft") == (Barrier("iptables-legacy", "filter", "FORWARD", "policy DROP"),)


def test_without_a_route_no_filter_is_blamed(site: Site) -> None:
    site.nodes["n2"].host.run_expect([0], "ip route del 10.244.3.0/24")
    loss = lost(site)
    assert loss.drops == ()
    assert f"n1: {COUNT} accepted by the output hook, went out by eth0" in str(loss)
    assert f"n2: {COUNT} came in by eth0 and was routed nowhere" in str(loss)
    assert "n3: not seen" in str(loss)


def test_what_arrives_is_seen_to_arrive(site: Site) -> None:
    loss = lost(site)
    assert loss.drops == ()
    assert loss.seen[1:] == (
        f"n2: {COUNT} accepted by the forward hook, went out by eth0",
        f"n3: {COUNT} accepted by the input hook",
    )


POD = """
ip link add br9 up type bridge && ip addr add 10.244.1.254/24 dev br9 && echo 1 > /proc/sys/net/ipv4/ip_forward &&
ip netns add pod && ip link add veth9 up master br9 type veth peer name eth0 netns pod && ip -n pod link set eth0 up &&
ip -n pod addr add 10.244.1.2/24 dev eth0 && ip -n pod route add default via 10.244.1.254
"""


def test_a_packet_that_a_bridge_hands_to_routing_is_followed(site: Site) -> None:
    source = site.nodes["n1"]
    source.host.run_expect([0], POD)
    with source.socket(socket.AF_INET, socket.SOCK_DGRAM, netns="pod") as out:
        loss = why_lost([source], [Flow(IPv4Address("10.244.1.2"), TARGET)], lambda: out.sendto(b"1", (str(TARGET), 4000)))
        assert loss == Loss((), ("n1: 1 accepted by the forward hook, went out by eth0",))
        source.host.run_expect([0], f"{LEGACY} -A FORWARD -i br9 -j DROP")
        loss = why_lost([source], [Flow(IPv4Address("10.244.1.2"), TARGET)], lambda: out.sendto(b"1", (str(TARGET), 4000)))
    assert str(loss) == 'n1: iptables-legacy, table filter, chain FORWARD, rule "-i br9 -j DROP"'


def test_reading_makes_no_table(site: Site) -> None:
    host = site.nodes["n2"].host
    firewall = firewall_of(host)
    assert firewall.iptables["nft"].tables == firewall.iptables["legacy"].tables == {}
    assert firewall.ruleset.chains == ()
    assert host.run("nft list tables; cat /proc/net/ip_tables_names").stdout == ""


def test_a_firewall_that_cannot_be_read_is_said(site: Site) -> None:
    node = site.nodes["n2"]
    node.host.run_expect(
        [0], "mkdir /run/bin && printf '#!/bin/sh\necho broken >&2; exit 3' > /run/bin/nft && chmod +x /run/bin/nft"
    )
    path = f"PATH=/run/bin:{site.environment['PATH']}"
    broken = Host(NetnsBackend("n2", lambda argv, within: node.run(["env", path, *argv], within)))
    with pytest.raises(LabError, match=r"^n2: the firewall cannot be read: broken$"):
        firewall_of(broken)


def test_nothing_of_a_trace_stays(site: Site) -> None:
    node = site.nodes["n2"]
    with suppress(Interrupted), traced(node, [FLOW]):
        assert all(word in left(node) for word in ("table ip labproof_", "monitor trace"))
        raise Interrupted
    assert left(node) == ""


class Interrupted(Exception):
    """Something else went wrong meanwhile."""


def test_a_flow_that_nft_does_not_understand_is_said_and_leaves_nothing(site: Site) -> None:
    node = site.nodes["n2"]
    with (
        pytest.raises(LabError, match=r"^n2: packets cannot be traced: .*syntax error"),
        traced(node, [Flow(SOURCE, TARGET, "no")]),
    ):
        pass
    assert left(node) == ""


KILLED = """
import sys
from ipaddress import IPv4Address
from labs.embedded.site import Site
from labs.observe.tracing import LIFE, Flow, traced
from labs.wait import until
with traced(Site.attach("drops").nodes["n2"], [Flow(IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2"))]):
    print("traced", flush=True)
    sys.stdin.read()
"""


def test_when_the_caller_is_killed_the_node_cleans_up_by_itself(site: Site) -> None:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    caller = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with caller:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "traced\n"
        caller.send_signal(signal.SIGKILL)
    node = site.nodes["n2"]
    assert left(node) != ""
    until(lambda: left(node) == "", within=LIFE + 10, what="the guard's work", every=0.2)


def left(node: EmbeddedNode) -> str:
    """Tables, folders and processes of traces."""
    looks = ["nft list tables | grep labproof", "ls /run | grep labproof", "ps -eo args | grep '[m]onitor trace'"]
    return str(node.host.run("; ".join(looks)).stdout)

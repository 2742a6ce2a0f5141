"""What dropped packets is told from traces (of Debian 12's nft) and from counters, without a node."""

from ipaddress import IPv4Address, IPv4Network

import pytest

from labs.observe.drops import Drop, Loss, barrier_of, drops_of, risen, seen
from labs.observe.firewall import Barrier, Firewall
from labs.observe.iptables import Iptables, read_iptables
from labs.observe.nftables import NftChain, NftRule, Ruleset
from labs.observe.trace import Journey, Verdict, read_trace
from labs.observe.tracing import HOOKS, Flow, table

OWN = "labproof_1"
CAME_IN = """trace id 5f55 ip labproof_1 prerouting_first packet: iif "eth0" ip saddr 10.244.1.1 ip daddr 10.244.3.1
trace id 5f55 ip labproof_1 prerouting_first rule ip saddr 10.244.1.1 meta nftrace set 1 # handle 11 (verdict continue)
trace id 5f55 ip labproof_1 prerouting_first policy accept
trace id 5f55 ip labproof_1 prerouting_last packet: iif "eth0" ip saddr 10.244.1.1 ip daddr 10.244.3.1
trace id 5f55 ip labproof_1 prerouting_last policy accept
"""
FORWARDING = """trace id 5f55 ip labproof_1 forward_first packet: iif "eth0" oif "eth1" ip saddr 10.244.1.1 ip daddr 10.244.3.1
trace id 5f55 ip labproof_1 forward_first policy accept
"""
DROPPED_BY_POLICY = """trace id 5f55 ip filter FORWARD packet: iif "eth0" oif "eth1" ip saddr 10.244.1.1 ip daddr 10.244.3.1
trace id 5f55 ip filter FORWARD policy drop meta mark 0x00004000
"""
DROPPED_BY_RULE = """trace id 5f55 ip filter FORWARD rule counter packets 0 bytes 0 jump U # handle 3 (verdict jump U)
trace id 5f55 ip filter U rule ip saddr 10.244.0.0/16  counter packets 7 bytes 0 drop # handle 4 (verdict drop)
"""
WENT_OUT = """trace id 5f55 ip labproof_1 forward_last packet: iif "eth0" oif "eth1" ip saddr 10.244.1.1 ip daddr 10.244.3.1
trace id 5f55 ip labproof_1 forward_last policy accept
trace id 5f55 ip labproof_1 postrouting_first conntrack: ct direction original ct state new ct id 2641368242
trace id 5f55 ip labproof_1 postrouting_first packet: iif "eth0" oif "eth1" ip saddr 10.244.1.1 ip daddr 10.244.3.1
trace id 5f55 ip labproof_1 postrouting_first policy accept
trace id 5f55 ip labproof_1 postrouting_last packet: iif "eth0" oif "eth1" ip saddr 10.244.1.1 ip daddr 10.244.3.1
trace id 5f55 ip labproof_1 postrouting_last policy accept
"""
NFT = r"""*filter
:FORWARD DROP [3:252]
:U - [0:0]
[4:336] -A FORWARD -j U
[1:84] -A U -p udp -j RETURN
[1:84] -A U -s 10.244.0.0/16 -p icmp -m comment --comment "why" -j DROP
COMMIT
"""
RULESET = Ruleset(
    (
        NftChain("ip", "filter", "FORWARD", "forward", 0, "drop", (NftRule("counter jump U", 3, jumps=("U",)),)),
        NftChain("ip", "filter", "U", rules=(NftRule("…", 7), NftRule("…", 4, drops=True))),
        NftChain("ip", "zz", "f", "forward", 10, "accept", (NftRule("drop", 4, drops=True),)),
    )
)
FIREWALL = Firewall({"nft": read_iptables(NFT), "legacy": Iptables()}, RULESET)


def legacy(*, policy: int = 0, own: int = 0, other: int = 0, elsewhere: int = 0) -> Firewall:
    """One of iptables-legacy whose counters stand so."""
    rows = [f":INPUT DROP [{elsewhere}:0]", f":FORWARD DROP [{policy}:0]", ":V - [0:0]", "[9:0] -A FORWARD -j V"]
    rows += [f"[{other}:0] -A V -p tcp -j DROP", f"[{own}:0] -A V -p udp -j REJECT"]
    return Firewall({"nft": Iptables(), "legacy": read_iptables("\n".join(["*filter", *rows, "COMMIT"]))})


LEGACY_RULE = Barrier("iptables-legacy", "filter", "V", "-p udp -j REJECT")


@pytest.mark.parametrize(
    ("text", "way"),
    [
        (CAME_IN, "came in by eth0 and was routed nowhere (no route, rp_filter or ip_forward=0)"),
        (
            CAME_IN.partition("trace id 5f55 ip labproof_1 prerouting_last")[0],
            "entered the prerouting hook by eth0 and did not leave it",
        ),
        (CAME_IN + FORWARDING, "entered the forward hook by eth0 and did not leave it"),
        (CAME_IN + FORWARDING + WENT_OUT, "accepted by the forward hook, went out by eth1"),
        (
            CAME_IN.replace("prerouting", "output").replace("iif", "oif"),
            "accepted by the output hook, did not come to postrouting",
        ),
    ],
    ids=["no route", "prerouting", "forward", "out", "output"],
)
def test_how_far_a_packet_came(text: str, way: str) -> None:
    [journey] = read_trace(text, OWN)
    assert str(journey) == way


def test_an_id_that_comes_again_is_another_packet() -> None:
    first, second = read_trace(CAME_IN + FORWARDING + DROPPED_BY_POLICY + CAME_IN + FORWARDING + WENT_OUT, OWN)
    assert first.drop == Verdict("ip", "filter", "FORWARD", "drop")
    assert second.drop is None


def test_a_packet_from_a_bridge_goes_on_under_another_id() -> None:
    bridged = CAME_IN + (FORWARDING + WENT_OUT).replace("5f55", "8a8a")
    ways = [str(journey) for journey in read_trace(bridged * 2 + CAME_IN, OWN)]
    assert ways[:2] == ["accepted by the forward hook, went out by eth1"] * 2
    assert "routed nowhere" in ways[2]


def test_half_a_line_is_left_for_the_next_look() -> None:
    whole = CAME_IN + FORWARDING + DROPPED_BY_RULE
    assert read_trace(whole, OWN)[0].drop is not None
    assert read_trace(whole.rstrip("\n"), OWN)[0].drop is None


def test_the_rule_that_drops_is_named_in_the_words_of_iptables() -> None:
    [journey] = read_trace(CAME_IN + FORWARDING + DROPPED_BY_RULE, OWN)
    assert [verdict.verdict for verdict in journey.verdicts] == ["jump U", "drop"]
    [drop] = drops_of("n2", [journey], FIREWALL, FIREWALL)
    assert drop == Drop("n2", "iptables-nft", "filter", "U", "-s 10.244.0.0/16 -p icmp -j DROP", 1)
    assert str(drop) == 'n2: iptables-nft, table filter, chain U, rule "-s 10.244.0.0/16 -p icmp -j DROP"'


def test_a_policy_that_drops_is_named() -> None:
    journeys = read_trace((CAME_IN + FORWARDING + DROPPED_BY_POLICY) * 3, OWN)
    [drop] = drops_of("n2", journeys, FIREWALL, FIREWALL)
    assert (str(drop), drop.packets) == ("n2: iptables-nft, table filter, chain FORWARD, policy DROP", 3)


@pytest.mark.parametrize(
    ("verdict", "named"),
    [
        (
            Verdict("ip", "zz", "f", "drop", "ip saddr 10.244.0.0/16 counter packets 3 bytes 9 drop", 4),
            'rule "ip saddr 10.244.0.0/16 counter drop"',
        ),
        (Verdict("ip", "zz", "f", "drop"), "policy drop"),
    ],
)
def test_native_chains_are_named_as_nft_does(verdict: Verdict, named: str) -> None:
    assert str(barrier_of(verdict, FIREWALL)) == f"nftables, table ip zz, chain f, {named}"


def test_a_rule_that_is_gone_is_named_as_the_trace_had_it() -> None:
    gone = Verdict("ip", "filter", "U", "drop", "counter packets 1 bytes 2 drop", 99)
    assert barrier_of(gone, FIREWALL) == Barrier("iptables-nft", "filter", "U", "counter drop")
    [unknown] = read_trace(CAME_IN + "trace id 5f55 ip filter U unknown rule handle 4 (verdict drop)\n", OWN)
    assert unknown.drop is not None
    assert barrier_of(unknown.drop, FIREWALL).rule == "-s 10.244.0.0/16 -p icmp -j DROP"


def test_where_the_trace_ends_in_a_hook_the_counters_of_legacy_name_the_rule() -> None:
    journeys = read_trace((CAME_IN + FORWARDING) * 5, OWN)
    # a chain of another hook rose more, and a rule of the same hook less
    drops = list(drops_of("n2", journeys, legacy(own=2), legacy(own=7, other=1, elsewhere=50)))
    assert drops == [Drop("n2", LEGACY_RULE.backend, LEGACY_RULE.table, LEGACY_RULE.chain, LEGACY_RULE.rule, 5)]


def test_two_rules_that_share_the_packets_are_both_named() -> None:
    journeys = read_trace((CAME_IN + FORWARDING) * 5, OWN)
    drops = list(drops_of("n2", journeys, legacy(), legacy(own=3, policy=2)))
    assert {drop.rule: drop.packets for drop in drops} == {"-p udp -j REJECT": 3, "policy DROP": 2}


def test_counters_alone_blame_nobody() -> None:
    arrived = read_trace(CAME_IN + FORWARDING + WENT_OUT, OWN)
    assert list(drops_of("n2", arrived, legacy(), legacy(own=5, policy=5))) == []
    assert risen(legacy(own=5).iptables["legacy"], legacy(own=5).iptables["legacy"], "forward") == {}
    assert risen(legacy(own=5).iptables["legacy"], legacy(own=6).iptables["legacy"], "forward") == {LEGACY_RULE: 1}


def test_a_loss_says_what_dropped_or_what_was_seen() -> None:
    drop = Drop("n2", "nftables", "ip zz", "f", "policy drop", 2)
    assert str(Loss((drop,), ("n1: not seen",))) == "n2: nftables, table ip zz, chain f, policy drop"
    words = seen("n1", [Journey(passed=["postrouting_last"], devices={"i": "cni0", "o": "eth0"})])
    assert words == "n1: 1 accepted by the forward hook, went out by eth0"
    assert str(Loss((), (words, seen("n2", [])))) == f"no filter that was watched dropped them: {words}; n2: not seen"


def test_the_table_marks_packets_of_the_flows_alone() -> None:
    flows = [
        Flow(IPv4Address("10.244.1.2"), IPv4Address("10.244.3.2")),
        Flow(IPv4Network("10.0.0.0/8"), IPv4Address("10.1.1.1"), "udp dport 8472"),
    ]
    text = table(OWN, flows)
    assert text.count("  ip saddr 10.244.1.2 ip daddr 10.244.3.2 meta nftrace set 1\n") == len(HOOKS)
    assert text.count("  ip saddr 10.0.0.0/8 ip daddr 10.1.1.1 udp dport 8472 meta nftrace set 1\n") == len(HOOKS)
    assert text.count("meta nftrace") == 2 * len(HOOKS)
    assert all(f"chain {hook}_first" in text and f"chain {hook}_last" in text for hook in HOOKS)

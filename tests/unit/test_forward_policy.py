"""The judges of the forward-policy suite, on hand-written data."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from labs.flannel.observations import Delivery
from labs.forward_policy.observations import Stage
from labs.forward_policy.standing import standing
from labs.observe.drops import Drop, Loss
from labs.observe.firewall import Firewall
from labs.observe.iptables import Iptables, IptablesChain, IptablesRule, read_iptables
from labs.observe.nftables import NftChain, NftRule, Ruleset
from labs.problem import Problem
from suites.flannel.datapath import reach_problems
from suites.forward_policy.barriers import could_drop, foreign_problems
from suites.forward_policy.nftables import kept_problems, table_rules
from suites.forward_policy.policy import dropping_problems, policy_problems, table
from suites.forward_policy.rules import forward_problems, masquerade_problems
from suites.forward_policy.traffic import dropped_problems, proxied_problems

NETWORK, SUBNET = IPv4Network("10.244.0.0/16"), IPv4Network("10.244.11.0/24")
FILTER = """*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [3:252]
:FLANNEL-FWD - [0:0]
:DOCKER-USER - [0:0]
[9:756] -A FORWARD -j DOCKER-USER
[9:756] -A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
[9:756] -A DOCKER-USER -j RETURN
[3:252] -A FLANNEL-FWD -s 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
[3:252] -A FLANNEL-FWD -d 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
COMMIT
"""
NAT = """*nat
:POSTROUTING ACCEPT [0:0]
:FLANNEL-POSTRTG - [0:0]
[5:1] -A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
[0:0] -A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN
[0:0] -A FLANNEL-POSTRTG -s 10.244.11.0/24 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j RETURN
[0:0] -A FLANNEL-POSTRTG -s 10.244.0.0/16 -d 10.244.11.0/24 -m comment --comment "flanneld masq" -j RETURN
[0:0] -A FLANNEL-POSTRTG ! -s 10.244.0.0/16 -d 10.244.11.0/24 -m comment --comment "flanneld masq" -j RETURN
[0:0] -A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
[0:0] -A FLANNEL-POSTRTG ! -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
COMMIT
"""


def found(old: str = "", new: str = "") -> dict[str, Iptables]:
    """A node's rules as flannel makes them, with one text in place of another."""
    text = FILTER + NAT
    assert old in text
    return {"n1": read_iptables(text.replace(old, new, 1) if old else text)}


def told(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.kind, problem.where) for problem in problems]


def forward(old: str = "", new: str = "") -> list[tuple[str, str]]:
    return told(forward_problems(found(old, new), NETWORK))


def masquerade(old: str = "", new: str = "") -> list[tuple[str, str]]:
    return told(masquerade_problems(found(old, new), NETWORK, {"n1": SUBNET}))


def lines(text: str, *words: str) -> list[str]:
    return [line + "\n" for line in text.splitlines() if all(word in line for word in words)]


def test_rules_as_flannel_makes_them_are_right() -> None:
    assert forward() == masquerade() == []


def test_forward_rules_that_are_wrong() -> None:
    jump, (source, target) = lines(FILTER, "-A FORWARD", "FLANNEL")[0], lines(FILTER, "-A FLANNEL-FWD")
    assert forward(jump) == [("missing-rule", "n1: filter FORWARD")]
    assert forward(jump, jump * 2) == [("repeated-rule", "n1: filter FORWARD")]
    assert forward("-j FLANNEL-FWD", "-i cni0 -j FLANNEL-FWD") == [
        ("missing-rule", "n1: filter FORWARD"),
        ("extra-rule", "n1: filter FORWARD"),
    ]
    assert forward(target) == [("missing-rule", "n1: filter FLANNEL-FWD")]
    assert forward(source, "[0:0] -A FLANNEL-FWD -j RETURN\n" + source) == [("extra-rule", "n1: filter FLANNEL-FWD")]
    assert forward(source + target, target + source) == [("rule-order", "n1: filter FLANNEL-FWD")]
    assert forward(source, source * 2) == [("repeated-rule", "n1: filter FLANNEL-FWD")]


def test_an_empty_firewall_lacks_everything() -> None:
    empty = {"n1": Iptables()}
    assert len(forward_problems(empty, NETWORK)) == 3
    assert len(masquerade_problems(empty, NETWORK, {"n1": SUBNET})) == 7


def test_masquerading_rules_that_are_wrong() -> None:
    rules = lines(NAT, "-A FLANNEL-POSTRTG")
    assert masquerade(lines(NAT, "-A POSTROUTING")[0]) == [("missing-rule", "n1: nat POSTROUTING")]
    for rule in rules:
        assert masquerade(rule) == [("missing-rule", "n1: nat FLANNEL-POSTRTG")]
    assert masquerade("".join(rules), "".join([rules[4], *rules[:4], rules[5]])) == [("rule-order", "n1: nat FLANNEL-POSTRTG")]
    assert masquerade(" --random-fully", "")[0] == ("missing-rule", "n1: nat FLANNEL-POSTRTG")


def test_masquerading_rules_are_of_the_nodes_own_subnet() -> None:
    other = masquerade_problems(found(), NETWORK, {"n1": IPv4Network("10.244.12.0/24")})
    assert [problem.kind for problem in other] == ["missing-rule"] * 3 + ["extra-rule"] * 3
    assert told(masquerade_problems(found(), NETWORK, {})) == [("missing-lease", "n1")]


def stages(*policies: str) -> dict[str, list[Stage]]:
    steps = ("boot", "flannel", "docker", "pods")
    return {"n1": [Stage(step, policy) for step, policy in zip(steps, policies, strict=True)]}


def test_the_policy_is_set_by_docker_and_stays() -> None:
    assert policy_problems(stages("ACCEPT", "ACCEPT", "DROP", "DROP"), by="docker") == []
    assert told(policy_problems(stages("ACCEPT", "DROP", "DROP", "DROP"), by="docker")) == [
        ("dropped-before", "n1: FORWARD after flannel")
    ]
    assert told(policy_problems(stages("ACCEPT", "ACCEPT", "DROP", "ACCEPT"), by="docker")) == [
        ("policy-not-drop", "n1: FORWARD after pods")
    ]
    never = policy_problems(stages(*["ACCEPT"] * 4), by="docker")
    assert [problem.kind for problem in never] == ["policy-not-drop"] * 2
    assert table(stages("ACCEPT", "ACCEPT", "DROP", "DROP")) == "n1: boot: ACCEPT, flannel: ACCEPT, docker: DROP, pods: DROP"


def test_the_policy_now() -> None:
    assert told(dropping_problems({"n1": "DROP", "n2": "ACCEPT"})) == [("policy-not-drop", "n2: FORWARD")]


NATIVE = NftChain("inet", "admin", "f", "forward", 10, "accept", (NftRule("ip daddr 10.244.0.0/16 drop", 3, drops=True),))


def by(backend: str) -> Loss:
    return Loss((Drop("n1", backend, "filter", "FORWARD", "policy DROP", 4),), ())


@pytest.mark.parametrize("backend", ["nft", "legacy"])
def test_drops_of_others_are_named_once_and_the_own_back_ends_are_not(backend: str) -> None:
    other = f"iptables-{'legacy' if backend == 'nft' else 'nft'}"
    assert foreign_problems({}, backend) == foreign_problems({"p1 → p2": by(f"iptables-{backend}")}, backend) == []
    (problem,) = foreign_problems({"p1 → p2": by(other), "p2 → p1": by(other)}, backend)
    assert (problem.kind, problem.where) == ("foreign-drop", f"n1: {other}")
    assert str(problem.found) == f"{other}, table filter, chain FORWARD, policy DROP"


def test_native_drops_are_named_and_what_no_filter_dropped_is_not() -> None:
    drop = Drop("n2", "nftables", "inet admin", "f", "ip daddr 10.244.0.0/16 drop", 1)
    (problem,) = foreign_problems({"p1 → p2": Loss((drop,), ()), "p1 → p3": Loss((), ("n3: not seen",))}, "nft")
    assert str(problem.found) == 'nftables, table inet admin, chain f, rule "ip daddr 10.244.0.0/16 drop"'


def test_what_only_could_drop_is_evidence() -> None:
    """As kube-proxy's rule against invalid packets: it is told, and blamed for nothing."""
    rule = NftRule("ct state invalid drop", 3, drops=True)
    chains = [NftChain("inet", hook, "c", hook, 0, "accept", (rule,)) for hook in ("forward", "prerouting", "input")]
    early = NftChain("netdev", "early", "c", "ingress", 0, "drop")
    text = could_drop({"n1": Firewall(ruleset=Ruleset((*chains, early)))}, "nft")
    assert [line.split(", ")[1] for line in text.splitlines()] == [
        "table netdev early",
        "table inet prerouting",
        "table inet forward",
    ]
    assert could_drop({"n1": Firewall()}, "nft") == "nothing"


POD = IPv4Address("10.244.1.2")
ARRIVED = Delivery("p1", "p2", POD, IPv4Address("10.244.2.2"), 92, POD)
LOST = replace(ARRIVED, seen_from=None)


def test_what_has_to_be_dropped() -> None:
    assert dropped_problems([LOST]) == []
    assert told(dropped_problems([LOST, ARRIVED])) == [("let-through", "p1 → p2")]
    assert dropped_problems([ARRIVED], kind="not-isolated")[0].kind == "not-isolated"


def test_what_a_userland_proxy_hands_on_was_not_led_there_by_dockers_rules() -> None:
    seen = {"p1": POD}
    assert proxied_problems([ARRIVED, LOST], seen) == []
    (problem,) = proxied_problems([replace(ARRIVED, seen_from=IPv4Address("172.17.0.1"))], seen)
    assert (problem.kind, problem.where, str(problem.found)) == ("by-proxy", "p1 → p2", "172.17.0.1")


def test_a_lost_pair_says_what_dropped_it() -> None:
    cause = "n1: iptables-nft, table filter, chain FORWARD, policy DROP"
    assert reach_problems([ARRIVED, LOST], {"p1 → p2": cause})[0].found == f"lost: {cause}"
    assert reach_problems([LOST])[0].found == "lost"
    assert reach_problems([replace(LOST, refused=True)], {"p1 → p2": cause})[0].found == "refused by the sender"


def flannels(*rules: str) -> dict[str, Firewall]:
    chain = NftChain("ip", "flannel-ipv4", "forward", "forward", 0, "accept", tuple(NftRule(rule, 1) for rule in rules))
    return {"n1": Firewall(ruleset=Ruleset((chain, NATIVE)))}


def test_flannels_own_table() -> None:
    before = table_rules(flannels("ip saddr 10.244.0.0/16 accept", "ip daddr 10.244.0.0/16 accept"))
    assert before == {"n1": ["forward: ip saddr 10.244.0.0/16 accept", "forward: ip daddr 10.244.0.0/16 accept"]}
    assert kept_problems(before, before) == []
    assert len(kept_problems(before, table_rules(flannels()))) == 2
    assert len(kept_problems(before, {})) == 2
    twice, other = [*before["n1"], before["n1"][0]], [*before["n1"], "forward: drop"]
    assert told(kept_problems(before, {"n1": twice})) == [("repeated-rule", "n1: table flannel-ipv4")]
    assert told(kept_problems(before, {"n1": other})) == [("extra-rule", "n1: table flannel-ipv4")]
    assert told(kept_problems(before, {"n1": before["n1"][::-1]})) == [("rule-order", "n1: table flannel-ipv4")]
    assert kept_problems({"n1": twice}, {"n1": twice}) == []
    assert told(kept_problems({"n1": twice}, before)) == [("missing-rule", "n1: table flannel-ipv4")]
    assert told(kept_problems({"n1": []}, before)) == [("missing-rule", "n1: table flannel-ipv4")]


def test_firewalls_are_compared_without_what_passes_through_them() -> None:
    def firewall(text: str) -> list[str]:
        return standing(Firewall({"nft": read_iptables(text), "legacy": Iptables()}))

    unused = "*raw\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n"
    assert firewall(FILTER) == firewall(FILTER.replace("[3:252]", "[4:336]") + unused)
    assert firewall(FILTER) != firewall(FILTER.replace("FORWARD DROP", "FORWARD ACCEPT"))
    rule = IptablesRule("-j RETURN")
    assert standing(Firewall({"nft": Iptables({"t": {"c": IptablesChain("c", None, (rule, rule))}})})) != standing(
        Firewall({"nft": Iptables({"t": {"c": IptablesChain("c", None, (rule,))}})})
    )
    assert standing(Firewall(ruleset=Ruleset((NATIVE,)))) != standing(Firewall())
    bare = NftChain("ip", "admin", "f", "forward", 10, "drop")
    assert standing(Firewall(ruleset=Ruleset((bare,)))) != standing(Firewall())
    assert standing(Firewall(ruleset=Ruleset((bare,)))) != standing(
        Firewall(ruleset=Ruleset((replace(bare, policy="accept"),)))
    )

"""The forward-policy lab on real daemons."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labs.errors import UsageError
from labs.faults import killed, paused
from labs.forward_policy import arrangement
from labs.forward_policy.lab import ForwardPolicyLab
from suites.flannel.faults.forwarding import forward_dropped
from suites.flannel.faults.places import commanded
from suites.forward_policy.barriers import could_drop
from suites.forward_policy.faults import barriers
from suites.forward_policy.faults.arranging import docker_without_iptables, forward_rules_never_made
from suites.forward_policy.faults.recovery import rarely_resynced
from suites.forward_policy.faults.rules import jump_gone, masquerade_first
from suites.forward_policy.faults.traffic import published_dropped
from suites.forward_policy.guests import itself, published, publishing
from suites.forward_policy.reach import lost, reach

UP_LIMIT = 30.0
VARIANTS = ("nft", "legacy")


@contextmanager
def brought_up(logs: Path, variant: str, kind: type[ForwardPolicyLab] = ForwardPolicyLab) -> Iterator[ForwardPolicyLab]:
    """A lab of three nodes that ends with this process, or before."""
    name = f"forward-policy-{variant}-{os.getpid()}-{time.monotonic_ns() % 10**6}"
    lab = kind.up(name, variant=variant, nodes=3, logs=logs, owner=os.getpid(), progress=print)
    try:
        yield lab
    finally:
        lab.down()


@pytest.fixture(scope="module", params=VARIANTS)
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForwardPolicyLab]:
    with brought_up(tmp_path_factory.mktemp("logs"), request.param) as lab:
        yield lab


def policies(lab: ForwardPolicyLab) -> list[str]:
    return [str(own.chain("filter", "FORWARD").policy) for own in lab.iptables().values()]


def test_it_is_up_in_seconds(tmp_path: Path) -> None:
    """With a filled cache; 1.6 s on two quiet cores."""
    start = time.monotonic()
    with brought_up(tmp_path, "nft") as lab:
        assert time.monotonic() - start <= UP_LIMIT
        assert lab.software["docker.io"].startswith("20.10") or int(lab.software["docker.io"].split(".")[0]) > 20


class Unrepaired(ForwardPolicyLab):
    """One whose flannelds leave the FORWARD chain alone, as before the repair that the program is for."""

    def declare(self) -> None:
        super().declare()
        for node in self.nodes:
            node.options = ("--iptables-forward-rules=false",)
            node.configure()


def test_a_flannel_without_its_repair_is_for_the_suite_to_find(tmp_path: Path) -> None:
    """The lab comes up with it all the same, and the suite names what drops."""
    with brought_up(tmp_path, "nft", Unrepaired) as lab:
        found = reach(lab)
    assert [problem.kind for problem in found] == ["undelivered"] * 6
    assert all("iptables-nft, table filter, chain FORWARD, policy DROP" in str(problem.found) for problem in found)


def test_docker_has_set_drop_and_pods_reach_each_other(lab: ForwardPolicyLab) -> None:
    assert lab.problems() == []
    assert policies(lab) == ["DROP"] * 3
    assert [stage.policy for stage in lab.stages["n1"]] == ["ACCEPT", "DROP", "DROP", "DROP"]
    assert lab.software["iptables"].endswith(f"({lab.backend_of_iptables})")
    assert all(each.arrived for each in lab.deliver(lab.pairs()))


def test_there_is_no_default_variant(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are: nft, legacy"):
        ForwardPolicyLab.up("never", variant="default", nodes=3, logs=tmp_path, owner=None, progress=print)


@pytest.mark.parametrize("order", ["FLANNEL_FIRST", "DOCKER_STOPPED", "NO_DOCKER"])
def test_whatever_was_arranged_it_settles_as_it_came_up(lab: ForwardPolicyLab, order: str) -> None:
    before = lab.site.facts["standing"]
    lab.arrange(getattr(arrangement, order))
    lab.settle()
    assert lab.problems() == []
    assert policies(lab) == ["DROP"] * 3
    assert lab.site.facts["standing"] == before


def test_settling_leaves_alone_what_is_well(lab: ForwardPolicyLab) -> None:
    pids = [node.machine.pid for node in lab.nodes]
    lab.settle()
    assert [node.machine.pid for node in lab.nodes] == pids


LEFT = (
    "ip netns add stranger",
    "nft add table ip left; nft add chain ip left f '{ type filter hook output priority 0; policy drop; }'",
)


@pytest.mark.parametrize("left", LEFT, ids=["a place", "a policy"])
def test_what_somebody_left_on_a_node_is_gone_when_it_has_settled(lab: ForwardPolicyLab, left: str) -> None:
    host = lab.nodes[0].host
    host.run_expect([0], left)
    lab.settle()
    assert "stranger" not in host.run("ip netns list").stdout
    assert "left" not in host.run("nft list tables").stdout


HARMLESS = (
    "nft add table inet harmless; nft add chain inet harmless f '{ type filter hook forward priority 0; policy drop; }';"
    "nft add rule inet harmless f ct state invalid drop; nft add rule inet harmless f ip saddr 10.244.0.0/16 accept;"
    "nft add rule inet harmless f ip daddr 10.244.0.0/16 accept"
)


def test_what_drops_no_packet_of_pods_is_not_blamed(lab: ForwardPolicyLab) -> None:
    """As it is told apart in kube-proxy's rules, or by an administrator who accepts the Network first."""
    with commanded(lab.nodes[0], HARMLESS, "nft delete table inet harmless"):
        assert lost(lab) == {}
        assert "table inet harmless, chain f, policy drop" in could_drop(lab.firewalls(), lab.backend_of_iptables)


def test_a_published_port_that_is_dropped_is_named_for_every_sender(lab: ForwardPolicyLab) -> None:
    here, peer = lab.nodes[:2]
    with published_dropped(lab), publishing(lab, here):
        web = published(lab, here)
        found = reach(lab, [(sender, web) for sender in (itself(peer), peer.pod, lab.outside)])
    lab.settle()
    assert len(found) == 3
    assert all("n1: " in str(problem.found) and "chain DOCKER-USER" in str(problem.found) for problem in found), found


def test_a_dockerd_that_is_not_well_is_a_problem(lab: ForwardPolicyLab) -> None:
    with paused(lab.docker["n1"].daemon):
        assert [(p.kind, p.where) for p in lab.problems()] == [("dockerd-paused", "n1")]
    with killed(lab.docker["n2"].daemon):
        assert [(p.kind, p.where) for p in lab.problems()] == [("dockerd-stopped", "n2")]
    lab.settle()


def test_what_was_declared_lasts_through_a_boot_and_not_through_settling(lab: ForwardPolicyLab) -> None:
    with docker_without_iptables(lab):
        lab.arrange(arrangement.DOCKER_FIRST)
        assert policies(lab) == ["ACCEPT"] * 3
    lab.settle()
    assert policies(lab) == ["DROP"] * 3
    with rarely_resynced(lab):
        assert "--iptables-resync=60" in lab.nodes[0].machine.daemons["flanneld"].argv
    lab.settle()
    assert "--iptables-resync=60" not in lab.nodes[0].machine.daemons["flanneld"].argv


def other(lab: ForwardPolicyLab) -> str:
    return "legacy" if lab.backend_of_iptables == "nft" else "nft"


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (forward_rules_never_made, "iptables-{own}, table filter, chain FORWARD, policy DROP"),
        (jump_gone, "n1: iptables-{own}, table filter, chain FORWARD, policy DROP"),
        (forward_dropped, 'n1: iptables-{own}, table filter, chain FORWARD, rule "-s 10.244.0.0/16 -j DROP"'),
        (barriers.docker_user_dropped, 'n1: iptables-{own}, table filter, chain DOCKER-USER, rule "-s 10.244.0.0/16 -j DROP"'),
        (barriers.other_back_end_policy, "n1: iptables-{other}, table filter, chain FORWARD, policy DROP"),
        (barriers.other_back_end_rule, 'n1: iptables-{other}, table filter, chain FORWARD, rule "-s 10.244.0.0/16 -j DROP"'),
        (barriers.native_policy, "n1: nftables, table ip administrator, chain forward, policy drop"),
        (barriers.other_back_end_raw, 'n1: iptables-{other}, table raw, chain PREROUTING, rule "-s 10.244.0.0/16 -j DROP"'),
        (barriers.native_among_iptables, "n1: nftables, table ip filter, chain administrator, policy drop"),
        (
            barriers.native_prerouting,
            'n2: nftables, table inet administrator, chain prerouting, rule "ip daddr 10.244.0.0/16 drop"',
        ),
        (barriers.native_rule, 'n2: nftables, table inet administrator, chain forward, rule "ip daddr 10.244.0.0/16 drop"'),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_failure_names_what_dropped_a_packet(lab: ForwardPolicyLab, fault: object, named: str) -> None:
    """Of every pair that is lost."""
    with fault(lab):  # type: ignore[operator]
        found = reach(lab)
    lab.settle()
    assert found
    text = named.format(own=lab.backend_of_iptables, other=other(lab))
    assert all(text in str(problem.found) for problem in found), "\n".join(map(str, found))


def test_evidence_has_every_firewall(lab: ForwardPolicyLab) -> None:
    with barriers.other_back_end_policy(lab), barriers.native_policy(lab), masquerade_first(lab):
        texts = lab.evidence()
    assert ":FORWARD DROP" in texts[f"iptables-{other(lab)}"].split("# n2")[0]
    assert "FLANNEL-POSTRTG" in texts[f"iptables-{lab.backend_of_iptables}"]
    assert "table ip administrator" in texts["nftables"]
    lab.settle()

"""The flannel lab on real daemons."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labs.errors import LabError, UsageError
from labs.faults import killed, powered_off, rebooted
from labs.flannel.lab import FlannelLab
from labs.flannel.observations import Delivery
from labs.wait import until
from suites.flannel.routes import audit

ROOT = Path(__file__).parents[2]
UP_LIMIT = 20.0


@contextmanager
def brought_up(logs: Path, variant: str = "default") -> Iterator[FlannelLab]:
    """A lab of three nodes that ends with this process, or before."""
    name = f"flannel-{variant}-{os.getpid()}-{time.monotonic_ns() % 10**6}"
    lab = FlannelLab.up(name, variant=variant, nodes=3, logs=logs, owner=os.getpid(), progress=print)
    try:
        yield lab
    finally:
        lab.down()


@pytest.fixture(scope="module")
def flannel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlannelLab]:
    with brought_up(tmp_path_factory.mktemp("logs")) as lab:
        yield lab


def all_pairs(lab: FlannelLab) -> list[Delivery]:
    return [delivery for delivery in lab.deliver(lab.pairs()) if not delivery.arrived]


def test_it_is_up_in_seconds(tmp_path: Path) -> None:
    """With a filled cache. How fast it is on a quiet machine, the benchmark tells."""
    start = time.monotonic()
    with brought_up(tmp_path):
        assert time.monotonic() - start <= UP_LIMIT


def test_its_routes_are_right_and_its_pods_reach_each_other(flannel: FlannelLab) -> None:
    assert [node.name for node in flannel.nodes] == ["n1", "n2", "n3"]
    assert [str(node.address) for node in flannel.nodes] == ["192.168.0.101", "192.168.0.102", "192.168.0.103"]
    assert flannel.problems() == []
    assert audit(flannel.routing(), flannel.leases(), flannel.network) == []
    assert all_pairs(flannel) == []


def test_it_tells_what_it_runs(flannel: FlannelLab) -> None:
    assert {"flanneld", "etcd-server", "iptables", "containernetworking-plugins", "kernel"} <= flannel.software.keys()
    assert flannel.software["flanneld"].startswith("0.")


ATTACH = """
import sys
from labs.flannel.lab import FlannelLab
lab = FlannelLab.attach(sys.argv[1])
assert lab.alive and lab.problems() == []
lab.nodes[0].flanneld.pause(); lab.nodes[0].flanneld.resume()
print(sum(delivery.arrived for delivery in lab.deliver(lab.pairs())), lab.software["flanneld"])
"""


def test_another_process_attaches_to_it(flannel: FlannelLab) -> None:
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "fixtures"), *sys.path])}
    done = subprocess.run([sys.executable, "-c", ATTACH, flannel.name], env=env, capture_output=True, text=True, timeout=30)
    assert done.stdout.split() == ["6", flannel.software["flanneld"]], done.stderr


def test_there_is_nothing_to_attach_to() -> None:
    with pytest.raises(LabError, match='no lab is called "flannel-none"'):
        FlannelLab.attach("flannel-none")


@pytest.mark.parametrize(("variant", "nodes"), [("pigeon", 3), ("default", 1), ("default", 101)])
def test_what_it_cannot_be_is_a_usage_error(variant: str, nodes: int, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        FlannelLab.up("flannel-not", variant=variant, nodes=nodes, logs=tmp_path, owner=None, progress=print)


def test_a_node_that_was_rebooted_comes_back(flannel: FlannelLab) -> None:
    node = flannel.nodes[2]
    subnet = node.subnet_env()
    with rebooted(node):
        flannel.settle()
    assert node.subnet_env() == subnet
    assert audit(flannel.routing(), flannel.leases(), flannel.network) == []
    assert all_pairs(flannel) == []


def test_a_node_that_is_off_is_told_and_does_not_hide_the_others(flannel: FlannelLab) -> None:
    with powered_off(flannel.nodes[1]):
        assert [(p.kind, p.where) for p in flannel.problems()] == [("flanneld-down", "n2")]
        routes = flannel.evidence()["routes"]
        assert "n2 is powered off" in routes
        assert "10.244.0.0/16" not in routes
        assert "192.168.0.103 dev eth0" in routes
    flannel.settle()


def test_a_dead_flanneld_is_a_problem_until_it_runs_again(flannel: FlannelLab) -> None:
    with killed(flannel.nodes[0].flanneld):
        assert [(p.kind, p.where) for p in flannel.problems()] == [("flanneld-down", "n1")]
    flannel.settle()


def test_settling_brings_back_what_the_lab_itself_has_to(flannel: FlannelLab) -> None:
    flannel.nodes[0].flanneld.kill()
    flannel.nodes[1].remove_pod()
    assert {p.kind for p in flannel.problems()} == {"flanneld-down", "no-pod"}
    flannel.settle()
    assert all_pairs(flannel) == []


def test_what_is_paused_is_told_and_settling_resumes_it(flannel: FlannelLab) -> None:
    """As a worker that was killed leaves it."""
    flannel.nodes[0].flanneld.pause()
    until(lambda: flannel.nodes[0].paused, within=2, what="paused")
    assert [(p.kind, p.where) for p in flannel.problems()] == [("flanneld-paused", "n1")]
    flannel.etcd.pause()
    assert [p.kind for p in flannel.problems()] == ["etcd-silent"]
    flannel.settle()
    assert flannel.etcd.state == flannel.site.nodes["n1"].daemons["flanneld"].state == "running"
    assert flannel.problems() == []


def test_evidence_has_the_state_of_every_node(flannel: FlannelLab) -> None:
    texts = flannel.evidence()
    assert {"leases", "routes", "rules", "links", "iptables", "subnet.env", "etcd.log"} <= texts.keys()
    for name in ("routes", "rules", "links", "iptables", "subnet.env"):
        assert all(f"# {node.name}: " in texts[name] for node in flannel.nodes), name
    assert "FLANNEL-POSTRTG" in texts["iptables"]
    assert "FLANNEL_SUBNET=10.244." in texts["subnet.env"]


def test_logs_outlive_the_lab(tmp_path: Path) -> None:
    with brought_up(tmp_path):
        pass
    assert "Wrote subnet file" in (tmp_path / "n1/flanneld.log").read_text()


@pytest.mark.parametrize("variant", ["legacy", "nft"])
def test_variants_choose_the_back_end_of_iptables(variant: str, tmp_path: Path) -> None:
    with brought_up(tmp_path, variant) as lab:
        assert lab.software["iptables"].endswith(f"({variant})")
        assert "FLANNEL-FWD" in lab.nodes[0].host.check_output(f"xtables-{variant}-multi iptables-save")
        outside = lab.deliver([(node.pod, lab.outside) for node in lab.nodes])
        assert [each.seen_from for each in outside] == [node.address for node in lab.nodes]
        assert all_pairs(lab) == []

"""Daemons are the node's own: they outlive whoever started them, and their ends are known."""

import pytest

from labs.embedded import daemon as daemon_module
from labs.embedded.daemon import EmbeddedDaemon
from labs.embedded.site import Site
from labs.errors import LabError, NotStopped
from labs.seam import Daemon, Node
from labs.wait import until, watch

COUNTER = "trap 'echo ended; exit 7' TERM; echo started $NUMBER; while :; do sleep 0.02; done"


@pytest.fixture
def daemon(site: Site) -> EmbeddedDaemon:
    daemon = site.nodes["n1"].daemon("counter", ["sh", "-c", COUNTER], {"NUMBER": "5"})
    daemon.start()
    until(lambda: "started" in daemon.log(), within=5, what="its first line")
    return daemon


def test_the_seam_is_fulfilled(site: Site, daemon: EmbeddedDaemon) -> None:
    node: Node = site.nodes["n1"]
    seen: Daemon = node.daemons["counter"]
    assert seen.running


def test_stopped_by_term(daemon: EmbeddedDaemon) -> None:
    assert daemon.log() == "started 5\n"
    mark = daemon.mark()
    daemon.stop()
    assert (daemon.state, daemon.running, daemon.pid, daemon.exit_code) == ("stopped", False, None, 7)
    assert daemon.log(mark) == "ended\n"
    daemon.stop()


def test_one_that_does_not_end_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = site.nodes["n1"].daemon("deaf", ["sh", "-c", "trap '' TERM; echo started; while :; do sleep 0.02; done"])
    deaf.start()
    until(lambda: "started" in deaf.log(), within=5, what="its first line")
    monkeypatch.setattr(daemon_module, "END_LIMIT", 1.0)
    with pytest.raises(NotStopped, match="deaf of n1: still runs 1 s after SIGTERM"):
        deaf.stop()
    assert deaf.running
    deaf.kill()
    assert not deaf.running


def test_killed_and_started_again_into_the_same_log(daemon: EmbeddedDaemon) -> None:
    first = daemon.pid
    daemon.kill()
    assert (daemon.running, daemon.exit_code) == (False, -9)
    daemon.start()
    until(lambda: daemon.log() == "started 5\nstarted 5\n", within=5, what="its second line")
    assert daemon.pid != first


def test_paused_it_runs_but_does_nothing_and_can_be_stopped(daemon: EmbeddedDaemon) -> None:
    daemon.pause()
    until(lambda: daemon.state == "paused", within=5, what="paused")
    assert daemon.running
    daemon.resume()
    until(lambda: daemon.state == "running", within=5, what="running")
    daemon.pause()
    daemon.stop()
    assert daemon.exit_code == 7


def test_it_runs_once(daemon: EmbeddedDaemon) -> None:
    with pytest.raises(LabError, match="counter runs already"):
        daemon.start()


@pytest.mark.parametrize(
    ("program", "reason"),
    [("nonesuch", "nonesuch: not found on"), ("/nonesuch", "No such file"), ("/etc/passwd", "Permission denied")],
)
def test_what_cannot_be_executed_is_told(site: Site, program: str, reason: str) -> None:
    daemon = site.nodes["n1"].daemon("no", [program])
    with pytest.raises(LabError, match=rf"^n1: .*{reason}"):
        daemon.start()
    assert not daemon.running


def test_another_attachment_sees_and_ends_it(daemon: EmbeddedDaemon) -> None:
    again = Site.attach("lab").nodes["n1"].daemon("counter", ["sh", "-c", COUNTER], {"NUMBER": "5"})
    assert (again.state, again.pid) == (daemon.state, daemon.pid)
    again.kill()
    assert not daemon.running


def test_it_dies_with_its_node_and_is_not_back_with_it(site: Site, daemon: EmbeddedDaemon) -> None:
    site.nodes["n1"].power_off()
    assert (daemon.state, daemon.pid, daemon.exit_code) == ("stopped", None, None)
    with pytest.raises(LabError, match="n1 is down"):
        daemon.start()
    site.nodes["n1"].power_on()
    assert daemon.state == "stopped"
    daemon.start()
    assert daemon.running


def test_orphans_are_reaped(site: Site) -> None:
    node = site.nodes["n1"]
    node.host.run_expect([0], "for i in 1 2 3 4 5; do (setsid true &) ; done")
    until(lambda: " Z " not in node.host.run("cat /proc/[0-9]*/stat").stdout, within=5, what="no zombies")


def test_no_request_ends_a_node(site: Site) -> None:
    node = site.nodes["n1"]
    before = node.pid
    with pytest.raises(LabError, match="n1: bad request"):
        node.init.ask("nonsense")
    with pytest.raises(LabError, match="n1: bad request"):
        node.init.ask("spawn", name="x")
    assert node.pid == before
    assert node.host.run("true").succeeded


FAMILY = "trap 'kill $child; exit 7' TERM; (while :; do echo child; sleep 0.02; done) & child=$!; while :; do sleep 0.02; done"


@pytest.fixture
def family(site: Site) -> EmbeddedDaemon:
    family = site.nodes["n1"].daemon("family", ["bash", "-c", FAMILY], group=True)
    family.start()
    until(lambda: "child" in family.log(), within=5, what="its first line")
    return family


def silent(daemon: EmbeddedDaemon) -> bool:
    mark = daemon.mark()
    return not watch(lambda: daemon.mark() > mark, bool, within=0.3).met


def test_a_group_is_paused_resumed_stopped_and_killed_with_its_leader(family: EmbeddedDaemon) -> None:
    assert not silent(family)
    family.pause()
    assert silent(family)
    family.resume()
    assert not silent(family)
    family.pause()
    family.stop()
    assert family.exit_code == 7
    assert silent(family)
    family.start()
    assert not silent(family)
    family.kill()
    assert silent(family)

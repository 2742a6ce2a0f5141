"""Kept labs from Python: whose they are, and who is at them."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labs import kept
from labs.embedded.site import Site
from labs.embedded.sweeper import sweep
from labs.errors import LabError, UsageError
from labs.wait import until

USE = "import sys; from labs import kept; held = kept.use('lab'); print('has it', flush=True); sys.stdin.read()"


@pytest.fixture
def lab(make: Callable[..., Site]) -> Site:
    site = make(nodes=1)
    site.save(kept={"subject": "flannel", "variant": "default", "nodes": 1})
    return site


def test_one_run_at_a_time_uses_it(lab: Site) -> None:
    first = kept.use("lab")
    with pytest.raises(UsageError, match=rf"^lab: a run \(process {os.getpid()}, since 20.*\) is on it already; wait"):
        kept.use("lab")
    first.release()
    first.release()
    with kept.use("lab"), pytest.raises(UsageError):
        kept.use("lab")
    kept.use("lab").release()


def test_a_killed_run_uses_it_no_more(lab: Site) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    with subprocess.Popen([sys.executable, "-c", USE], env=environment, stdin=-1, stdout=-1, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "has it\n"
        with pytest.raises(UsageError, match=f"process {run.pid}"):
            kept.use("lab")
        run.kill()
        run.wait()
        kept.use("lab").release()


def test_only_a_kept_lab_can_be_used(make: Callable[..., Site]) -> None:
    make("lab.1-2", nodes=1)
    with pytest.raises(LabError, match="belongs to a run"):
        kept.use("lab.1-2")
    with pytest.raises(LabError, match='no lab is called "none"'):
        kept.use("none")


def test_it_goes_down_only_when_it_is_nobodys(lab: Site) -> None:
    with pytest.raises(UsageError, match=f"lab: belongs to process {os.getpid()}, and goes when that ends"):
        kept.down("lab")
    lab.keep()
    lab.keep()
    assert sweep() == []
    kept.down("lab")
    assert not lab.folder.exists()


def test_a_lab_without_an_owner_can_be_taken_down_though_nothing_was_said_of_it(make: Callable[..., Site]) -> None:
    make(owner=None)
    kept.down("lab")
    assert kept.living() == []


def test_a_fault_by_hand_is_known_while_it_is_in_force(lab: Site) -> None:
    settled: list[str] = []
    said: list[str] = []

    class Lab:
        name, site = "lab", lab

        def settle(self) -> None:
            settled.append("settled")

    with kept.broken_by_hand(Lab(), said.append, "lossy n1 0.3"):  # type: ignore[arg-type]
        assert [each.partition(",")[0] for each in kept.faults_in_force("lab")] == [f"lossy n1 0.3 (process {os.getpid()}"]
    assert kept.faults_in_force("lab") == []
    assert (settled, said) == (["settled"], ["lab: settled"])
    with kept.use("lab"), kept.broken_by_hand(Lab(), said.append, "lossy n1 0.3"):  # type: ignore[arg-type]
        pass
    assert settled == ["settled"]
    assert said[1].startswith("lab: left as it is, for a run (process")


def test_a_lab_that_does_not_settle_does_not_hide_why_its_fault_failed(lab: Site) -> None:
    said: list[str] = []

    class Lab:
        name, site = "lab", lab

        def settle(self) -> None:
            raise LabError("n1 is down")

    with pytest.raises(LabError, match="no such route"), kept.broken_by_hand(Lab(), said.append, "x"):  # type: ignore[arg-type]
        raise LabError("no such route")
    assert said == ["lab: does not settle: n1 is down"]
    with pytest.raises(LabError, match="n1 is down"), kept.broken_by_hand(Lab(), said.append, "x"):  # type: ignore[arg-type]
        pass


def test_descriptors_are_given_back(lab: Site) -> None:
    daemon = lab.nodes["n1"].daemon("idle", ["sleep", "60"])
    daemon.start()
    until(lambda: daemon.state == "running", within=2, what="running")
    gc.collect()  # what earlier tests have left is not to go meanwhile
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        daemon.pause()
        daemon.resume()
        kept.use("lab").release()
        kept.faults_in_force("lab")
    assert len(list(Path("/proc/self/fd").iterdir())) <= before

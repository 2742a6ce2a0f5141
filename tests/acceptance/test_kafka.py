"""A failover of Kafka as a user runs it, killed in its middle: nothing is left but the history, which is judged again."""

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

from tests.acceptance.processes import GONE_SECONDS, alive, cmdline, family, identity, marked, surroundings, wait_for

ROOT = Path(__file__).parents[2]
TEST = "test_a_killed_leader_is_succeeded_without_loss"
UP_SECONDS, UNDER_WAY = 240.0, 20_000
"""Until the lab is up and a broker dead, on a busy machine; bytes of the history before which there is no failover yet."""


def brokers(root: int) -> int:
    """How many daemons of Kafka a run has."""
    return sum("kafka.Kafka" in cmdline(pid) for pid in family(root))


def test_killed_in_the_middle_of_a_failover_nothing_is_left_but_its_history(tmp_path: Path) -> None:
    before, mark = surroundings(), f"labproof-test-{uuid.uuid4()}"
    results, state = tmp_path / "results", tmp_path / "state"
    environment = {**os.environ, "LABPROOF_MARK": mark, "LABPROOF_STATE": str(state)}
    path = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "fixtures")])}
    command = [sys.executable, "-m", "proof", "--program", "kafka", "-k", TEST, "--results", str(results)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
    run = subprocess.Popen(command, cwd=ROOT, env=environment | path, text=True, start_new_session=True, **pipes)  # type: ignore[call-overload]

    def struck() -> bool:
        assert run.poll() is None, run.communicate()[0]
        grown = [file.stat().st_size > UNDER_WAY for file in results.rglob("failover.history")]
        return any(grown) and brokers(run.pid) == 2

    try:
        wait_for(struck, UP_SECONDS, "a broker is dead, under load", every=0.1)
        members = {one for pid in family(run.pid) if (one := identity(pid))}
        os.kill(run.pid, signal.SIGKILL)
        wait_for(lambda: not alive(members) | marked(mark), GONE_SECONDS, "all of the run is gone")
        assert surroundings() == before
    finally:
        for pid, _ in marked(mark):
            os.kill(pid, signal.SIGKILL)
        run.communicate(timeout=10)

    [history] = results.rglob("failover.history")
    judge = [sys.executable, "-m", "suites.kafka.accounting", str(history)]
    judged = subprocess.run(judge, cwd=ROOT, env=environment | path, capture_output=True, text=True, timeout=60, check=False)
    assert judged.returncode in (0, 1), judged.stdout + judged.stderr
    assert "lost-acknowledged" not in judged.stdout
    swept = [sys.executable, "-m", "labs", "sweep"]
    done = subprocess.run(swept, cwd=ROOT, env=environment | path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert list((state / "labs").iterdir()) == []

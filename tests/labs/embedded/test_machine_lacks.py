"""What the machine lacks is one line, with the mend, and nothing is left behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labs.embedded.site import Site, sites
from labs.errors import LabError
from tests.labs.embedded.conftest import CLEAN

TRY = """
import os, sys
from pathlib import Path
from labs.embedded.site import Site, sites
from labs.errors import LabError
try:
    Site.create("lab", logs=Path(sys.argv[1]), environment={"PATH": os.environ["PATH"]}, owner=os.getpid())
except LabError as error:
    print(error)
print(sites(), os.listdir(Path(os.environ["LABPROOF_STATE"]) / "labs"))
"""


def without(limit: str, tmp_path: Path) -> list[str]:
    """What a process says that may not make such namespaces, being without rights in a user namespace of ours."""
    shell = f'echo 0 > /proc/sys/user/{limit} && exec setpriv --bounding-set=-all --inh-caps=-all "$@"'
    argv = ["unshare", "-U", "-r", "sh", "-c", shell, "sh", sys.executable, "-c", TRY, str(tmp_path)]
    environment = {**os.environ, "PATH": CLEAN["PATH"], "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0 and "unshare:" in done.stderr:
        pytest.skip(f"this needs user namespaces: {done.stderr.strip()}")
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_no_user_namespaces(tmp_path: Path) -> None:
    said, left = without("max_user_namespaces", tmp_path)
    assert said == (
        "lab lab: the machine's limit of namespaces is reached (lab: unshare failed: No space left on device): "
        "raise sysctl user.max_user_namespaces, user.max_net_namespaces and their like"
    )
    assert left == "[] []"


def test_no_network_namespaces(tmp_path: Path) -> None:
    said, left = without("max_net_namespaces", tmp_path)
    assert said.startswith("lab lab: the machine's limit of namespaces is reached")
    assert left == "[] []"


def test_no_iproute2(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"ip is missing: install iproute2 \(apt install iproute2\)"):
        Site.create("lab", logs=tmp_path, environment={"PATH": str(tmp_path)}, owner=os.getpid())
    assert sites() == []


def test_an_owner_that_is_gone(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    with pytest.raises(LabError, match=f"the owner of the lab, process {gone.pid}, is gone"):
        Site.create("lab", logs=tmp_path, environment=CLEAN, owner=gone.pid)
    assert sites() == []


def test_a_state_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LABPROOF_STATE", str(tmp_path / "file"))
    with pytest.raises(LabError, match=r"cannot be used: .*; set LABPROOF_STATE to another"):
        sites()


def test_a_long_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than a socket's path may be."""
    monkeypatch.setenv("LABPROOF_STATE", str(tmp_path / ("long" * 40)))
    site = Site.create("lab", logs=tmp_path, environment=CLEAN, owner=os.getpid())
    site.add({"n1": "192.168.0.101/24"})
    assert site.nodes["n1"].host.run("hostname").stdout == "n1\n"
    site.destroy()

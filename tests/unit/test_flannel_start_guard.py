"""The start guard of flanneld, with an etcdctl that keeps its keys in files."""

import os
import subprocess
from pathlib import Path

import pytest

GUARD = Path(__file__).parents[2] / "suites/flannel/faults/start-guard.sh"
PROGRAM = "#!/bin/sh\necho started $*\n"
ETCDCTL = """#!/bin/sh
# etcdctl --endpoints URL txn, for what the guard asks of it
[ "$2" = http://up ] || { echo "Error: context deadline exceeded" >&2; exit 1; }
read -r _; read -r _; read -r _ key value
file=$(echo "$key" | tr / _)
if [ -e "$file" ]; then
    printf 'FAILURE\\n\\n%s\\n' "$key"
    cat "$file"
else
    echo "$value" > "$file"
    printf 'SUCCESS\\n\\nOK\\n'
fi
"""
ETCD, ADDRESS, OTHER = "--etcd-endpoints=http://up", "--public-ip=192.168.0.101", "--public-ip=192.168.0.102"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with flanneld and etcdctl."""
    for name, text in {"flanneld": PROGRAM, "etcdctl": ETCDCTL}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def start(place: Path, id: str, *options: str, **variables: str) -> tuple[int, str]:
    """Exit code, and all that was said."""
    ended = subprocess.run(
        ["sh", str(GUARD), id, "flanneld", *options], cwd=place, timeout=10, check=False,
        env={"PATH": f"{place}:{os.environ['PATH']}", **variables}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    return ended.returncode, ended.stdout


def test_the_first_under_an_address_starts_with_its_options_and_starts_again(machine: Path) -> None:
    for _ in range(2):
        assert start(machine, "one", ETCD, ADDRESS, "--ip-masq") == (0, f"started {ETCD} {ADDRESS} --ip-masq\n")


def test_a_second_under_the_same_address_is_refused_with_a_way_out(machine: Path) -> None:
    start(machine, "one", ETCD, ADDRESS)
    code, said = start(machine, "two", ETCD, ADDRESS)
    assert (code, said.count("\n")) == (1, 1)
    assert "machine one has claimed 192.168.0.101" in said
    assert "etcdctl del /start-guard/coreos.com/network/192.168.0.101" in said


def test_another_address_and_another_network_are_another_claim(machine: Path) -> None:
    start(machine, "one", ETCD, ADDRESS)
    assert start(machine, "two", ETCD, OTHER)[0] == 0
    assert start(machine, "three", ETCD, ADDRESS, "--etcd-prefix=/other")[0] == 0


@pytest.mark.parametrize(
    "options",
    [
        ("--public-ip", "192.168.0.101", "--etcd-endpoints", "http://up"),
        ("-public-ip=192.168.0.101", "-etcd-endpoints=http://up"),
        ("--ip-masq", "-public-ip", "192.168.0.101", "-iface", "eth0", ETCD),
    ],
)
def test_options_are_understood_as_flanneld_understands_them(machine: Path, options: tuple[str, ...]) -> None:
    start(machine, "one", ETCD, ADDRESS)
    assert "has claimed 192.168.0.101" in start(machine, "two", *options)[1]


def test_variables_are_understood_too(machine: Path) -> None:
    variables = {"FLANNELD_PUBLIC_IP": "192.168.0.101", "FLANNELD_ETCD_ENDPOINTS": "http://up"}
    assert start(machine, "one", **variables)[0] == 0
    assert "has claimed 192.168.0.101" in start(machine, "two", **variables)[1]


@pytest.mark.parametrize(("id", "options"), [("one", (ETCD,)), ("", (ETCD, ADDRESS))])
def test_without_an_address_or_an_id_nothing_is_started(machine: Path, id: str, options: tuple[str, ...]) -> None:
    code, said = start(machine, id, *options)
    assert (code, said) == (1, "start-guard: refused: it needs this machine's ID, and flanneld's --public-ip\n")


def test_nothing_is_started_while_etcd_cannot_be_asked(machine: Path) -> None:
    code, said = start(machine, "one", "--etcd-endpoints=http://down", ADDRESS)
    assert code == 1
    assert "refused: etcd cannot be asked who has claimed 192.168.0.101" in said
    assert "started" not in said

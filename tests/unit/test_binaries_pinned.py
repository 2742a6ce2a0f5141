"""What is pinned: Go modules and npm packages, their versions, their keys, what is left out of them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from labs.binaries import golang, npm
from labs.binaries.catalogue import ALL, ALLURE, FLANNELD, MARIADB
from labs.binaries.debian import Debian
from labs.binaries.golang import GoProgram, without
from labs.binaries.npm import NpmProgram
from labs.binaries.version import parsed
from labs.errors import LabError
from labs.mariadb import part
from labs.mariadb.part import MariaDbPackages

MAIN = """\
package main

import (
	"fmt"

	"a.example/pkg/backend"
	_ "a.example/pkg/backend/udp"
	_ "a.example/pkg/backend/udp6"
	_ "a.example/pkg/backend/vxlan"
)
"""


def test_what_is_left_out_is_not_imported_and_all_else_is() -> None:
    expected = MAIN.replace('\t_ "a.example/pkg/backend/udp"\n', "")
    assert without(MAIN, ("a.example/pkg/backend/udp",)) == expected


@pytest.mark.parametrize("path", ["a.example/pkg/backend/gone", "a.example/pkg/backend"])
def test_leaving_out_what_is_not_there_fails(path: str) -> None:
    with pytest.raises(LabError, match=f"imports {path} 0 times, once was expected"):
        without(MAIN, (path,))


def test_versions_are_those_that_the_locks_pin() -> None:
    assert isinstance(FLANNELD, GoProgram)
    assert isinstance(ALLURE, NpmProgram)
    assert FLANNELD.version == "v0.28.4"
    assert FLANNELD.key().startswith("0.28.4-")
    assert parsed(ALLURE.version)[0] == 3


def test_a_module_that_is_not_pinned_is_told() -> None:
    assert isinstance(FLANNELD, GoProgram)
    with pytest.raises(LabError, match=r"example\.org/other does not stand in .*go\.mod"):
        replace(FLANNELD, module="example.org/other").key()


def test_a_key_follows_from_locks_and_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(FLANNELD, GoProgram)
    shutil.copytree(golang.MODULES, tmp_path / "go")
    monkeypatch.setattr(golang, "MODULES", tmp_path / "go")
    keys = {FLANNELD.key(), replace(FLANNELD, left_out=()).key()}
    sums = tmp_path / "go" / "flanneld" / "go.sum"
    sums.write_text(sums.read_text().replace("h1:", "h2:", 1))
    keys.add(FLANNELD.key())
    assert len(keys) == 3


def test_a_key_of_packages_follows_from_their_names() -> None:
    one, two = Debian("x", ("a", "b")), Debian("x", ("a", "c"))
    assert one.key() != two.key() != replace(two, keep=("usr/bin",)).key()
    assert two.key() != replace(two, optional=("d",)).key() != replace(two, without=("d",)).key() != two.key()
    assert one.key() == Debian("x", ("a", "b")).key()


def test_the_npm_lock_names_no_server_and_runs_nothing_foreign() -> None:
    packages = json.loads((npm.PACKAGES / "allure" / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert not [name for name, package in packages.items() if name and "integrity" not in package]


def test_the_callers_mirrors_and_caches_are_honoured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOPROXY", "https://mirror.example")
    monkeypatch.setenv("GOMODCACHE", "/given")
    monkeypatch.delenv("GOCACHE", raising=False)
    monkeypatch.setenv("CGO_ENABLED", "1")
    told = golang.environment(tmp_path)
    assert (told["GOPROXY"], told["GOMODCACHE"]) == ("https://mirror.example", "/given")
    assert told["GOCACHE"] == str(tmp_path / "cache")
    assert told["CGO_ENABLED"] == "0"


def test_every_part_of_the_catalogue_has_a_name_of_its_own() -> None:
    assert len({part.name for part in ALL}) == len(ALL)


@pytest.mark.parametrize(("older", "newer"), [("1.25.0", "go1.26.8"), ("go1.9.1", "go1.10"), ("v18.20.1", "20.19")])
def test_versions_compare_by_number(older: str, newer: str) -> None:
    assert parsed(older) < parsed(newer)


def test_mariadbs_key_follows_from_its_packages_and_from_what_its_data_are_made_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(MARIADB, MariaDbPackages)
    keys = {MARIADB.key(), replace(MARIADB, packages=replace(MARIADB.packages, keep=())).key()}
    (tmp_path / "mariadb.cnf").write_text(part.CONFIGURATION.read_text().replace("8M", "16M"))
    monkeypatch.setattr(part, "CONFIGURATION", tmp_path / "mariadb.cnf")
    assert len(keys | {MARIADB.key()}) == 3

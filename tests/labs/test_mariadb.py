"""The real mariadbd in a node: quickly up on its ready-made data, its databases, its end, a new one after a boot."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs import binaries
from labs.binaries.catalogue import MARIADB, TOOLS
from labs.binaries.environment import environment
from labs.embedded.site import Site
from labs.errors import LabError
from labs.faults import killed, paused
from labs.mariadb.server import MariaDb

UP_LIMIT = 10.0
"""Seconds, on a busy machine; on a quiet one it is a third of a second."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("LABPROOF_STATE", str(tmp_path / "state"))
    clean = environment(binaries.install((TOOLS, MARIADB), print).values())
    site = Site.create(f"mariadb-{os.getpid()}", logs=tmp_path / "logs", environment=clean, owner=os.getpid())
    try:
        site.add({"n1": "192.168.0.101/24"})
        yield site
    finally:
        site.destroy()


@pytest.fixture
def database(site: Site) -> MariaDb:
    database = MariaDb(site.nodes["n1"])
    database.daemon.start()
    return database


def test_it_starts_quickly_and_speaks_sql(site: Site) -> None:
    database = MariaDb(site.nodes["n1"])
    began = time.monotonic()
    database.daemon.start()
    assert time.monotonic() - began < UP_LIMIT
    assert database.sql("select 1, 'two'") == "1\ttwo\n"
    with pytest.raises(LabError, match=r"mariadb of n1: .*syntax"):
        database.sql("this is no SQL")


def test_a_database_has_a_user_of_its_own(database: MariaDb) -> None:
    url = database.create("shop")
    assert database.create("shop") == url == "mysql+pymysql://shop:shop@localhost/shop?unix_socket=/run/mariadb/mariadb.sock"
    client = "mariadb --no-defaults -N -B --user=shop --password=shop --socket=/run/mariadb/mariadb.sock"
    run = database.machine.host.run
    assert run(f"{client} shop -e 'create table t (i int); insert into t values (7); select i from t'").stdout == "7\n"
    assert run(f"{client} mysql -e 'show tables'").rc != 0
    assert database.sql("select i from t", "shop") == "7\n"


def test_it_does_not_listen_on_the_network(database: MariaDb) -> None:
    assert database.machine.host.run("cat /proc/net/tcp /proc/net/tcp6").stdout.count("\n") == 2


def test_killed_and_paused_it_does_not_answer_and_its_data_stay(database: MariaDb) -> None:
    database.create("shop")
    database.sql("create table t (i int); insert into t values (7)", "shop")
    with paused(database.daemon):
        assert not database.answers
    with killed(database.daemon):
        assert not database.answers
    assert database.sql("select i from t", "shop") == "7\n"


def test_what_was_committed_outlives_it_when_it_is_killed_at_once(database: MariaDb) -> None:
    database.create("shop")
    database.sql("create table t (i int)", "shop")
    for number in range(5):
        database.sql(f"insert into t values ({number})", "shop")
        with killed(database.daemon):
            pass
        assert database.sql("select count(*) from t", "shop") == f"{number + 1}\n"


def test_after_a_boot_it_is_new(database: MariaDb) -> None:
    database.create("shop")
    database.machine.power_off()
    assert not database.answers
    database.machine.power_on()
    database.daemon.start()
    assert "shop" not in database.sql("show databases")


def test_why_it_does_not_start_is_told(site: Site) -> None:
    database = MariaDb(site.nodes["n1"])
    database.machine.host.check_output("mkdir -p /run/mariadb/data")
    with pytest.raises(LabError, match=r"mariadb of n1: it does not start \(exit code 1\): .*ERROR"):
        database.daemon.start()

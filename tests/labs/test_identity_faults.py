"""The seeded faults of the interop suite heal: what they broke is as it was, before the lab itself is asked to settle."""

import os
from collections.abc import Iterator

import pytest

from labs.fault import Fault
from labs.openstack.identity import DATABASE, IdentityLab
from suites.interop.proofs import PROOFS

FAULTS = {seed.name: seed.fault for seeds in PROOFS.values() for seed in seeds}
TABLES = f"select table_name from information_schema.tables where table_schema = '{DATABASE}' order by 1"
SHAPE = (
    f"select table_name, table_type from information_schema.tables where table_schema = '{DATABASE}' order by 1;"
    f" select trigger_name from information_schema.triggers where trigger_schema = '{DATABASE}';"
    " select table_name, index_name, non_unique, seq_in_index, column_name from information_schema.statistics"
    f" where table_schema = '{DATABASE}' order by 1, 2, 4"
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityLab]:
    folder = tmp_path_factory.mktemp("identity")
    os.environ["LABPROOF_STATE"] = str(folder / "state")
    name = f"faults-{os.getpid()}"
    lab = IdentityLab.up(name, variant="default", nodes=1, logs=folder / "logs", owner=os.getpid(), progress=print)
    yield lab
    lab.down()
    del os.environ["LABPROOF_STATE"]


def kept(lab: IdentityLab) -> dict[str, object]:
    """All that a fault may have changed: the shape of the database and its rows, and what Keystone and haproxy are told."""
    tables = ", ".join(f"`{table}`" for table in lab.database.sql(TABLES).split())
    return {
        "shape": lab.database.sql(SHAPE),
        "rows": lab.database.sql(f"checksum table {tables}", DATABASE),
        "as declared": lab.keystone.as_declared,
        "haproxy": (lab.machine.root / "run/haproxy/haproxy.cfg").read_text(),
    }


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_it_leaves_nothing_behind(lab: IdentityLab, name: str) -> None:
    fault = FAULTS[name]
    assert isinstance(fault, Fault)
    before = kept(lab)
    with fault(lab):
        assert kept(lab) != before
    assert kept(lab) == before
    assert lab.problems() == []

"""How a Keystone's database goes wrong: rows changed behind its back, writes kept otherwise, readers that do not see all."""

from collections.abc import Iterator
from contextlib import contextmanager

from labs.openstack.identity import DATABASE, IdentityLab

KEY = (
    "select group_concat(concat('`', column_name, '`') order by ordinal_position) from information_schema.key_column_usage"
    " where table_schema = '{database}' and table_name = '{table}' and constraint_name = 'PRIMARY'"
)


@contextmanager
def changed(lab: IdentityLab, do: str, undo: str) -> Iterator[None]:
    """Statements of which Keystone is not told, and has nothing in its cache, and those that take them back."""
    try:
        _run(lab, do)
        yield
    finally:
        _run(lab, undo)


@contextmanager
def altered(lab: IdentityLab, table: str, column: str, value: str, where: str = "true") -> Iterator[None]:
    """A column of the rows that fulfil a condition has this value; in those that are still there, what it had on heal."""
    key, was = _key(lab, table), f"{table}_was"
    do = (
        f"create table {was} as select {key}, `{column}` from `{table}` where {where};"
        f" update `{table}` set `{column}` = {value} where {where}"
    )
    undo = f"update `{table}` join {was} using ({key}) set `{table}`.`{column}` = {was}.`{column}`; drop table if exists {was}"
    with changed(lab, do, undo):
        yield


@contextmanager
def kept_otherwise(lab: IdentityLab, table: str, event: str, values: str) -> Iterator[None]:
    """What is written to a table (`insert`, `update`) is kept with other values (`new.enabled = 1`)."""
    trigger = f"{table}_{event}_otherwise"
    do = f"create trigger {trigger} before {event} on `{table}` for each row set {values}"
    with changed(lab, do, f"drop trigger if exists {trigger}"):
        yield


@contextmanager
def changes_lost(lab: IdentityLab, table: str, *columns: str) -> Iterator[None]:
    """Updates of these columns are acknowledged and not kept."""
    with kept_otherwise(lab, table, "update", ", ".join(f"new.`{column}` = old.`{column}`" for column in columns)):
        yield


@contextmanager
def left_out(lab: IdentityLab, table: str, read: str) -> Iterator[None]:
    """Readers of a table find only the rows that fulfil a condition; what is written to it is kept as ever."""
    do = f"rename table `{table}` to {table}_whole; create view `{table}` as select * from {table}_whole where {read}"
    undo = f"drop view if exists `{table}`; rename table if exists {table}_whole to `{table}`"
    with changed(lab, do, undo):
        yield


@contextmanager
def unseen(lab: IdentityLab, table: str) -> Iterator[None]:
    """Readers of a table find the rows that stand in it now, and none that is made later: a replica that has stopped."""
    key, then = _key(lab, table), f"{table}_then"
    copied = changed(lab, f"create table {then} as select {key} from `{table}`", f"drop table if exists {then}")
    with copied, left_out(lab, table, f"({key}) in (select {key} from {then})"):
        yield


def _key(lab: IdentityLab, table: str) -> str:
    """The columns of its primary key."""
    return lab.database.sql(KEY.format(database=DATABASE, table=table)).strip()


def _run(lab: IdentityLab, statements: str) -> None:
    lab.database.sql(statements, DATABASE)
    lab.memcached.ask("flush_all")

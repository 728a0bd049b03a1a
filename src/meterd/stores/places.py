"""Where a store is, and how it is opened there: a file, memory, or a database of PostgreSQL.

    /var/lib/meterd/meterd.db    :memory:    postgresql://user@host/db

A place may hold a password; `shown` is how it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from meterd.stores import StoreError, migrate
from meterd.stores.connection import (
    Connection,
    Sqlite,
    connect,
    connect_to_read,
    number,
    transaction,
)

if TYPE_CHECKING:
    from meterd.stores.postgresql import PostgresqlConnection

FIRST: Final = 4
"""PostgreSQL's first file stands for all of SQLite's up to this number."""
_SCHEMES: Final = ("postgresql://", "postgres://")
_IS_SCHEMA: Final = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('meterd_schema')"
_MAKE_SCHEMA: Final = "CREATE TABLE IF NOT EXISTS meterd_schema (version BIGINT PRIMARY KEY)"
_VERSION: Final = "SELECT coalesce(max(version), 0) FROM meterd_schema"


def is_database(place: str) -> bool:
    """Whether it is one of PostgreSQL, and no file."""
    return place.startswith(_SCHEMES)


def shown(place: str) -> str:
    """The place without a password."""
    if not is_database(place):
        return place
    parts = urlsplit(place)
    login, at, host = parts.netloc.rpartition("@")
    return f"{parts.scheme}://{login.partition(':')[0]}{at}{host}{parts.path}"


def exists(place: str) -> bool:
    """Whether there is a store, as far as can be told without reading it."""
    return is_database(place) or Path(place).exists()


def to_write(place: str) -> Connection:
    """Open to write; of a database this takes its lock. Raises StoreError and StoreBusy."""
    return _database(place, writes=True) if is_database(place) else connect(place)


def to_read(place: str) -> Connection:
    """Open to read, beside a writer or without one. Raises StoreError where there is no store."""
    if not is_database(place):
        return connect_to_read(place)
    session = _database(place, writes=False)
    if not number(session, _IS_SCHEMA):
        session.close()
        raise StoreError(f"{shown(place)}: there is no store; `meterd run` makes it")
    return session


def schema_of(connection: Connection, place: str) -> int:
    """The schema of an open store. Raises StoreError for one from the future."""
    if isinstance(connection, Sqlite):
        return migrate.schema_of(connection, place)
    found = number(connection, _VERSION)
    if found > migrate.newest():
        raise StoreError(
            f"{shown(place)}: has schema {found}, and this meterd knows schemas up to "
            f"{migrate.newest()}; run the newer meterd"
        )
    return found


def bring_up_to_date(connection: Connection, place: str) -> tuple[int, int]:
    """Make the newest schema of whatever is there; the numbers before and after."""
    if isinstance(connection, Sqlite):
        return migrate.migrate(connection, place)
    connection.execute(_MAKE_SCHEMA)
    before = after = schema_of(connection, place)
    for step, sql in steps().items():
        if step > before:
            with transaction(connection):
                connection.execute(sql)
                connection.execute("INSERT INTO meterd_schema VALUES (?)", (step,))
            after = step
    return before, after


@cache
def steps() -> Mapping[int, str]:
    """Number -> SQL, from the packaged files for PostgreSQL, in order."""
    folder = files("meterd.stores").joinpath("sql", "postgresql")
    found = {int(file.name[:4]): file.read_text("utf-8") for file in folder.iterdir()}
    assert sorted(found) == list(range(FIRST, migrate.newest() + 1)), sorted(found)
    return {step: found[step] for step in sorted(found)}


def settle(connection: Connection) -> None:
    """Sync what SQLite's log holds into the file before anyone is told of it: a process may have
    ended between writing a commit and syncing it, and a power cut could still take it away.
    """
    if isinstance(connection, Sqlite):
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def tidy(connection: Connection) -> None:
    """The night's housekeeping in the file; PostgreSQL keeps its own house."""
    if isinstance(connection, Sqlite):
        connection.execute("PRAGMA optimize").fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _database(place: str, *, writes: bool) -> PostgresqlConnection:
    try:
        from meterd.stores.postgresql import PostgresqlConnection  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise StoreError(
            f"{shown(place)}: PostgreSQL needs the extra: pip install 'meterd[postgres]'"
        ) from error
    return PostgresqlConnection(place, shown(place), writes=writes)

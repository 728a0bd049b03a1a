"""Connections to SQLite: the one file that knows the library, its settings and its errors.

Everything it raises becomes a `StoreError` that names the file and what to do. SQLite is the
one that apsw brings along, never the host's (3.51.2 and older can lose what a WAL holds).
Source: sqlite.org/wal.html, sqlite.org/rescode.html.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import apsw

from meterd.stores import StoreError

Sqlite = apsw.Connection


class Connection(Protocol):
    """What the store's statements run on: SQLite here, PostgreSQL in `postgresql`."""

    @property
    def in_transaction(self) -> bool:
        """Whether something has begun that is not yet committed."""
        ...

    def execute(self, statement: str, values: Any = ..., /) -> Any:
        """Run one statement; `fetchall` of what it returns are the rows."""
        ...

    def executemany(self, statement: str, rows: Any, /) -> Any:
        """Run one statement for each of the rows."""
        ...

    def changes(self) -> int:
        """How many rows the last statement changed."""
        ...

    def close(self) -> None:
        """The end."""
        ...


TableLost = apsw.SQLError
"""A table that the schema of a damaged file no longer has; only the rescue may catch it."""
RowRefused = apsw.ConstraintError
"""A row that breaks a rule of its table; only who can do without the row may catch it."""

MEMORY: Final = ":memory:"
BUSY_MS: Final = 5000
"""How long another program (a backup, a shell) may hold the file before we say so."""

FILE_MODE: Final = 0o640
_CACHE_KIB: Final = 4096
_WAL_MAX_BYTES: Final = 16 * 1024 * 1024

_UNREADABLE: Final = {
    apsw.SQLITE_IOERR_READ, apsw.SQLITE_IOERR_SHORT_READ, apsw.SQLITE_IOERR_CORRUPTFS,
}  # fmt: skip
"""A bad sector or a cut file is damage like any other: what is left can be saved."""

_FULL: Final = "the disk is full; free some space and it goes on"
_DAMAGED: Final = "the file is damaged; restart meterd, which moves it aside and saves what it can"
_UNREADABLE_TEXT: Final = "a text in it can no more be read; restore a backup"
_LOCKED: Final = f"another program has kept it locked for {BUSY_MS // 1000} s; close that one"
_BROKEN: Final = "the disk does not read or write; look at the kernel's log, then restart meterd"
_NO_OPEN: Final = "it cannot be opened; does its directory exist, and may this user write there?"
_READ_ONLY: Final = "it may not be written; look at its owner and at how the disk is mounted"


def connect(path: str) -> Sqlite:
    """Open for writing, create if need be. FULL: a commit that returned survives a power cut."""
    with named_errors(path):
        if path != MEMORY and not Path(path).exists():
            Path(path).touch(FILE_MODE)
        connection = apsw.Connection(path)
        connection.set_busy_timeout(BUSY_MS)
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchall()[0]
        if mode not in {"wal", "memory"}:
            raise StoreError(f"{path}: no write-ahead log on this file system; use a local disk")
        for setting in (
            "synchronous = FULL",
            "foreign_keys = ON",
            f"journal_size_limit = {_WAL_MAX_BYTES}",
            f"cache_size = -{_CACHE_KIB}",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {setting}").fetchall()
    return connection


def connect_to_read(path: str) -> Sqlite:
    """Open the live file to read, beside a writer or without one."""
    with named_errors(path):
        if not Path(path).exists():
            raise StoreError(f"{path}: there is no store; `meterd run` makes it")
        try:
            connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
            connection.set_busy_timeout(BUSY_MS)
            connection.execute("PRAGMA user_version").fetchall()
        except (apsw.CantOpenError, apsw.ReadOnlyError):
            if Path(f"{path}-wal").exists():
                raise
            # Nobody writes and we may not either: then the file cannot change under us.
            name = f"{Path(path).resolve().as_uri()}?immutable=1"
            flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
            connection = apsw.Connection(name, flags=flags)
    return connection


def is_cut_off(path: str | Path) -> bool:
    """Whether the file was left half made: only who may write can put that right."""
    return Path(f"{path}-journal").exists()


def roll_back(path: str | Path) -> None:
    """Undo what was half done when the store was made; once made, it is done by the log."""
    if is_cut_off(path):
        with named_errors(path), closing(apsw.Connection(str(path))) as connection:
            connection.execute("PRAGMA user_version").fetchall()


def connect_to_salvage(path: str) -> Sqlite:
    """Open a damaged file to read what it still gives, be it cut short or of odd schema."""
    with named_errors(path):
        connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
        connection.execute("PRAGMA writable_schema = ON").fetchall()
    return connection


def number(connection: Connection, sql: str, values: tuple[str, ...] = ()) -> int:
    """The one integer that a query finds."""
    ((value,),) = connection.execute(sql, values).fetchall()
    assert isinstance(value, int), value
    return value


@contextmanager
def named_errors(path: str | Path) -> Iterator[None]:
    """Turn what the library and the system raise into a StoreError about this file."""
    try:
        yield
    except apsw.Error as error:
        raise _explained(path, error) from error
    except UnicodeDecodeError as error:  # bits fell over, where SQLite does not look
        raise StoreError(f"{path}: {_UNREADABLE_TEXT}") from error
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise StoreError(
            f"{path}: {_FULL if full else error.strerror or error}", retriable=full
        ) from error


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """All of the block, on the disk, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _refused_a_write(error: apsw.Error) -> bool:
    """Nothing was written, and so nothing can be lost by trying again."""
    return getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_WRITE


def _explained(path: str | Path, error: apsw.Error) -> StoreError:
    unreadable = getattr(error, "extendedresult", 0) in _UNREADABLE
    if unreadable or isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return StoreError(f"{path}: {_DAMAGED} ({error})", damaged=True)
    if isinstance(error, apsw.FullError):
        return StoreError(f"{path}: {_FULL}", retriable=True)
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return StoreError(f"{path}: {_LOCKED}", retriable=True)
    if _refused_a_write(error) and not os.access(f"{path}-wal", os.W_OK):
        return StoreError(f"{path}: {_READ_ONLY}", retriable=True)
    if isinstance(error, apsw.IOError):
        # After a failed fsync the kernel may have dropped what we wrote: never try again.
        return StoreError(f"{path}: {_BROKEN} ({error})", broken=True)
    if isinstance(error, apsw.CantOpenError):
        return StoreError(f"{path}: {_NO_OPEN}", retriable=True)
    if isinstance(error, apsw.ReadOnlyError):
        return StoreError(f"{path}: {_READ_ONLY}", retriable=True)
    return StoreError(f"{path}: {error}")

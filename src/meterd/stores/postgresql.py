"""A connection to PostgreSQL that speaks as SQLite's does. The only file that knows psycopg.

The store's statements are the same for both; what little differs is put right here, word by
word. A connection that is lost is made anew by the next statement, which takes the store's
lock again: a session's lock is gone with it. Names sort by bytes, sums of integers are integers.
Source: postgresql.org/docs/15, sections 9.28.10 (advisory locks), 13.2 (isolation), 34.1.1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import psycopg
from psycopg import abc, adapt, conninfo, errors
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper

from meterd.stores import StoreBusy, StoreError

_WAIT: Final = {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5,
                "keepalives_count": 3, "tcp_user_timeout": 25_000}  # fmt: skip
"""A server that is gone without a word is noticed within half a minute."""
_DURABLE: Final = "SET synchronous_commit = on"
_TAKE_LOCK: Final = (
    "SELECT pg_try_advisory_lock(hashtextextended('meterd in ' || current_schema(), 0))"
)
"""One writer per schema; the server lets go when the session ends, however it ends."""

_WORDS: Final = (
    ("BEGIN IMMEDIATE", "BEGIN"),
    ("BEGIN DEFERRED", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
    ("CROSS JOIN ", "JOIN "),
    ("max(old.", "greatest(old."),
    ("max(0, ", "greatest(0, "),
    ("min(old.", "least(old."),
)
"""What is said otherwise: here all joins have a condition, and the planner orders them."""
_NAMED: Final = re.compile(r":([a-z]\w*)")

_FULL: Final = "the server's disk is full; free some space and it goes on"


class _FlagDumper(adapt.Dumper):
    """Flags are 0 and 1, as in SQLite."""

    oid = psycopg.adapters.types["int8"].oid

    def dump(self, obj: Any) -> abc.Buffer:
        return b"1" if obj else b"0"


class _IntegerLoader(adapt.Loader):
    """Sums of integers, which PostgreSQL makes `numeric`; no column is."""

    def load(self, data: abc.Buffer) -> int:
        return int(bytes(data))


class Rows(list[Any]):
    """What a statement found, all of it."""

    def fetchall(self) -> list[Any]:
        """The same."""
        return self


class PostgresqlConnection:
    """One session after the other. writes: it is the one that holds the store."""

    def __init__(self, url: str, shown: str, *, writes: bool) -> None:
        """Connects. shown: the url in messages.

        Raises StoreError, StoreBusy where another process holds the store.
        """
        self.shown = shown
        self._url = url
        self._writes = writes
        self._changes = 0
        self._over = False
        self._session = self._connect()

    @property
    def in_transaction(self) -> bool:
        """Whether something has begun that is not yet committed."""
        idle = self._session.info.transaction_status
        return not self._session.closed and idle != TransactionStatus.IDLE

    def execute(self, statement: str, values: Any = ()) -> Rows:
        """Run one statement. Raises StoreError."""
        session = self._live()
        try:
            said = _said(statement, isinstance(values, dict)) if values else _plain(statement)
            cursor = session.execute(said, values or None)
            self._changes = cursor.rowcount
            return Rows(cursor.fetchall() if cursor.description else ())
        except psycopg.Error as error:
            raise self._explained(error, doubtful=statement == "COMMIT") from error

    def executemany(self, statement: str, rows: Sequence[Any]) -> None:
        """Run one statement for each of the rows, in one go."""
        try:
            with self._live().cursor() as cursor:
                cursor.executemany(_said(statement, named=False), rows)
        except psycopg.Error as error:
            raise self._explained(error) from error

    def changes(self) -> int:
        """How many rows the last statement changed."""
        return self._changes

    def close(self) -> None:
        """End the session, and with it the lock. Nothing begins another."""
        self._over = True
        self._session.close()

    def _live(self) -> psycopg.Connection[Any]:
        if self._over:
            raise StoreError(f"{self.shown}: the store is closed")
        if self._session.closed:
            self._session = self._connect()
        return self._session

    def _connect(self) -> psycopg.Connection[Any]:
        try:
            address = conninfo.make_conninfo(self._url, application_name="meterd", **_WAIT)
            session = psycopg.connect(address, autocommit=True)
            session.adapters.register_dumper(bool, _FlagDumper)
            session.adapters.register_dumper(int, Int8Dumper)
            session.adapters.register_loader("numeric", _IntegerLoader)
            session.execute(_DURABLE)
            held = not self._writes or _holds(session)
        except psycopg.Error as error:
            raise self._explained(error) from error
        if not held:
            session.close()
            raise StoreBusy(None, self.shown)
        return session

    def _explained(self, error: psycopg.Error, *, doubtful: bool = False) -> StoreError:
        said = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, errors.DiskFull):
            return StoreError(f"{self.shown}: {_FULL}", retriable=True)
        lost = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        found = StoreError(f"{self.shown}: {said}", retriable=lost)
        found.doubtful = doubtful and lost
        return found


def _holds(session: psycopg.Connection[Any]) -> bool:
    ((taken,),) = session.execute(_TAKE_LOCK).fetchall()
    return bool(taken)


def _plain(statement: str) -> bytes:
    for ours, theirs in _WORDS:
        statement = statement.replace(ours, theirs)
    return statement.encode()


@cache
def _said(statement: str, named: bool) -> bytes:
    """A statement in the words of PostgreSQL. The store has a few dozen of them."""
    said = _plain(statement).replace(b"%", b"%%").decode()
    return (_NAMED.sub(r"%(\1)s", said) if named else said.replace("?", "%s")).encode()

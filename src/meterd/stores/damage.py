"""A damaged store is found at the start, moved aside, and what can be read is saved.

The order makes every step safe to interrupt: the new file is complete before the old one is
moved, so a store that is missing beside a complete new one means that only the last step is
left. The damaged file stays as `<store>.damaged-<time>` for whoever wants to look deeper.
Source: sqlite.org/pragma.html#pragma_quick_check.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog

from meterd.events import Event
from meterd.metering.calendar import iso
from meterd.records.ulid import named_ulid
from meterd.stores import StoreError
from meterd.stores.connection import (
    RowRefused,
    Sqlite,
    TableLost,
    connect,
    connect_to_read,
    connect_to_salvage,
    is_cut_off,
    named_errors,
    roll_back,
    transaction,
)
from meterd.stores.lock import lock_path
from meterd.stores.migrate import APPLICATION_ID, migrate, migrations, newest, schema_of
from meterd.stores.rows import INSERT_EVENT

log = structlog.get_logger()

WHOLE_CHECK_MAX_BYTES: Final = 256 * 1024 * 1024
"""Up to this size every page is checked at each start; of a larger store, which would hold
up the start for minutes, the tables we resume from and bill by."""

HISTORY: Final = frozenset({"intervals", "samples", "events"})
HISTORY_SAVED_MAX: Final = 5_000_000
"""Newest rows saved per table: more would keep the meters unread for minutes. The rest stays
readable in the file that was moved aside."""


_MAGIC: Final = b"SQLite format 3\0"
_ID: Final = slice(68, 72)
"""Where the head of a file says whose it is (sqlite.org/fileformat.html, 1.3)."""


_SETTLE: Final = (
    ("bill_sources", "DELETE FROM bill_sources WHERE series NOT IN (SELECT id FROM series)"),
    ("intervals", "DELETE FROM intervals WHERE series NOT IN (SELECT id FROM series)"),
    ("samples", "DELETE FROM samples WHERE source NOT IN (SELECT id FROM bill_sources)"),
)
"""Rows whose number has lost its name must go, or the next name to get it would inherit them."""
_NEVER_TWICE: Final = """
INSERT INTO sinks SELECT sink, max(seq) FROM outbox WHERE true GROUP BY sink
ON CONFLICT DO UPDATE SET last_seq = max(last_seq, excluded.last_seq)
"""


class Rescued(msgspec.Struct):
    """What was saved of a table. complete: nothing of it is known to be lost."""

    rows: int = 0
    complete: bool = True


def suspect_path(store: Path) -> Path:
    """Its presence asks the next start for every check: a running daemon met damage."""
    return store.with_name(f"{store.name}.suspect")


def refuse_foreign(store: Path) -> None:
    """Raise StoreError for a file that never was a store: it is not damaged, but another's.

    Looks and changes nothing, not even the file's directory.
    """
    if not store.exists():
        return
    with store.open("rb") as opened:
        head = opened.read(_ID.stop)
    if head and not head.startswith(_MAGIC) and not lock_path(store).exists():
        raise StoreError(f"{store}: not a meterd store; name another file in `store:`")
    if head.startswith(_MAGIC) and int.from_bytes(head[_ID]) != APPLICATION_ID:
        try:  # the log may know better than the head of the file
            with closing(connect_to_read(str(store))) as connection:
                schema_of(connection, str(store))
        except StoreError as error:
            if not error.damaged and not is_cut_off(store):
                raise


def mend(store: Path, now_ms: int) -> Event | None:
    """Leave a sound store (or none) at this path; what was done, as an event, if anything was."""
    stamp = iso(now_ms).replace("-", "").replace(":", "")
    aside = store.with_name(f"{store.name}.damaged-{stamp}")
    fresh = store.with_name(f"{store.name}.rebuilding")
    with named_errors(store):
        if fresh.exists() and not store.exists():
            _swap(store, fresh, aside)
        roll_back(store)
        complaint = examine(store)
        if not complaint:
            suspect_path(store).unlink(missing_ok=True)
            return None
        log.error("Store is damaged, saving what can be read.", store=str(store), why=complaint)
        event = _rebuild(store, fresh, aside.name, (complaint, now_ms))
        store.replace(aside)
        _swap(store, fresh, aside)
        suspect_path(store).unlink(missing_ok=True)
    log.error("Store is rebuilt.", moved_to=str(aside), **event.numbers["saved"])
    return event


def examine(store: Path) -> str:
    """What is wrong with the file, in SQLite's words, or nothing."""
    if not store.exists() or not store.stat().st_size:
        return ""
    checks = ["quick_check(1)"]
    try:
        with closing(connect_to_read(str(store))) as connection, named_errors(store):
            if suspect_path(store).exists():
                checks = ["integrity_check(1)"]  # an index may say other than its table
            elif store.stat().st_size > WHOLE_CHECK_MAX_BYTES:
                checks = [f"quick_check('{name}')" for name in _tables(connection) - HISTORY]
            return next(filter(None, (_complaint(connection, check) for check in checks)), "")
    except StoreError as error:
        if error.damaged:
            return str(error.__cause__)
        raise


def _complaint(connection: Sqlite, check: str) -> str:
    line = str(connection.execute(f"PRAGMA {check}").fetchall()[0][0])
    return "" if line == "ok" else line


def _tables(connection: Sqlite) -> set[str]:
    sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return {str(name) for (name,) in connection.execute(sql)}


def _swap(store: Path, fresh: Path, aside: Path) -> None:
    """The last step: the damaged store's companions leave, the new store takes its place."""
    for suffix in ("-wal", "-shm"):
        companion = store.with_name(store.name + suffix)
        if companion.exists():
            companion.replace(aside.with_name(aside.name + suffix))
    fresh.replace(store)


def _rebuild(store: Path, fresh: Path, aside: str, why: tuple[str, int]) -> Event:
    """Make the new file with all that the old one still gives."""
    for suffix in ("", "-wal", "-shm"):
        fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
    complaint, now_ms = why
    saved: dict[str, Rescued] = {}
    with closing(connect(str(fresh))) as new, named_errors(fresh):
        try:
            with closing(connect_to_salvage(str(store))) as old:
                schema = schema_of(old, str(store)) or newest()
                steps = {n: sql for n, sql in migrations().items() if n <= schema}
                migrate(new, str(fresh), steps)
                saved = salvage(old, new)
        except StoreError as error:
            if not error.damaged:
                raise
        migrate(new, str(fresh))
        # The numbers of facts may have gone back: consumers must see a new line of them.
        new.execute("DELETE FROM meta WHERE key = 'epoch'")
        numbers = {
            "complaint": complaint,
            "moved_to": aside,
            "saved": {table: done.rows for table, done in saved.items()},
            "incomplete": sorted(table for table, done in saved.items() if not done.complete),
        }
        event = Event(named_ulid("store_rebuilt", aside), now_ms, "store_rebuilt", "", "", numbers)
        text = msgspec.json.encode(numbers).decode()
        new.execute(INSERT_EVENT, (event.id, event.at_ms, event.kind, "", "", text))
    return event


def salvage(old: Sqlite, new: Sqlite) -> dict[str, Rescued]:
    """Copy every table row by row, from both ends towards the damage."""
    new.execute("PRAGMA foreign_keys = OFF")
    saved = {}
    for table, without_rowid in new.execute(
        "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' "
        "AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name IN "
        "('intervals', 'samples', 'events'), name"
    ).fetchall():
        with transaction(new):
            saved[str(table)] = _copy(old, new, str(table), bool(without_rowid))
    with transaction(new):
        for table, sql in _SETTLE:
            new.execute(sql)
            saved[table].complete &= not new.changes()
        new.execute(_NEVER_TWICE)
    return saved


def _copy(old: Sqlite, new: Sqlite, table: str, without_rowid: bool) -> Rescued:
    info: list[Any] = new.execute("SELECT name, pk FROM pragma_table_info(?)", (table,)).fetchall()
    names = ", ".join(name for name, _pk in info)
    marks = ", ".join("?" * len(info))
    insert = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
    key = [name for name, pk in sorted(info, key=lambda column: int(column[1])) if pk]
    columns = key if without_rowid else ["rowid"]
    done = Rescued()
    for direction in ("DESC", "ASC"):
        order = ", ".join(f"{column} {direction}" for column in columns)
        try:
            with named_errors(table):
                rows = _rows_of(old, f"SELECT {names} FROM {table} ORDER BY {order}", done)
                _copy_rows(rows, new, insert, done)
        except StoreError as error:
            if not error.damaged:
                raise
            done.complete = False
            continue
        break
    return done


def _rows_of(old: Sqlite, sql: str, done: Rescued) -> Any:
    try:
        return old.execute(sql)
    except TableLost:  # its line in the schema stood on a page that is gone
        done.complete = False
        return ()


def _copy_rows(rows: Any, new: Sqlite, insert: str, done: Rescued) -> None:
    following = iter(rows)
    while done.rows < HISTORY_SAVED_MAX:
        try:
            new.execute(insert, next(following))
            done.rows += new.changes()
        except StopIteration:
            return
        except (RowRefused, UnicodeDecodeError):  # it or a text of it is not what it was
            done.complete = False
    done.complete = False

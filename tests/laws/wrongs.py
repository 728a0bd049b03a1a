"""Wrong ways for the store, the path and the facts on their way, for `bugs.py` to put in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from meterd.stores import Batch, StoreError, places, rows
from meterd.stores.sqlite import SqliteStore

Put = Callable[[], None]


def around(owner: Any, name: str, change: Callable[..., Any]) -> Put:
    """Replace a function by `change`, which is given the old one first."""

    def put() -> None:
        old = getattr(owner, name)
        setattr(owner, name, lambda *args, **named: change(old, *args, **named))

    return put


def both(*puts: Put) -> Put:
    """Put in one bug in several places."""

    def put_all() -> None:
        for put in puts:
            put()

    return put_all


def two_transactions(_old: Any, store: Any, batch: Batch) -> None:
    store._transact(lambda _: store._write(msgspec.structs.replace(batch, facts={})))
    store._transact(lambda _: store._write(Batch(facts=batch.facts, now_ms=batch.now_ms)))


def state_first(_old: Any, store: Any, batch: Batch) -> None:
    store._transact(lambda _: store._write(msgspec.structs.replace(batch, outputs=())))
    store._transact(lambda _: store._write(msgspec.structs.replace(batch, saved=(), facts={})))


def twice(old: Any, store: Any, batch: Batch) -> None:
    old(store, batch)
    store._transact(lambda _: store._write(Batch(outputs=_additive(batch))))


def _additive(batch: Batch) -> list[Any]:
    return [output for output in batch.outputs if type(output).__name__ == "Interval"]


async def told_first(_old: Any, drive: Any) -> None:
    outputs, snapshot = drive.pipeline.take()
    drive._tell(outputs, snapshot)
    await drive._write(outputs, snapshot)


async def dropped_when_full(old: Any, drive: Any, outputs: Any, snapshot: Any) -> None:
    commit, drive._store.commit = drive._store.commit, _once(drive._store.commit)
    try:
        await old(drive, outputs, snapshot)
    finally:
        drive._store.commit = commit


def _once(commit: Any) -> Any:
    async def tried(batch: Batch) -> None:
        try:
            await commit(batch)
        except StoreError as error:
            if not error.retriable:
                raise

    return tried


def unsafe(setting: str) -> Put:
    def connected(old: Any, path: str) -> Any:
        connection = old(path)
        connection.execute(f"PRAGMA synchronous = {setting}").fetchall()
        return connection

    return around(places, "connect", connected)


def log_thrown_away(old: Any, store: Path, now_ms: int) -> Any:
    Path(f"{store}-wal").unlink(missing_ok=True)
    return old(store, now_ms)


async def _prunes(old: Any, store: Any, now_ms: int, sql: str) -> Any:
    store._transact(lambda writer: writer.execute(sql).fetchall())
    return await old(store, now_ms)


def pruning(sql: str) -> Put:
    return around(SqliteStore, "maintain", lambda old, store, now: _prunes(old, store, now, sql))


def no_cursor_back(old: Any, lane: Any) -> None:
    cursor = getattr(lane, "_cursor", None)
    old(lane)
    if cursor is not None:
        lane._cursor = cursor


def taken_is_arrived(old: Any, lane: Any) -> Any:
    fact = old(lane)
    lane._arrived.append(fact.seq)
    return fact


def no_sink_row(old: Any, batch: Batch, names: Any) -> Any:
    return [one for one in old(batch, names) if one[0] != rows.UPSERT_SINK]

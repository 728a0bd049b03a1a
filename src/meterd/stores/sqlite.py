"""The store, in one SQLite file or at PostgreSQL: one writer thread, one transaction per batch.

    store: sqlite:///var/lib/meterd/meterd.db
    store: postgresql://meterd@db.example/meterd

Awaited calls run in the writer thread, the others where they are called (replay, commands,
start-up); a lock keeps the one connection to one of them at a time. `:memory:` is the same
store without a file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog

from meterd.events import Event, RecordRow
from meterd.orders import StoredToken
from meterd.records.inventory import Inventory
from meterd.specs import RecordSpec
from meterd.stores import Batch, StoreError, damage, kept, meter_records, outbox, places
from meterd.stores.connection import MEMORY, Connection, named_errors
from meterd.stores.guard import Guard
from meterd.stores.lock import hold, release
from meterd.stores.numbers import Numbers
from meterd.stores.queries import Reader
from meterd.stores.rows import UPSERT_META, Names, statements_of

log = structlog.get_logger()

T = TypeVar("T")

_EPOCH: Final = "epoch"
_KEEP: Final = "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO NOTHING"
_WRITTEN: Final = "written"
"""Key of the mark of the last batch, by which one is known whose answer was lost on the way."""


class SqliteStore:
    """The store of one process. `open` makes it.

    epoch: made with the store; the numbers of facts are counted within it.
    rebuilt: what was saved from a damaged store at this start, or None. It is kept already.
    """

    def __init__(self, place: str, connection: Connection, held: int | None, now_ms: int) -> None:
        self.path = places.shown(place)
        self.epoch = ""
        self.rebuilt: Event | None = None
        self._place = place
        self._connection = connection
        self._held = held
        self._guard = Guard(self.path, connection)
        self._writer = ThreadPoolExecutor(1, "store")
        self._closed = False
        self._since_ms, self._commits, self._mark = now_ms, 0, b""
        self._doubted: Batch | None = None
        self._records: dict[str, meter_records.RecordColumns] = {}
        self._series = Numbers(connection, "series", "meter, quantity, method, phase")
        self._sources = Numbers(connection, "bill_sources", "bill, period_start_ms, kind, series")
        self._names = Names(self._series, self._sources, self._records)

    @classmethod
    def open(
        cls, path: str | Path, *, now_ms: int, new_epoch: str, lock: bool = True
    ) -> SqliteStore:
        """Create, or check, mend and migrate, and hold the store.

        new_epoch: identity of a store that is made now. Raises StoreBusy where another
        process holds it, StoreError for a file that is not ours, too new, or on a bad disk.
        """
        if str(path) == MEMORY or places.is_database(str(path)):
            return cls._begin(str(path), None, now_ms, new_epoch)
        file = Path(path)
        with named_errors(file):
            damage.refuse_foreign(file)
            file.parent.mkdir(parents=True, exist_ok=True)
            held = hold(file, now_ms) if lock else None
        try:
            rebuilt = damage.mend(file, now_ms)
            store = cls._begin(str(file), held, now_ms, new_epoch)
        except BaseException:
            if held is not None:
                release(held)
            raise
        store.rebuilt = rebuilt
        return store

    @classmethod
    def _begin(cls, path: str, held: int | None, now_ms: int, new_epoch: str) -> SqliteStore:
        connection = places.to_write(path)
        with named_errors(path):
            try:
                places.settle(connection)
                before, after = places.bring_up_to_date(connection, path)
                store = cls(path, connection, held, now_ms)
                store._transact(lambda c: c.execute(_KEEP, (_EPOCH, new_epoch.encode())))
                store.epoch = (store.meta(_EPOCH) or b"").decode()
            except BaseException:
                connection.close()
                raise
        if path != MEMORY and not before:
            log.info("Store is made.", store=store.path, schema=after)
        elif before != after:
            log.info("Store has a new schema.", store=store.path, before=before, schema=after)
        return store

    # -- at the start ---------------------------------------------------------------------

    def load(self) -> dict[tuple[str, str], bytes]:
        """Every saved state: (kind, key) -> body."""
        return self._own_reader().states()

    def meta(self, key: str) -> bytes | None:
        """A small value kept by name, or None."""
        return self._own_reader().meta(key)

    def register_configurations(
        self, specs: Sequence[RecordSpec], listed: Inventory | None = None
    ) -> None:
        """Make these the record configurations: their units, types, places and columns.

        listed: what the configuration lists for them. Comes before the first commit of a
        record, and again after every change of the configuration.
        """
        things = listed or Inventory()
        known = self._transact(lambda writer: meter_records.register(writer, specs, things))
        self._records.clear()
        self._records.update(known)

    def seed_columns(self, row: RecordRow) -> dict[str, Any]:
        """A record by the names of seed 001's columns, in their order, as JSON has them."""
        columns = meter_records.known_columns(row, self._records)
        return meter_records.seed_columns(meter_records.record_row(row, columns))

    # -- the path of the data -------------------------------------------------------------

    async def commit(self, batch: Batch) -> None:
        """Write it all down, in the writer thread; on the disk when this returns.

        All or nothing: after a StoreError the caller still has the batch to try again.
        """
        await self._later(lambda: self.commit_now(batch))

    def commit_now(self, batch: Batch) -> None:
        """`commit`, where no loop runs."""
        if self._doubted is batch and self._own_reader().meta(_WRITTEN) == self._mark:
            self._doubted = None  # it was kept after all, and only the answer was lost
            return
        self._mark = b"%d/%d" % (self._since_ms, self._commits)
        self._commits += 1
        try:
            self._transact(lambda _: self._write(batch))
        except StoreError as error:
            self._doubted = batch if error.doubtful else None
            raise

    def _write(self, batch: Batch) -> None:
        for sql, rows in statements_of(batch, self._names):
            if rows:
                self._connection.executemany(sql, rows)
        if places.is_database(self._place):
            self._connection.execute(UPSERT_META, (_WRITTEN, self._mark))

    async def set_meta(self, key: str, value: bytes) -> None:
        """Keep a small value by name."""
        await self._put(UPSERT_META, (key, value))

    async def use_token(self, token: StoredToken, at_ms: int) -> None:
        """Remember when a token was last used."""
        await self._put(kept.USE_TOKENS, (at_ms, token.name, token.sha256))

    async def use_session(self, sha256: str, at_ms: int) -> None:
        """Remember when a login was last used."""
        await self._put(kept.USE_SESSIONS, (at_ms, sha256))

    async def _put(self, sql: str, values: Any) -> None:
        await self._later(lambda: self._transact(lambda writer: writer.execute(sql, values)))

    async def maintain(self, now_ms: int) -> tuple[int, int]:
        """The night's work: prune records (deleted, marked), tidy up, shorten the log."""
        known = self._records
        done = await self._later(
            lambda: self._transact(lambda writer: meter_records.prune(writer, known, now_ms))
        )
        await self._later(lambda: self._guard.ask(places.tidy))
        return done

    # -- facts on their way ---------------------------------------------------------------

    async def outbox_after(self, sink: str, seq: int, limit: int) -> list[outbox.Fact]:
        """The next facts of a sink with numbers above `seq`, in order."""
        found = partial(outbox.after, sink=sink, seq=seq, limit=limit)
        return await self._later(lambda: self._guard.ask(found))

    async def outbox_delete(self, sink: str, seqs: Sequence[int]) -> None:
        """Forget facts that have arrived."""
        await self._later(lambda: self._transact(lambda c: outbox.delete(c, sink, seqs)))

    async def outbox_depth(self, sink: str) -> int:
        """How many facts wait."""
        return await self._later(lambda: self._guard.ask(lambda c: outbox.depth(c, sink)))

    async def last_seq(self, sink: str) -> int:
        """The last number ever given out to a sink, 0 before the first."""
        return await self._later(lambda: self._guard.ask(lambda c: outbox.last_seq(c, sink)))

    # -- reading, and the end -------------------------------------------------------------

    def reader(self) -> Reader:
        """A reader of this store; of a file, beside the writer on a connection of its own."""
        return self._own_reader() if self.path == MEMORY else Reader.open(self._place)

    def _own_reader(self) -> Reader:
        return Reader(self.path, self._connection, self._guard.mutex)

    def close(self) -> None:
        """Finish what has begun and let go of the store. May be called twice."""
        self._writer.shutdown(wait=True)
        with self._guard.mutex, named_errors(self.path):
            if self._closed:
                return
            self._closed = True
            try:
                self._connection.close()
            finally:
                if self._held is not None:
                    release(self._held)

    async def _later(self, work: Callable[[], T]) -> T:
        """In the writer thread. A caller that is cancelled leaves the work to be finished."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    def _transact(self, work: Callable[[Connection], T]) -> T:
        try:
            return self._guard.transact(work)
        except BaseException:
            self._series.clear()
            self._sources.clear()
            raise

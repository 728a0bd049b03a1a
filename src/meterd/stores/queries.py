"""The read side: what was committed, as the structs it was committed as.

A reader of a file stands beside the writer and never holds it up: every call is one short
read, at most a page long, so the log can always be shortened. To read more, go on after the
last one, or let `walk` do so. To see one instant in several calls, use `snapshot`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Final, TypeVar

import msgspec

from meterd.billing.slots import Slot
from meterd.events import Adjusted, Event, Interval, PeriodClosed, Sample
from meterd.orders import StoredObject, StoredToken
from meterd.records.ulid import dashed
from meterd.stores import StoreError, kept, lists, pages, places, slots
from meterd.stores.connection import Connection, named_errors
from meterd.stores.meter_records import SELECT_RECORDS, Recorded, recorded
from meterd.stores.migrate import newest
from meterd.stores.pages import FIRST, Page
from meterd.stores.rows import COMMITTED

Kept = TypeVar("Kept")

_PERIODS: Final = (
    "SELECT bill, start_ms, end_ms, closed_ms, body, sha256, previous_sha256 FROM periods "
)
_ADJUSTMENTS: Final = (
    "SELECT id, bill, period_start_ms, open_period_start_ms, at_ms, reason, meter, method, "
    "amount, before, after, rates FROM adjustments "
)
_RATES: Final = msgspec.json.Decoder(dict[str, int])


class Reader:
    """Reads a store, from any thread, one call at a time."""

    def __init__(self, path: str, connection: Connection, mutex: RLock | None = None) -> None:
        """mutex: guards a connection that is the writer's too; then it is not ours to close."""
        self.path = path
        self._connection = connection
        self._shared = mutex is not None
        self._mutex = mutex or RLock()

    @classmethod
    def open(cls, path: str | Path) -> Reader:
        """Open a store's file to read. Raises StoreError where there is none, or no such schema."""
        connection = places.to_read(str(path))
        try:
            _expect_newest(connection, str(path))
        except BaseException:
            connection.close()
            raise
        return cls(places.shown(str(path)), connection)

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if not self._shared:
            self._connection.close()

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
        """What one query finds, at once: it must be a bounded one."""
        with self._mutex, named_errors(self.path):
            found: list[Any] = self._connection.execute(sql, values).fetchall()
            return found

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read inside is as of one instant, also by a snapshot within this one.

        Keep it short: the log waits for it.
        """
        with self._mutex:
            if self._connection.in_transaction:
                yield
                return
            self.rows("BEGIN DEFERRED")
            try:
                yield
            finally:
                self.rows("COMMIT")

    # -- lists ----------------------------------------------------------------------------

    def intervals(
        self, meter: str, page: Page = FIRST, quantity: str | None = None
    ) -> list[Interval]:
        """Intervals of a meter by start, of all its quantities or one."""
        return pages.intervals(self.rows, meter, page, quantity)

    def samples(
        self, bill: str, page: Page = FIRST, *, carrier_ms: int | None = None
    ) -> list[Sample]:
        """Samples of a bill by start, taken or discarded: all, or those of one period
        (`carrier_ms`: its start), which may be of any time."""
        return pages.samples(self.rows, bill, page, carrier_ms)

    def events(
        self, page: Page = FIRST, *, meter: str | None = None, kind: str | None = None
    ) -> list[Event]:
        """Events by their time, of all meters or one, of all kinds or one."""
        return lists.events(self.rows, page, meter, kind)

    def latest_events(
        self, page: Page = FIRST, *, meter: str | None = None, kind: str | None = None
    ) -> list[Event]:
        """The same, newest first; the page after an event goes on before it."""
        return lists.latest_events(self.rows, page, meter, kind)

    def events_since(self, plain_id: str, at_ms: int, limit: int = FIRST.limit) -> list[Event]:
        """Events committed after the one of this id and instant, oldest commit first."""
        return lists.events_since(self.rows, plain_id, at_ms, limit)

    def records(self, page: Page = FIRST, configuration: str | None = None) -> list[Recorded]:
        """Meter records by start, of all configurations or one."""
        return lists.records(self.rows, page, configuration)

    def latest_records(
        self, page: Page = FIRST, *, configuration: str | None = None, status: str | None = None
    ) -> list[Recorded]:
        """Meter records, newest first; the page after a record goes on before it."""
        return lists.latest_records(self.rows, page, configuration, status)

    def record(self, plain_id: str) -> Recorded | None:
        """One meter record, by its id without dashes; None where there is none."""
        rows = self.rows(f"{SELECT_RECORDS}WHERE r.id = ?", (dashed(plain_id),))
        return recorded(rows[0]) if rows else None

    def slots(self, bill: str, start_ms: int, end_ms: int) -> list[Slot]:
        """What all sources of a bill used together, interval by interval."""
        return slots.own(self.rows, bill, start_ms, end_ms)

    def imported(self, meters: Sequence[str], start_ms: int, end_ms: int) -> list[Slot]:
        """The same of the imported history of some meters."""
        return slots.imported(self.rows, meters, start_ms, end_ms)

    def series(self, meter: str) -> list[tuple[str, str, str]]:
        """(quantity, method, phase) of everything that was ever kept of a meter."""
        return slots.series(self.rows, meter)

    def used(
        self, meter: str, one: tuple[str, str, str], span_ms: tuple[int, int], grain_ms: int
    ) -> list[Slot]:
        """What a meter has of one of its series in [start, end), a row for every grain."""
        return slots.used(self.rows, (meter, *one), span_ms, grain_ms)

    def booked_since(self, meter: str, quantity: str, start_ms: int) -> int:
        """What a meter's own counter has booked since."""
        return slots.booked_since(self.rows, meter, quantity, start_ms)

    def first_own(self, meter: str, quantity: str) -> int | None:
        """When a meter's own counter began to fill intervals; None before it."""
        return slots.first_own(self.rows, meter, quantity)

    def periods(self, bill: str, page: Page = FIRST) -> list[PeriodClosed]:
        """Closed periods of a bill, oldest first."""
        last: PeriodClosed | None = page.after
        after = page.start_ms - 1 if last is None else last.start_ms
        sql = (
            f"{_PERIODS}WHERE bill = ? AND start_ms > ? AND start_ms < ? ORDER BY start_ms LIMIT ?"
        )
        return [
            PeriodClosed(*row) for row in self.rows(sql, (bill, after, page.end_ms, page.limit))
        ]

    def adjustments(self, bill: str, page: Page = FIRST) -> list[Adjusted]:
        """Adjustments of a bill, by the time they came to light."""
        last: Adjusted | None = page.after
        after = (page.start_ms, "") if last is None else (last.at_ms, last.id)
        sql = (
            f"{_ADJUSTMENTS}WHERE bill = ? AND (at_ms, id) > (?, ?) AND at_ms < ? "
            "ORDER BY at_ms, id LIMIT ?"
        )
        values = (bill, *after, page.end_ms, page.limit)
        return [Adjusted(*(*row[:-1], _RATES.decode(row[-1]))) for row in self.rows(sql, values)]

    # -- small things ---------------------------------------------------------------------

    def bills(self) -> list[str]:
        """Every bill that has a sample, a closed period or an adjustment."""
        sql = (
            "SELECT bill FROM bill_sources UNION SELECT bill FROM periods "
            "UNION SELECT bill FROM adjustments ORDER BY bill"
        )
        return [bill for (bill,) in self.rows(sql)]

    def objects(self) -> list[StoredObject]:
        """What was made through the API, oldest first."""
        return self.kept(StoredObject)

    def tokens(self) -> list[StoredToken]:
        """The bearer tokens, by name."""
        return self.kept(StoredToken)

    def kept(self, kind: type[Kept]) -> list[Kept]:
        """Everything of a kind that people keep: objects, tokens, users, roles, grants, ..."""
        found = self.rows(kept.select(kind), (kept.TABLES[kind].most,))
        return [kept.row_of(kind, row) for row in found]

    def has_history(self, meter: str) -> bool:
        """Whether anything was ever booked for a meter."""
        return bool(self.rows(kept.HISTORY, (meter,))[0][0])

    def state(self, kind: str, key: str) -> bytes | None:
        """One saved state."""
        rows = self.rows("SELECT body FROM states WHERE (kind, key) = (?, ?)", (kind, key))
        return rows[0][0] if rows else None

    def states(self) -> dict[tuple[str, str], bytes]:
        """Every saved state: (kind, key) -> body."""
        rows = self.rows("SELECT kind, key, body FROM states")
        return {(kind, key): body for kind, key, body in rows}

    def meta(self, key: str) -> bytes | None:
        """A small value kept by name, or None."""
        rows = self.rows("SELECT value FROM meta WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def committed_ms(self) -> int | None:
        """When the last commit was, or None before the first."""
        value = self.meta(COMMITTED)
        return None if value is None else int(value)


def _expect_newest(connection: Connection, path: str) -> None:
    schema = places.schema_of(connection, path)
    if schema != newest():
        raise StoreError(
            f"{places.shown(path)}: has schema {schema}, this meterd reads {newest()}; "
            "`meterd run` brings it up to date"
        )

"""Pages of a list, and the lists kept by the hour: intervals and samples.

A page is bounded and goes on after the last row of the one before, so no read is ever long
and the writer's log can always be shortened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import msgspec

from meterd.events import Interval, Sample
from meterd.stores.rows import HOUR_MS

T = TypeVar("T")
Rows = Callable[[str, dict[str, Any]], list[Any]]
"""Runs one query with named values."""

PAGE_ROWS: Final = 1000
"""Rows of a page unless the caller says otherwise."""
_BLOCK_HOURS: Final = 24
"""Hours read at once: their rows are sorted in memory."""
PERIOD_MAX_MS: Final = 70 * 24 * HOUR_MS
"""No billing period is longer: after a change of the billing day one has almost two months."""
_EVER_MS: Final = 1 << 62


class Page(msgspec.Struct, frozen=True):
    """Which part of a list: starts in [start_ms, end_ms), oldest first, at most `limit` rows.

    after: the last one of the page before, as it came; None for the first page.
    """

    start_ms: int = 0
    end_ms: int = _EVER_MS
    after: Any = None
    limit: int = PAGE_ROWS


FIRST: Final = Page()


def walk(fetch: Callable[[Page], list[T]], page: Page = FIRST) -> Iterator[T]:
    """All of a list, page by page: `walk(lambda page: reader.intervals("main", page))`."""
    while rows := fetch(page):
        yield from rows
        page = msgspec.structs.replace(page, after=rows[-1])


_HOURS: Final = """
WITH RECURSIVE hours (hour) AS (
    VALUES (:first) UNION ALL SELECT hour + 1 FROM hours WHERE hour < :last
) """
_CELL: Final = (
    "i.start_ms, i.end_ms, i.amount, i.gap, i.questionable, i.missing_ms, "
    "i.gap_from_ms, i.gap_to_ms, i.event "
)
_INTERVALS: Final = f"""{_HOURS}
SELECT s.meter, s.quantity, s.method, s.phase, {_CELL}
FROM hours CROSS JOIN series s ON TRUE
    CROSS JOIN intervals i ON i.hour = hours.hour AND i.series = s.id
WHERE s.meter = :name AND s.quantity = coalesce(:quantity, s.quantity) AND i.start_ms < :end_ms
    AND (i.start_ms, s.quantity, s.method, s.phase) > (:a, :b, :c, :d)
ORDER BY i.start_ms, s.quantity, s.method, s.phase LIMIT :limit
"""
_SAMPLES: Final = f"""{_HOURS}
SELECT b.kind, b.period_start_ms, i.discarded, s.meter, s.quantity, s.method, s.phase, {_CELL}
FROM hours CROSS JOIN bill_sources b ON TRUE CROSS JOIN series s ON s.id = b.series
    CROSS JOIN samples i ON i.hour = hours.hour AND i.source = b.id
WHERE b.bill = :name AND b.period_start_ms BETWEEN :oldest AND :newest AND i.start_ms < :end_ms
    AND (i.start_ms, s.meter, b.kind, s.quantity, s.phase, i.discarded) > (:a, :b, :c, :d, :e, :f)
ORDER BY i.start_ms, s.meter, b.kind, s.quantity, s.phase, i.discarded LIMIT :limit
"""


def intervals(rows: Rows, meter: str, page: Page, quantity: str | None) -> list[Interval]:
    """Intervals of a meter, by (start, quantity, method, phase)."""
    last: Interval | None = page.after
    after: tuple[Any, ...] = (page.start_ms, "", "", "")
    if last is not None:
        after = (last.start_ms, last.quantity, last.method, last.phase)
    values = {"name": meter, "quantity": quantity, **_lettered(after)}
    return [Interval(*row) for row in _blocks(rows, "intervals", page, values)]


def samples(rows: Rows, bill: str, page: Page, carrier_ms: int | None = None) -> list[Sample]:
    """Samples of a bill, by (start, meter, kind, quantity, phase, discarded).

    carrier_ms: start of the one period whose samples are wanted; they may be of any time.
    """
    last: Sample | None = page.after
    after: tuple[Any, ...] = (page.start_ms, "", "", "", "", 0)
    if last is not None:
        taken = last.interval
        names = (taken.meter, last.kind, taken.quantity, taken.phase)
        after = (taken.start_ms, *names, int(last.discarded))
    carriers = {"oldest": carrier_ms, "newest": carrier_ms}
    if carrier_ms is None:  # what came late belongs to a later period, never an earlier
        carriers = {"oldest": after[0] - PERIOD_MAX_MS, "newest": _EVER_MS}
    found = _blocks(rows, "samples", page, {"name": bill, **carriers, **_lettered(after)})
    return [
        Sample(bill, kind, period_start_ms, Interval(*cell), bool(discarded))
        for kind, period_start_ms, discarded, *cell in found
    ]


def _lettered(values: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip("abcdef", values, strict=False))


def _blocks(rows: Rows, table: str, page: Page, values: dict[str, Any]) -> list[Any]:
    """A page of a table, some hours at a time, stepping over hours without rows."""
    sql = _INTERVALS if table == "intervals" else _SAMPLES
    hour = values["a"] // HOUR_MS
    found: list[Any] = []
    while len(found) < page.limit:
        next_hour = f"SELECT min(hour) FROM {table} WHERE hour >= :hour"
        ((hour,),) = rows(next_hour, {"hour": hour})
        if hour is None or hour * HOUR_MS >= page.end_ms:
            break
        values |= {"first": hour, "last": hour + _BLOCK_HOURS - 1, "end_ms": page.end_ms}
        found += rows(sql, {**values, "limit": page.limit - len(found)})
        hour += _BLOCK_HOURS
    return found

"""Sums by interval over all sources of a bill: what graphs are drawn from, read in one go.

A month of a bill is some nine thousand rows however many sources it has; the sums are made
where the rows lie.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from meterd.billing.slots import Slot
from meterd.billing.sources import ACTIVE
from meterd.events import MEASURED
from meterd.orders import HISTORY_IMPORTED
from meterd.stores.pages import PERIOD_MAX_MS
from meterd.stores.rows import HOUR_MS

Rows = Callable[[str, dict[str, Any]], list[Any]]
"""Runs one query with named values."""

LONGEST_MS: Final = 25 * HOUR_MS
"""No row is longer than a local day."""
SPAN_MAX_MS: Final = 400 * 24 * HOUR_MS
"""So much is read at most: a year, and a month before it."""

_HOURS: Final = """
WITH RECURSIVE hours (hour) AS (
    VALUES (:first) UNION ALL SELECT hour + 1 FROM hours WHERE hour < :last
) """
_SUMS: Final = """
SELECT i.start_ms, max(i.end_ms), sum(i.amount), count(*), sum(i.length_ms - i.missing_ms),
    sum(i.gap), sum(i.questionable), coalesce(min(nullif(i.gap_from_ms, 0)), 0),
    max(i.gap_to_ms), """
_GUESSED: Final = "sum(CASE WHEN s.method = 'estimated' THEN i.amount ELSE i.gap END) "
_OWN: Final = f"""{_HOURS}{_SUMS}{_GUESSED}
FROM hours CROSS JOIN bill_sources b ON TRUE CROSS JOIN series s ON s.id = b.series
    CROSS JOIN samples i
    ON i.hour = hours.hour AND i.source = b.id AND i.discarded = 0
WHERE b.bill = :bill AND b.period_start_ms BETWEEN :oldest AND :end_ms
    AND i.start_ms >= b.period_start_ms AND i.end_ms > :start_ms AND i.start_ms < :end_ms
GROUP BY i.start_ms ORDER BY i.start_ms
"""
_IMPORTED: Final = f"""{_HOURS}{_SUMS}{_GUESSED}
FROM hours CROSS JOIN series s ON TRUE
    CROSS JOIN intervals i ON i.hour = hours.hour AND i.series = s.id
WHERE s.meter IN ({{meters}}) AND s.quantity = :quantity
    AND s.method = :method AND s.phase = '' AND i.event = :event
    AND i.end_ms > :start_ms AND i.start_ms < :end_ms
GROUP BY i.start_ms ORDER BY i.start_ms
"""
_USED: Final = f"""{_HOURS}
SELECT min(i.start_ms), max(i.end_ms), sum(i.amount), 1, sum(i.length_ms - i.missing_ms),
    sum(i.gap), sum(i.questionable), 0, 0, sum(CASE WHEN :guessed = 1 THEN i.amount ELSE i.gap END)
FROM hours CROSS JOIN intervals i ON i.hour = hours.hour AND i.series = :series
WHERE i.end_ms > :start_ms AND i.start_ms < :end_ms
GROUP BY (i.start_ms - :start_ms) / :grain_ms, i.start_ms < :start_ms ORDER BY 1
"""
_NUMBER: Final = """
SELECT id FROM series
WHERE meter = :meter AND quantity = :quantity AND method = :method AND phase = :phase
"""
_SERIES: Final = """
SELECT quantity, method, phase FROM series WHERE meter = :meter ORDER BY quantity, phase, method
"""
_SINCE: Final = f"""{_HOURS}
SELECT coalesce(sum(i.amount), 0)
FROM hours CROSS JOIN series s ON TRUE
    CROSS JOIN intervals i ON i.hour = hours.hour AND i.series = s.id
WHERE s.meter = :meter AND s.quantity = :quantity AND s.method = :method AND s.phase = ''
    AND i.event <> :event AND i.start_ms >= :start_ms
"""
_FIRST: Final = """
SELECT i.start_ms FROM series s CROSS JOIN intervals i ON i.series = s.id
WHERE s.meter = :meter AND s.quantity = :quantity AND s.method = :method AND s.phase = ''
    AND i.event <> :event
ORDER BY i.hour, i.series, i.offset_ms LIMIT 1
"""


def own(rows: Rows, bill: str, start_ms: int, end_ms: int) -> list[Slot]:
    """What a bill took of its sources in [start, end); what came late stands apart."""
    values = {"bill": bill, "oldest": start_ms - PERIOD_MAX_MS, **_span(start_ms, end_ms)}
    return [Slot(*row) for row in rows(_OWN, values)]


def imported(rows: Rows, meters: Sequence[str], start_ms: int, end_ms: int) -> list[Slot]:
    """What the imported history of these meters has of active energy in [start, end)."""
    names = {f"meter_{n}": name for n, name in enumerate(meters)}
    of = {"quantity": ACTIVE, "method": MEASURED, "event": HISTORY_IMPORTED}
    sql = _IMPORTED.format(meters=", ".join(f":{name}" for name in names) or "NULL")
    return [Slot(*row) for row in rows(sql, {**names, **of, **_span(start_ms, end_ms)})]


def series(rows: Rows, meter: str) -> list[tuple[str, str, str]]:
    """(quantity, method, phase) of everything that was ever kept of a meter."""
    return [
        (quantity, method, phase) for quantity, method, phase in rows(_SERIES, {"meter": meter})
    ]


def used(
    rows: Rows, of: tuple[str, str, str, str], span_ms: tuple[int, int], grain_ms: int
) -> list[Slot]:
    """What a meter has of (meter, quantity, method, phase) in [start, end), oldest first.

    The rows that begin in the same `grain_ms` since the start come as one.
    """
    names = dict(zip(("meter", "quantity", "method", "phase"), of, strict=True))
    values = {
        "guessed": int(names["method"] == "estimated"),
        "grain_ms": grain_ms,
        **_span(*span_ms),
    }
    numbers = rows(_NUMBER, names)
    return [Slot(*row) for (one,) in numbers for row in rows(_USED, {**values, "series": one})]


def booked_since(rows: Rows, meter: str, quantity: str, start_ms: int) -> int:
    """What a meter's own counter has booked in intervals that start at or after."""
    values = {"meter": meter, "quantity": quantity, "method": MEASURED, "event": HISTORY_IMPORTED}
    ((last,),) = rows("SELECT max(hour) FROM intervals", {})
    first = start_ms // HOUR_MS
    hours = {"first": first, "last": max(first, last or first), "start_ms": start_ms}
    ((amount,),) = rows(_SINCE, values | hours)
    return int(amount)


def first_own(rows: Rows, meter: str, quantity: str) -> int | None:
    """When the first interval begins that a meter's own counter has filled; None before it."""
    values = {"meter": meter, "quantity": quantity, "method": MEASURED, "event": HISTORY_IMPORTED}
    found = rows(_FIRST, values)
    return int(found[0][0]) if found else None


def _span(start_ms: int, end_ms: int) -> dict[str, Any]:
    assert end_ms - start_ms <= SPAN_MAX_MS, "a view of more than a year"
    first, last = (start_ms - LONGEST_MS) // HOUR_MS, (end_ms - 1) // HOUR_MS
    return {"first": first, "last": max(first, last), "start_ms": start_ms, "end_ms": end_ms}

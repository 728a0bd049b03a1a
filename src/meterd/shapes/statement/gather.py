"""From the store to the facts of one period; best inside one snapshot of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from meterd.billing.closing import input_row
from meterd.billing.sources import ACTIVE
from meterd.billing.state import BillState, decode
from meterd.events import MEASURED, Event, Interval
from meterd.metering.calendar import DAY_MS, Calendar, parse_iso
from meterd.metering.meter_state import MeterState
from meterd.orders import HISTORY_IMPORTED
from meterd.shapes.periods import index_of
from meterd.shapes.statement.books import Books, Facts, MeterFacts, Span
from meterd.specs import BillSpec, SiteSpec

EVENTS_MAX: Final = 1_000
"""Events of a meter that are looked through; where there are more, no more is claimed."""
QUIET: Final = frozenset(
    {"baseline_set", "duplicate", "out_of_order", "out_of_range", "read_failed", "stale"}
)
"""Events that leave a register as it is."""


class Sheet(msgspec.Struct, frozen=True):
    """Where a statement is drawn up. bill: as it is listed. as_of_ms: the last that is known."""

    site: SiteSpec
    bill: dict[str, Any]
    as_of_ms: int


def gather(books: Books, sheet: Sheet, asked: str | None) -> Facts:
    """The facts of the period asked for. Raises NoSuchPeriodError."""
    calendar = Calendar(sheet.site.timezone)
    periods: list[dict[str, Any]] = sheet.bill["periods"]
    period = periods[index_of(periods, asked, calendar)]
    span_ms = parse_iso(period["start"]), parse_iso(period["end"])
    name = sheet.bill["name"]
    terms, inputs, sealed = _kept(books, sheet, span_ms[0])
    meters = dict.fromkeys(row["meter"] for row in inputs)
    return Facts(
        site=sheet.site,
        calendar=calendar,
        bill=sheet.bill,
        period=period,
        span_ms=span_ms,
        as_of_ms=min(sheet.as_of_ms, span_ms[1]),
        terms=terms,
        inputs=inputs,
        meters={meter: _meter(books, sheet.site, meter, span_ms) for meter in meters},
        slots=books.slots(name, *span_ms),
        **sealed,
    )


def _kept(
    books: Books, sheet: Sheet, start_ms: int
) -> tuple[dict[str, Any], Sequence[dict[str, Any]], dict[str, Any]]:
    """(terms, inputs, what only a closed period has)."""
    name = sheet.bill["name"]
    closed = books.periods(name, Span())
    for position, row in enumerate(closed, 1):
        if row.start_ms == start_ms:
            body = msgspec.json.decode(row.body)
            late = books.adjustments(name, Span(row.start_ms))
            sealed = {
                "closed": row,
                "position": position,
                "tz_version": body.get("tz_version"),
                "corrections": [one for one in late if one.period_start_ms == start_ms],
            }
            return body.get("terms", {}), body.get("inputs", ()), sealed
    state = books.state("bill", name)
    return (*_running(sheet, BillState() if state is None else decode(state), start_ms), {})


def _running(
    sheet: Sheet, state: BillState, start_ms: int
) -> tuple[dict[str, Any], Sequence[dict[str, Any]]]:
    for period in state.periods:
        if period.start_ms == start_ms:
            rows = [input_row(key, totals) for key, totals in sorted(period.totals.items())]
            return _spelled(state.terms[period.terms]), rows
    specs = {spec.name: spec for spec in sheet.site.bills}
    return _spelled(specs[sheet.bill["name"]]), ()


def _spelled(terms: BillSpec) -> dict[str, Any]:
    """Terms as a closed period keeps them: JSON."""
    spelled: dict[str, Any] = msgspec.to_builtins(terms, enc_hook=str)
    return spelled


def _meter(books: Books, site: SiteSpec, name: str, span_ms: tuple[int, int]) -> MeterFacts:
    specs = {spec.name: spec for spec in site.meters}
    links = {link.name: link for link in site.chain}
    body = books.state("meter", name)
    start_ms, end_ms = span_ms
    return MeterFacts(
        name,
        specs.get(name),
        links.get(name),
        None if body is None else msgspec.msgpack.decode(body, type=MeterState),
        books.booked_since(name, ACTIVE, start_ms),
        books.booked_since(name, ACTIVE, end_ms),
        _around(books, name, start_ms),
        _around(books, name, end_ms),
        _moving(books.events(Span(start_ms, end_ms, limit=EVENTS_MAX), meter=name)),
        _since(books, name, start_ms),
        _since(books, name, end_ms),
    )


def _around(books: Books, meter: str, edge_ms: int) -> list[Interval]:
    """The intervals of the counter that end and begin at an edge."""
    page = Span(edge_ms - DAY_MS, edge_ms + 1, limit=1_000)
    rows = books.intervals(meter, page, ACTIVE)
    return [row for row in rows if edge_ms in (row.end_ms, row.start_ms) and _is_own(row)]


def _is_own(row: Interval) -> bool:
    return row.method == MEASURED and row.event != HISTORY_IMPORTED


def _moving(events: Sequence[Event]) -> list[Event]:
    """Those of the register itself; the events of records name their record."""
    known = (one for one in events if one.quantity == ACTIVE and one.kind not in QUIET)
    return [one for one in known if "record" not in one.numbers]


def _since(books: Books, meter: str, at_ms: int) -> int | None:
    """How many events of the counter there were since; None where they are too many to look."""
    rows = books.events(Span(at_ms, limit=EVENTS_MAX), meter=meter)
    return None if len(rows) == EVENTS_MAX else len(_moving(rows))

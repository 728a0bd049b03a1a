"""A small site whose bills the tests keep: Berlin, made-up ids, kilowatt-hours as integers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from meterd.billing.bill import Bill
from meterd.billing.period import Period, PeriodState
from meterd.billing.state import decode
from meterd.billing.world import World
from meterd.events import Event, Interval, Output
from meterd.metering.calendar import Calendar, parse_iso
from meterd.specs import BillSpec, SourceSpec

MINUTE = 60_000
FIVE = 5 * MINUTE
HOUR = 60 * MINUTE
DAY = 24 * HOUR
KWH = 3_600_000
BERLIN = Calendar("Europe/Berlin")
METER = SourceSpec("m")
TWO = (SourceSpec("a"), SourceSpec("b"))
KEY = ("m", "energy_import", "measured", "")
JANUARY, FEBRUARY, MARCH = 1_767_222_000_000, 1_769_900_400_000, 1_772_319_600_000
"""Their first instants in 2026."""
T = TypeVar("T")


def event(at_ms: int, kind: str, meter: str, quantity: str, numbers: dict[str, Any]) -> Event:
    return Event(f"e{at_ms}", at_ms, kind, meter, quantity, numbers)


def world(calendar: Calendar = BERLIN) -> World:
    return World(calendar, "2026a", event, lambda at_ms: f"a{at_ms}")


def at(day: str, hour: str = "00:00") -> int:
    """Local time in Berlin, in winter unless the day says otherwise."""
    return parse_iso(f"2026-{day}T{hour}:00+0{2 if '04' <= day[:2] < '10' else 1}:00")


def spec(*sources: SourceSpec, **more: Any) -> BillSpec:
    return BillSpec("tenant", sources=sources or (METER,), **more)


def used(start_ms: int, amount_j: int, meter: str = "m", **more: Any) -> Interval:
    """Five minutes of a meter's counter."""
    row = Interval(meter, "energy_import", "measured", "", start_ms, start_ms + FIVE, amount_j)
    return msgspec.structs.replace(row, **more)


def span(
    start_ms: int, end_ms: int, amount_j: int, meter: str = "m", **more: Any
) -> list[Interval]:
    """The same amount in every five minutes."""
    return [used(start, amount_j, meter, **more) for start in range(start_ms, end_ms, FIVE)]


def period(terms: BillSpec, start_ms: int, rows: Sequence[Interval] = ()) -> Period:
    """A running period from `start_ms` that has booked these rows."""
    _, end_ms = BERLIN.billing_period(start_ms, terms.billing_day)
    running = Period(PeriodState(start_ms, end_ms, 1), terms, BERLIN)
    for row in rows:
        running.book((row.meter, row.quantity, row.method, row.phase), row)
    return running


def feed(bill: Bill, rows: Sequence[Interval], now_ms: int | None = None) -> list[Output]:
    """Every row at its end (or all at `now_ms`), and time after each."""
    out: list[Output] = []
    for row in rows:
        now = row.end_ms if now_ms is None else now_ms
        bill.take(row, now, out)
        bill.advance(now, out)
    return out


def only(kind: type[T], out: Sequence[Output]) -> list[T]:
    """What of one kind was told."""
    return [told for told in out if isinstance(told, kind)]


def shown(bill: Bill, now_ms: int) -> list[dict[str, Any]]:
    """The periods as they are printed."""
    periods: list[dict[str, Any]] = bill.view(now_ms, lambda _source: ("ok", None))["periods"]
    return periods


def rate(text: str) -> dict[str, Any]:
    return {"rate_per_kwh": Decimal(text)}


def restarted(bill: Bill, new: BillSpec | None = None) -> Bill:
    return Bill(new or bill.spec, world(), decode(bill.encode()))


def spans(bill: Bill, now_ms: int) -> list[tuple[str, str, str, str]]:
    """(start, end, status, used) of the periods that are not closed, local dates."""
    return [
        (period["start"][:10], period["end"][:10], period["status"], period["used"])
        for period in shown(bill, now_ms)
    ]

"""The views of a bill, as data for graphs (seed 003, "Graphs"): one function each.

Each is drawn from a `Sight`: the bill as it is listed, and rows of its samples by time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from meterd.billing.slots import Slot, sources_of, windows
from meterd.events import Sample
from meterd.metering.calendar import DAY_MS, Calendar, iso, parse_iso
from meterd.shapes.lists import sample
from meterd.shapes.periods import index_of
from meterd.shapes.series.buckets import Edges, bars, by_clock, by_day
from meterd.shapes.series.burnup import BurnUp, burn_up
from meterd.shapes.series.profile import PROFILE_MS, cells, hourly
from meterd.specs import BillSpec

BAR_MS: Final = 300_000
"""A bar of the last day, unless intervals are longer."""
SAMPLES_SHOWN: Final = 1_000

Period = dict[str, Any]


class UnknownViewError(ValueError):
    """There is no such view; the text says which there are."""


class Sight(msgspec.Struct, frozen=True):
    """What a view is drawn from.

    body: the bill as `shapes.bill` has it. terms: in force. now_ms: up to where time has
    passed. slots: [start, end) -> rows of all sources together, imported history included
    before the bill began. own: the same of the bill alone. samples: its own, each by itself.
    """

    body: dict[str, Any]
    terms: BillSpec
    calendar: Calendar
    now_ms: int
    slots: Callable[[int, int], list[Slot]]
    own: Callable[[int, int], list[Slot]]
    samples: Callable[[int, int], Sequence[Sample]]

    @property
    def enabled(self) -> int:
        """How many sources should have rows now."""
        return sum(source.enabled for source in self.terms.sources)


def series(view: str, sight: Sight, period: str | None = None) -> dict[str, Any]:
    """A view as JSON has it. period: which, where a view is of a period; else the newest.

    Raises UnknownViewError, and NoSuchPeriodError for a period that is not there.
    """
    expect_view(view, period)
    drawn = VIEWS[view](sight, period)
    return {"bill": sight.body["name"], "view": view, "unit": sight.body["unit"], **drawn}


def expect_view(view: str, period: str | None = None) -> None:
    """Raises UnknownViewError for a view that is not there, or takes no period."""
    if view not in VIEWS:
        raise UnknownViewError(f"there is no view {view!r}; there is {', '.join(VIEWS)}")
    if period is not None and view not in OF_A_PERIOD:
        of = ", ".join(OF_A_PERIOD)
        raise UnknownViewError(f"the view {view!r} is of no one period; {of} are")


def _last_day(sight: Sight, _period: str | None) -> dict[str, Any]:
    """The last 24 hours."""
    length_ms = max(BAR_MS, sight.terms.sampling_ms)
    end_ms = sight.calendar.interval(sight.now_ms, length_ms)[1]
    edges = by_clock(end_ms - DAY_MS, end_ms, length_ms, sight.calendar)
    return {"period": None, **_drawn(sight, edges, sight.slots(edges[0], end_ms), sight.enabled)}


def _last_month(sight: Sight, _period: str | None) -> dict[str, Any]:
    """From the same day a month ago to the end of today, by days."""
    start_ms, end_ms = month_before(sight.now_ms, sight.calendar)
    edges = by_day(start_ms, end_ms, sight.calendar)
    return {"period": None, **_drawn(sight, edges, sight.slots(start_ms, end_ms), sight.enabled)}


def month_before(now_ms: int, calendar: Calendar) -> tuple[int, int]:
    """[first instant of the day a month ago, end of today); 31 March -> 28 February."""
    today = calendar.local(now_ms).date()
    last = today.replace(day=1) - timedelta(days=1)
    before = last.replace(day=min(today.day, last.day))
    return calendar.day_start(before), calendar.day(now_ms)[1]


def _billing(sight: Sight, asked: str | None) -> dict[str, Any]:
    """A whole billing period, by days."""
    return _of_period(sight, _chosen(sight, asked))


def _previous(sight: Sight, asked: str | None) -> dict[str, Any]:
    """The period before, by days."""
    return _of_period(sight, _chosen(sight, asked, back=1))


def _chosen(sight: Sight, asked: str | None, back: int = 0) -> Period | None:
    periods: list[Period] = sight.body["periods"]
    if asked is None and not periods:
        return None
    index = index_of(periods, asked, sight.calendar) - back
    return periods[index] if index >= 0 else None


def _of_period(sight: Sight, period: Period | None) -> dict[str, Any]:
    if period is None:
        return {"period": None, "start": None, "end": None, "buckets": []}
    start_ms, end_ms = _span(period)
    edges = by_day(start_ms, end_ms, sight.calendar)
    drawn = _drawn(sight, edges, sight.own(start_ms, end_ms), _enabled(sight, period))
    return {"period": period, **drawn}


def _drawn(sight: Sight, edges: Edges, slots: Sequence[Slot], enabled: int) -> dict[str, Any]:
    sources = sources_of(slots, enabled)
    peaks = windows(slots, sight.terms.demand, sight.calendar, sources)
    return {
        "start": iso(edges[0]),
        "end": iso(edges[-1]),
        "allowance_kw": _demand_allowance(sight),
        "buckets": bars(slots, peaks, edges, sources),
    }


def _demand_allowance(sight: Sight) -> str | None:
    """The line to mark on a demand bill."""
    allowance = sight.terms.allowance
    return str(allowance) if sight.terms.type == "demand" and allowance is not None else None


def _cumulative(sight: Sight, asked: str | None) -> dict[str, Any]:
    """Energy used against the allowance so far, and where it will end."""
    period = _chosen(sight, asked)
    if period is None:
        return {"period": None, "used_kwh": None, "projection": None, "points": []}
    start_ms, end_ms = _span(period)
    slots = sight.own(start_ms, end_ms)
    ended = sight.now_ms >= end_ms or period["status"] == "closed"
    past = [] if ended else sight.slots(sight.now_ms - PROFILE_MS, sight.now_ms)
    allowance = period["allowance"] if sight.body["unit"] == "kWh" else None
    chart = BurnUp(
        (start_ms, end_ms),
        sight.now_ms,
        None if allowance is None else Decimal(allowance),
        sources_of([*slots, *past], _enabled(sight, period)),
        cells(past, sight.calendar),
        ended,
    )
    return {"period": period, **burn_up(slots, chart, sight.calendar)}


def _hourly(sight: Sight, asked: str | None) -> dict[str, Any]:
    """Average consumption by hour of the day, over the period."""
    period = _chosen(sight, asked)
    if period is None:
        return {"period": None, "start": None, "end": None, "hours": hourly([], sight.calendar, 1)}
    start_ms, end_ms = _span(period)
    slots = sight.own(start_ms, end_ms)
    rows = hourly(slots, sight.calendar, sources_of(slots, _enabled(sight, period)))
    return {"period": period, "start": iso(start_ms), "end": iso(end_ms), "hours": rows}


def _history(sight: Sight, _period: str | None) -> dict[str, Any]:
    """What closed periods came to, oldest first; `began` is what `period=` takes."""
    closed = [period for period in sight.body["periods"] if period["status"] == "closed"]
    began = (sight.calendar.date_of(_span(period)[0]).isoformat() for period in closed)
    return {"periods": [{"began": day, **row} for day, row in zip(began, closed, strict=True)]}


def _samples(sight: Sight, _period: str | None) -> dict[str, Any]:
    """The newest samples, oldest first: of a day, or of less where there are many sources."""
    enough_ms = SAMPLES_SHOWN * sight.terms.sampling_ms // max(1, sight.enabled)
    rows = sight.samples(sight.now_ms - min(DAY_MS, enough_ms), sight.now_ms + DAY_MS)
    return {"samples": [sample(row) for row in rows[-SAMPLES_SHOWN:]]}


def _span(period: Period) -> tuple[int, int]:
    return parse_iso(period["start"]), parse_iso(period["end"])


def _enabled(sight: Sight, period: Period) -> int:
    """Sources that should have rows; of a closed period those that have them."""
    return 0 if period["status"] == "closed" else sight.enabled


View = Callable[[Sight, str | None], dict[str, Any]]
VIEWS: Final[dict[str, View]] = {
    "24h": _last_day,
    "month": _last_month,
    "previous": _previous,
    "billing": _billing,
    "cumulative": _cumulative,
    "hourly": _hourly,
    "history": _history,
    "samples": _samples,
}
OF_A_PERIOD: Final = ("billing", "previous", "cumulative", "hourly")

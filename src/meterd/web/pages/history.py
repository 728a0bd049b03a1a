"""A meter's history: its intervals as bars of a day, a week, a month or a year.

    /meters/main?range=month&at=2026-01-15&series=energy_import.measured

A bar of a long range leads to the shorter one that it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from meterd.metering.calendar import DAY_MS, Calendar
from meterd.shapes import unit_of
from meterd.shapes.meters import amount_shown
from meterd.shapes.series.buckets import Filled, by_clock, by_day, filled
from meterd.specs import MeterSpec
from meterd.web.charts import Bar, Bars, bars
from meterd.web.pages.axes import day_marks, hour_marks, month_marks
from meterd.web.pages.bill_views import Drawn
from meterd.web.pages.sheet import Seen, choice
from meterd.web.pages.tables import Cell, Table, cell
from meterd.web.pages.words import amount, exact, minute, percent, plain, unit_written
from meterd.web.problems import Problem
from meterd.web.tongues import day, month, say
from meterd.web.world import Reader

HOUR_MS: Final = 3_600_000
QUARTER_MS: Final = 900_000
GRAIN_MS: Final = 300_000
RANGES: Final = {"month": "Month", "day": "Day", "week": "Week", "year": "Year"}
NARROWER: Final = {"year": "month", "month": "day", "week": "day"}
ENERGY: Final = ("energy_import", "measured", "")
METHODS: Final = ("measured", "integrated", "estimated")
ENERGY_UNITS: Final = {"kWh": "kW", "kvarh": "kvar", "kVAh": "kVA", "m3": "m3/h"}
"""What a unit is an hour."""


class Span(msgspec.Struct, frozen=True):
    """What is looked at: [start, end), cut at the edges. at: a day in it."""

    name: str
    at: date
    edges: Sequence[int]


class Chosen(msgspec.Struct, frozen=True):
    """A meter's history as the page shows it; ranges, series: (href, title, whether it is it)."""

    graph: Drawn | None
    heading: str
    ranges: Sequence[tuple[str, str, bool]]
    series: Sequence[tuple[str, str, bool]]
    before: str
    after: str


def history(seen: Seen, reader: Reader, spec: MeterSpec) -> Chosen:
    """The history that is asked for. Raises Problem 400 for what is not there."""
    span = asked_span(seen)
    kept = sorted(reader.series(spec.name), key=_order)
    names = {".".join(filter(None, one)): one for one in kept}
    if not names:
        return Chosen(None, _heading(span, seen.calendar), _ranges(span), (), "", "")
    name = choice(seen.asked, "series", tuple(names))
    rows = reader.used(spec.name, names[name], (span.edges[0], span.edges[-1]), _grain(span))
    found = filled(rows, span.edges)
    unit = unit_of(spec, names[name][0])
    graph = drawn(seen, span, found, (spec.name, _title(names[name]), unit))
    series = [(_href(span, span.at, one), _title(names[one]), one == name) for one in names]
    before, after = _steps(span, seen.calendar)
    return Chosen(
        graph, _heading(span, seen.calendar), _ranges(span, name), series,
        _href(span, before, name), _href(span, after, name),
    )  # fmt: skip


def _order(one: tuple[str, str, str]) -> tuple[bool, str, str, int]:
    """Active energy first, and what was measured before what was not."""
    quantity, method, phase = one
    place = METHODS.index(method) if method in METHODS else len(METHODS)
    return quantity != "energy_import", quantity, phase, place


def _title(one: tuple[str, str, str]) -> str:
    quantity, method, phase = one
    return f"{plain(quantity)}{' ' + phase.upper() if phase else ''}, {say(method)}"


def last_day(seen: Seen, reader: Reader, meters: Sequence[str]) -> Drawn | None:
    """24 hours of energy through several meters together; None where nothing is kept."""
    step_ms = max(QUARTER_MS, seen.site.sampling_ms)
    end_ms = seen.calendar.interval(seen.now_ms, step_ms)[1]
    edges_ = by_clock(end_ms - DAY_MS, end_ms, step_ms, seen.calendar)
    found = [Filled() for _ in edges_[1:]]
    for meter in meters:
        rows = reader.used(meter, ENERGY, (edges_[0], end_ms), GRAIN_MS)
        for whole, part in zip(found, filled(rows, edges_), strict=True):
            whole.amount += part.amount
            whole.estimated += part.estimated
            whole.covered_ms += part.covered_ms // len(meters)
    if not any(one.covered_ms for one in found):
        return None
    span = Span("day", seen.calendar.date_of(seen.now_ms), edges_)
    return drawn(seen, span, found, (say("the site"), say("Energy"), "kWh"))


def asked_span(seen: Seen) -> Span:
    """The range that holds the day asked for, else today."""
    name, calendar = choice(seen.asked, "range", tuple(RANGES)), seen.calendar
    text = seen.asked.get("at")
    try:
        at = date.fromisoformat(text) if text else calendar.date_of(seen.now_ms)
        day_ms = calendar.day_start(at)
        return Span(name, at, edges(name, day_ms, calendar, seen.site.sampling_ms))
    except (ValueError, OverflowError):
        raise Problem(400, f"'at' is no day: {text!r}; write 2026-01-31.") from None


def edges(name: str, at_ms: int, calendar: Calendar, sampling_ms: int) -> list[int]:
    """Bars of a range: a quarter of an hour, two hours, a day; a year has days as well."""
    if name == "day":
        start, end = calendar.day(at_ms)
        return by_clock(start, end, max(QUARTER_MS, sampling_ms), calendar)
    if name == "week":
        monday = calendar.date_of(at_ms) - timedelta(days=calendar.local(at_ms).weekday())
        start, end = calendar.day_start(monday), calendar.day_start(monday + timedelta(days=7))
        return by_clock(start, end, 2 * HOUR_MS, calendar)
    return by_day(*(calendar.year(at_ms) if name == "year" else calendar.month(at_ms)), calendar)


def _grain(span: Span) -> int:
    """What the store may put together: no more than what fits any edge."""
    return HOUR_MS if span.name in {"month", "year"} else GRAIN_MS


def drawn(
    seen: Seen, span: Span, found: Sequence[Filled], about: tuple[str, str, str | None]
) -> Drawn:
    """The chart and its table. about: the meter, what is shown, and its unit."""
    meter, what, unit = about
    rows = [
        {"start": start, "end": end, **_shown(one, end - start, unit)}
        for (start, end), one in zip(pairwise(span.edges), found, strict=True)
    ]
    marks = {"day": hour_marks, "year": month_marks}.get(span.name, day_marks)
    title = say(
        "{what} of {meter}, {when}", what=what, meter=meter, when=_heading(span, seen.calendar)
    )
    chart = Bars(
        title=title,
        bars=[_bar(one, seen, span, unit) for one in rows],
        marks=marks(span.edges[0], span.edges[-1], seen.calendar),
        unit=unit_written(unit),
        power_unit=unit_written(ENERGY_UNITS.get(unit or "", "")),
        now=float(seen.now_ms),
    )
    legend = [("amount", what), ("soft", "estimated")]
    if unit in ENERGY_UNITS:
        legend.insert(1, ("mean", say("average {value}", value=unit_written(ENERGY_UNITS[unit]))))
    return Drawn(title, bars(chart), table(rows, seen.calendar, unit), legend)


def _shown(one: Filled, length_ms: int, unit: str | None) -> dict[str, Any]:
    """A bucket in the unit of its quantity; None where nothing is known."""
    covered = one.covered_ms / length_ms
    if not one.covered_ms and not one.amount:
        return {"amount": None, "estimated": None, "mean": None, "covered": covered}
    text = amount_shown(one.amount, unit)
    powers = unit in ENERGY_UNITS and one.covered_ms
    mean = float(text) * HOUR_MS / one.covered_ms if powers else None
    soft = amount_shown(one.estimated, unit)
    return {"amount": text, "estimated": soft, "mean": mean, "covered": covered}


def _bar(row: dict[str, Any], seen: Seen, span: Span, unit: str | None) -> Bar:
    told = [f"{minute(row['start'], seen.calendar)} – {minute(row['end'], seen.calendar)}"]
    told.append(say("no data") if row["amount"] is None else exact(row["amount"], unit))
    if row["mean"] is not None:
        mean = amount(row["mean"], ENERGY_UNITS.get(unit or "", ""))
        told.append(say("average {value}", value=mean))
    soft = float(row["estimated"] or 0)
    told += [say("of it estimated {value}", value=exact(row["estimated"], unit))] if soft else []
    if row["amount"] is not None and row["covered"] < 1:
        told.append(say("covered {part}", part=percent(row["covered"])))
    href = None
    if span.name in NARROWER and row["start"] <= seen.now_ms:
        asked = {"range": NARROWER[span.name], "at": seen.calendar.date_of(row["start"])}
        href = "?" + urlencode(asked | _series(seen))
    amount_ = None if row["amount"] is None else float(row["amount"])
    return Bar(row["start"], row["end"], amount_, "\n".join(told), soft, row["mean"], href=href)


def _series(seen: Seen) -> dict[str, Any]:
    return {name: seen.asked[name] for name in ("series",) if name in seen.asked}


def table(rows: Sequence[dict[str, Any]], calendar: Calendar, unit: str | None) -> Table:
    """The numbers of the chart."""
    mean_unit = ENERGY_UNITS.get(unit or "", "")
    found = [
        (
            cell(minute(row["start"], calendar)),
            cell(minute(row["end"], calendar)),
            Cell(amount(row["amount"], unit), exact=row["amount"]),
            Cell(amount(row["estimated"], unit), exact=row["estimated"]),
            Cell(amount(row["mean"], mean_unit), exact=row["mean"]),
            cell(percent(row["covered"], 1), exact=row["covered"]),
        )
        for row in rows
    ]
    columns = ("From", "To", "Amount", "Estimated", "Average", "Covered")
    return Table("history", "The numbers", columns, found, frozenset(range(2, 6)))


def _heading(span: Span, calendar: Calendar) -> str:
    first, last = calendar.local(span.edges[0]), calendar.local(span.edges[-1] - 1)
    words = {"day": f"{day(first)} {first.year}", "month": month(first), "year": f"{first.year}"}
    return words.get(span.name, f"{day(first)} – {day(last)} {last.year}")


def _steps(span: Span, calendar: Calendar) -> tuple[date, date]:
    """A day of the range before, and one of the range after."""
    return calendar.date_of(span.edges[0] - DAY_MS // 2), calendar.date_of(span.edges[-1])


def _ranges(span: Span, series: str = "") -> list[tuple[str, str, bool]]:
    order = ("day", "week", "month", "year")
    return [
        (_href(msgspec.structs.replace(span, name=name), span.at, series), RANGES[name],
         name == span.name)
        for name in order
    ]  # fmt: skip


def _href(span: Span, at: date, series: str) -> str:
    asked = {"range": span.name, "at": at.isoformat(), "series": series}
    return "?" + urlencode({name: value for name, value in asked.items() if value})

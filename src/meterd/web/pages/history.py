"""A meter's history: its intervals as bars of any span of time (`timespan.py`).

    /meters/main?range=month&at=2026-01-15&series=energy_import.measured
    /meters/main?from=2026-01-15T08:00&to=2026-01-15T10:00

A bar leads to what it holds, in finer bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec

from meterd.metering.calendar import DAY_MS, Calendar
from meterd.shapes import unit_of
from meterd.shapes.meters import amount_shown
from meterd.shapes.series.buckets import Filled, by_clock, filled
from meterd.specs import MeterSpec
from meterd.web.charts import Bar, Bars, bars
from meterd.web.pages.bill_views import Drawn
from meterd.web.pages.sheet import Seen, choice
from meterd.web.pages.tables import Cell, Table, cell
from meterd.web.pages.timespan import (
    FREE,
    GRAIN_MS,
    HOUR_MS,
    NARROWER,
    QUARTER_MS,
    RANGES,
    Span,
    asked_span,
    free_href,
    heading,
    href,
    marks,
    moved,
    wall,
)
from meterd.web.pages.words import amount, exact, minute, percent, plain, unit_written
from meterd.web.tongues import say
from meterd.web.world import Reader

ENERGY: Final = ("energy_import", "measured", "")
METHODS: Final = ("measured", "integrated", "estimated")
ENERGY_UNITS: Final = {"kWh": "kW", "kvarh": "kvar", "kVAh": "kVA", "m3": "m3/h"}
"""What a unit is an hour."""


class Chosen(msgspec.Struct, frozen=True):
    """A meter's history as the page shows it; ranges, series: (href, title, whether it is it).

    before, after, wider: addresses. start, end: of the span, as a form has them.
    """

    graph: Drawn | None
    heading: str
    ranges: Sequence[tuple[str, str, bool]]
    series: Sequence[tuple[str, str, bool]]
    before: str = ""
    after: str = ""
    wider: str = ""
    start: str = ""
    end: str = ""


def history(seen: Seen, reader: Reader, spec: MeterSpec) -> Chosen:
    """The history that is asked for. Raises Problem 400 for what is not there."""
    span = asked_span(seen)
    kept = sorted(reader.series(spec.name), key=_order)
    names = {".".join(filter(None, one)): one for one in kept}
    if not names:
        return Chosen(None, heading(span, seen.calendar), _ranges(span), ())
    name = choice(seen.asked, "series", tuple(names))
    rows = reader.used(spec.name, names[name], (span.start_ms, span.end_ms), span.grain_ms)
    found = filled(rows, span.edges)
    unit = unit_of(spec, names[name][0])
    graph = drawn(seen, span, found, (spec.name, _title(names[name]), unit))
    series = [(_here(span, seen, one), _title(names[one]), one == name) for one in names]
    return Chosen(
        graph, heading(span, seen.calendar), _ranges(span, name), series,
        *moved(span, seen.calendar, name),
        wall(span.start_ms, seen.calendar)[:16], wall(span.end_ms, seen.calendar)[:16],
    )  # fmt: skip


def _here(span: Span, seen: Seen, series: str) -> str:
    """The same span of another series."""
    if span.name == FREE:
        return free_href(span.start_ms, span.end_ms, seen.calendar, series)
    return href(span.name, span.at, series)


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


def drawn(
    seen: Seen, span: Span, found: Sequence[Filled], about: tuple[str, str, str | None]
) -> Drawn:
    """The chart and its table. about: the meter, what is shown, and its unit."""
    meter, what, unit = about
    rows = [
        {"start": start, "end": end, **_shown(one, end - start, unit)}
        for (start, end), one in zip(pairwise(span.edges), found, strict=True)
    ]
    title = say(
        "{what} of {meter}, {when}", what=what, meter=meter, when=heading(span, seen.calendar)
    )
    chart = Bars(
        title=title,
        bars=[_bar(one, seen, span, unit) for one in rows],
        marks=marks(span, seen.calendar),
        unit=unit_written(unit),
        power_unit=unit_written(ENERGY_UNITS.get(unit or "", "")),
        now=float(seen.now_ms),
        zooms=True,
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
    amount_ = None if row["amount"] is None else float(row["amount"])
    return Bar(
        row["start"],
        row["end"],
        amount_,
        "\n".join(told),
        soft,
        row["mean"],
        href=_finer(row, seen, span),
    )


def _finer(row: dict[str, Any], seen: Seen, span: Span) -> str | None:
    """Where a bar leads: what it holds in bars of its own."""
    start_ms, end_ms, series = row["start"], row["end"], seen.asked.get("series", "")
    if start_ms > seen.now_ms or end_ms - start_ms < HOUR_MS:
        return None
    if span.name in NARROWER:
        return href(NARROWER[span.name], seen.calendar.date_of(start_ms), series)
    return free_href(start_ms, end_ms, seen.calendar, series)


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


def _ranges(span: Span, series: str = "") -> list[tuple[str, str, bool]]:
    order = ("day", "week", "month", "year")
    return [(href(name, span.at, series), RANGES[name], name == span.name) for name in order]

"""The graphs of a bill (seed 003, "Graphs"), each with the table of its numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from meterd.metering.calendar import Calendar, parse_iso
from meterd.web.charts import Bar, Bars, Burn, Mark, Point, Svg, bars, burn
from meterd.web.pages.axes import clock_marks, day_marks
from meterd.web.pages.sheet import Seen
from meterd.web.pages.tables import Cell, Table, cell
from meterd.web.pages.words import amount, exact, minute, number, percent, plain
from meterd.web.tongues import say

BAR_LEGEND: Final = (("amount", "energy"), ("mean", "average power"), ("peak", "peak power"))
BURN_LEGEND: Final = (("used", "used"), ("allowed", "allowance, pro rata"), ("ahead", "projection"))


class Drawn(msgspec.Struct, frozen=True):
    """A graph. chart: None where only the table is shown. legend: (class, word)."""

    title: str
    chart: Svg | None
    table: Table
    legend: Sequence[tuple[str, str]] = ()


def drawn(view: str, seen: Seen, series: dict[str, Any]) -> Drawn | None:
    """A view of a bill; None where there is nothing to draw yet."""
    return DRAWERS.get(view, _bars)(view, seen, series)


def _bars(view: str, seen: Seen, series: dict[str, Any]) -> Drawn | None:
    buckets = series["buckets"]
    if not buckets:
        return None
    calendar, daily = seen.calendar, view != "24h"
    start, end = parse_iso(series["start"]), parse_iso(series["end"])
    title = say(
        "Energy of {bill} in {count} parts, with average and peak power",
        bill=series["bill"], count=len(buckets),
    )  # fmt: skip
    limit = series["allowance_kw"]
    chart = Bars(
        title=title,
        bars=[_bar(bucket, calendar) for bucket in buckets],
        marks=(day_marks if daily else clock_marks)(start, end, calendar),
        limit=None if limit is None else float(limit),
        now=float(seen.now_ms),
    )
    legend = [*BAR_LEGEND, *([("limit", "allowance")] if limit else []), ("soft", "estimated")]
    return Drawn(title, bars(chart), bucket_table(buckets, calendar), legend)


def _bar(bucket: dict[str, Any], calendar: Calendar) -> Bar:
    start, end = parse_iso(bucket["start"]), parse_iso(bucket["end"])
    told = [f"{minute(start, calendar)} – {minute(end, calendar)}"]
    if bucket["kwh"] is None:
        told.append(say("no data"))
    else:
        told.append(exact(bucket["kwh"], "kWh"))
        told.append(say("average {value}", value=amount(bucket["average_kw"], "kW")))
    if bucket["peak_kw"] is not None:
        told.append(say("peak {value}", value=amount(bucket["peak_kw"], "kW")))
    soft = float(bucket["estimated_kwh"] or 0)
    if soft:
        told.append(say("of it estimated {value}", value=exact(bucket["estimated_kwh"], "kWh")))
    if bucket["kwh"] is not None and float(bucket["coverage"] or 0) < 1:
        told.append(say("covered {part}", part=percent(bucket["coverage"] or 0)))
    return Bar(
        start, end, _float(bucket["kwh"]), "\n".join(told), soft, _float(bucket["average_kw"]),
        _float(bucket["peak_kw"]),
    )  # fmt: skip


def _float(value: str | None) -> float | None:
    return None if value is None else float(value)


def bucket_table(buckets: Sequence[dict[str, Any]], calendar: Calendar) -> Table:
    """The numbers of a chart of bars."""
    rows = [
        (
            cell(minute(one["start"], calendar), exact=one["start"]),
            cell(minute(one["end"], calendar), exact=one["end"]),
            *(
                Cell(amount(one[name], unit), exact=one[name])
                for name, unit in (
                    ("kwh", "kWh"), ("estimated_kwh", "kWh"), ("average_kw", "kW"),
                    ("peak_kw", "kW"),
                )
            ),
            cell(percent(one["coverage"] or 0, 1), exact=one["coverage"]),
        )
        for one in buckets
    ]  # fmt: skip
    columns = ("From", "To", "Energy", "Estimated", "Average", "Peak", "Covered")
    return Table("view", "The numbers", columns, rows, frozenset(range(2, 7)))


def _cumulative(_view: str, seen: Seen, series: dict[str, Any]) -> Drawn | None:
    points, calendar = series["points"], seen.calendar
    if len(points) < 2:
        return None
    period = series["period"]
    allowance = points[-1]["allowance_kwh"]
    title = _so_far(series)
    chart = Burn(
        title=title,
        points=[_point(one, calendar) for one in points],
        marks=day_marks(parse_iso(period["start"]), parse_iso(period["end"]), calendar),
        allowance=_float(allowance),
        now=float(seen.now_ms),
    )
    return Drawn(title, burn(chart), _point_table(points, calendar), BURN_LEGEND)


def _so_far(series: dict[str, Any]) -> str:
    """The burn-up in a sentence."""
    used, ahead = exact(series["used_kwh"], "kWh"), series["projection"]
    told = [say("Energy used by {bill} so far: {used}", bill=series["bill"], used=used)]
    if ahead["linear"] is not None:
        end = amount(ahead["linear"], "kWh")
        told.append(say("at the current rate {end} at the end", end=end))
    if ahead["profile"] is not None:
        end = amount(ahead["profile"], "kWh")
        told.append(say("by the profile of the weekdays {end}", end=end))
    return ", ".join(told)


def _point(one: dict[str, Any], calendar: Calendar) -> Point:
    told = [minute(one["time"], calendar)]
    for word, name in (("used", "used_kwh"), ("pro rata", "allowance_kwh"),
                       ("projection", "projection_kwh")):  # fmt: skip
        if one[name] is not None:
            told.append(f"{say(word)} {amount(one[name], 'kWh')}")
    used, allowed, ahead = (
        _float(one[name]) for name in ("used_kwh", "allowance_kwh", "projection_kwh")
    )
    return Point(parse_iso(one["time"]), used, allowed, ahead, "\n".join(told))


def _point_table(points: Sequence[dict[str, Any]], calendar: Calendar) -> Table:
    names = ("used_kwh", "allowance_kwh", "projection_kwh")
    rows = [
        (
            cell(minute(one["time"], calendar), exact=one["time"]),
            *(Cell(amount(one[name], "kWh"), exact=one[name]) for name in names),
        )
        for one in points
    ]
    columns = ("Time", "Used", "Allowance pro rata", "Projection")
    return Table("view", "The numbers", columns, rows, frozenset({1, 2, 3}))


def _hourly(_view: str, _seen: Seen, series: dict[str, Any]) -> Drawn | None:
    hours = series["hours"]
    title = say("Average energy of {bill} by hour of the day", bill=series["bill"])
    chart = Bars(
        title=title,
        bars=[
            Bar(
                one["hour"], one["hour"] + 1, _float(one["kwh"]),
                f"{one['hour']:02d}:00 – {one['hour'] + 1:02d}:00\n{exact(one['kwh'], 'kWh')}\n"
                + say("over {hours} hours", hours=number(one["hours"], 1)),
            )
            for one in hours
        ],
        marks=[Mark(hour, f"{hour:02d}") for hour in range(0, 25, 3)],
    )  # fmt: skip
    rows = [
        (
            cell(f"{one['hour']:02d}:00"),
            Cell(amount(one["kwh"], "kWh"), exact=one["kwh"]),
            Cell(number(one["hours"], 1), exact=one["hours"]),
        )
        for one in hours
    ]
    columns = ("Hour", "Average energy", "Hours seen")
    table = Table("view", "The numbers", columns, rows, frozenset({1, 2}))
    return Drawn(title, bars(chart), table, (("amount", "average energy in the hour"),))


def _samples(_view: str, seen: Seen, series: dict[str, Any]) -> Drawn:
    rows = []
    for one in reversed(series["samples"]):
        state = "discarded" if one["discarded"] else one["quality"]
        rows.append((
            cell(minute(one["start"], seen.calendar), exact=one["start"]),
            cell(one["meter"], href=f"/meters/{one['meter']}"),
            cell(plain(one["kind"])),
            Cell(exact(one["kwh"], "kWh"), exact=one["kwh"]),
            Cell(amount(one["kw"], "kW"), exact=one["kw"]),
            cell(say(one["method"]), exact=one["method"]),
            cell(say(state), exact=state, state="ok" if state == "good" else state),
            cell(plain(one["event"] or "")),
        ))  # fmt: skip
    columns = ("From", "Meter", "Source", "Energy", "Mean power", "Method", "Quality", "Event")
    table = Table("view", "Recent samples, newest first", columns, rows, frozenset({3, 4}))
    return Drawn("Recent samples", None, table)


Drawer = Callable[[str, Seen, dict[str, Any]], Drawn | None]
DRAWERS: Final[dict[str, Drawer]] = {
    "cumulative": _cumulative, "hourly": _hourly, "samples": _samples,
}  # fmt: skip
"""Those that are not drawn as bars over time."""

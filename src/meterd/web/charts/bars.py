"""Energy bars with lines of mean and peak power: the billing views, a meter's history.

A bucket of which nothing is known has no bar; the part of a bar that was estimated, or whose
place in time is a guess, is hatched. Negative amounts hang below the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from meterd.web.charts.scale import Scale, rounded
from meterd.web.charts.svg import (
    BASE,
    INNER_RIGHT,
    LEFT,
    TOP,
    Frame,
    Mark,
    Svg,
    axis,
    drawing,
    line,
    tag,
    text,
    time_axis,
    titled,
)
from meterd.web.tongues import say

__all__ = ["Bar", "Bars", "Mark", "bars"]

AIR: Final = 0.18
"""The part of a bucket's width that is left between bars, where there is room."""
NARROW: Final = 5
"""Below so many pixels bars stand shoulder to shoulder."""


class Bar(msgspec.Struct, frozen=True):
    """One bucket, [start, end) of the axis.

    amount: None for not known. soft: the estimated part of it. mean, peak: power. told: the
    exact numbers, in words. href: where a click leads.
    """

    start: float
    end: float
    amount: float | None
    told: str
    soft: float = 0.0
    mean: float | None = None
    peak: float | None = None
    href: str | None = None


class Bars(msgspec.Struct, frozen=True):
    """A chart. title: a sentence. limit: a demand allowance, on the axis of power.

    now: where the future begins; an empty bucket before it is marked as a gap. zooms: a part
    of it can be chosen by the pointer.
    """

    title: str
    bars: Sequence[Bar]
    marks: Sequence[Mark]
    unit: str = "kWh"
    power_unit: str = "kW"
    limit: float | None = None
    now: float | None = None
    zooms: bool = False


def bars(chart: Bars) -> Svg:
    """The chart as SVG."""
    across = Scale(chart.bars[0].start, chart.bars[-1].end, LEFT, INNER_RIGHT)
    amounts = [bar.amount for bar in chart.bars if bar.amount is not None]
    up = rounded(min(amounts, default=0), max(amounts, default=0), BASE, TOP)
    power = _power(chart)
    parts = [axis(up, chart.unit), time_axis(across, chart.marks)]
    parts += [_bar(bar, across, up, chart.now) for bar in chart.bars]
    if power is not None:
        parts += [axis(power, chart.power_unit, right=True), *_lines(chart, across, power)]
    linked = any(bar.href for bar in chart.bars)
    ends = (chart.bars[0].start, chart.bars[-1].end) if chart.zooms else None
    return drawing(chart.title, parts, Frame("group" if linked else "img", ends=ends))


def _power(chart: Bars) -> Scale | None:
    """The right axis, if there is anything to see on it."""
    seen = [value for bar in chart.bars for value in (bar.mean, bar.peak) if value is not None]
    seen += [] if chart.limit is None else [chart.limit]
    return rounded(min(seen), max(seen), BASE, TOP) if seen else None


def _lines(chart: Bars, across: Scale, power: Scale) -> Iterable[str]:
    for name in ("mean", "peak"):
        values = [(bar, getattr(bar, name)) for bar in chart.bars]
        points = [
            (across.at((bar.start + bar.end) / 2), None if value is None else power.at(value))
            for bar, value in values
        ]
        yield line(points, f"line {name}")
    if chart.limit is not None:
        y = power.at(chart.limit)
        yield tag("line", x1=LEFT, x2=INNER_RIGHT, y1=y, y2=y, class_="limit")
        yield tag("g", text(LEFT + 4, y - 5, say("allowance"), "start"), class_="axis")


def _bar(bar: Bar, across: Scale, up: Scale, now: float | None) -> str:
    left, right = across.at(bar.start), across.at(bar.end)
    parts = [titled(bar.told), tag("rect", "", class_="hit", **_box(left, right, TOP, BASE))]
    air = (right - left) * AIR if right - left > NARROW else 0.0
    if bar.amount is not None:
        parts += _column(bar, (left + air / 2, right - air / 2), up)
    elif now is None or bar.end <= now:
        parts.append(tag("rect", "", class_="gap", **_box(left, right, BASE - 4, BASE)))
    drawn = "".join(parts)
    return tag("g", tag("a", drawn, href=bar.href) if bar.href else drawn, class_="bar")


def _column(bar: Bar, sides: tuple[float, float], up: Scale) -> Iterable[str]:
    """The bar itself, and over its end the part of it that was estimated."""
    assert bar.amount is not None
    zero, top = up.at(0), up.at(bar.amount)
    yield tag("rect", "", class_="amount", **_box(*sides, *sorted((zero, top))))
    if bar.soft:
        edge = up.at(bar.amount - bar.soft)
        box = _box(*sides, *sorted((edge, top)))
        yield tag("rect", "", class_="bare", **box)
        yield tag("rect", "", class_="soft", fill="url(#hatch)", **box)


def _box(left: float, right: float, top: float, bottom: float) -> dict[str, Any]:
    return {"x": left, "y": top, "width": right - left, "height": max(0.5, bottom - top)}

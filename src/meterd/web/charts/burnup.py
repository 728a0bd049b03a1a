"""The burn-up: energy used so far, the allowance by elapsed time, and where it will end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from meterd.web.charts.scale import Scale, rounded
from meterd.web.charts.svg import (
    BASE,
    INNER_RIGHT,
    LEFT,
    TOP,
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


class Point(msgspec.Struct, frozen=True):
    """What is known of an instant; None for what is not. told: the numbers, in words."""

    at: float
    used: float | None
    allowed: float | None
    ahead: float | None
    told: str


class Burn(msgspec.Struct, frozen=True):
    """A chart. allowance: of the whole period. ahead: (where it will end, in words), or None."""

    title: str
    points: Sequence[Point]
    marks: Sequence[Mark]
    unit: str = "kWh"
    allowance: float | None = None
    now: float | None = None


def burn(chart: Burn) -> Svg:
    """The chart as SVG."""
    points = chart.points
    across = Scale(points[0].at, points[-1].at, LEFT, INNER_RIGHT)
    seen = [v for p in points for v in (p.used, p.allowed, p.ahead) if v is not None]
    up = rounded(0, max(seen, default=0), BASE, TOP)
    parts = [axis(up, chart.unit), time_axis(across, chart.marks)]
    if chart.allowance is not None:
        y = up.at(chart.allowance)
        parts.append(tag("line", x1=LEFT, x2=INNER_RIGHT, y1=y, y2=y, class_="limit"))
        parts.append(tag("g", text(LEFT + 4, y - 5, say("allowance"), "start"), class_="axis"))
    parts.append(_area(points, across, up))
    for name in ("allowed", "ahead", "used"):
        values = [(across.at(p.at), getattr(p, name)) for p in points]
        placed = [(x, None if value is None else up.at(value)) for x, value in values]
        parts.append(line(placed, f"line {name}"))
    if chart.now is not None and points[0].at < chart.now < points[-1].at:
        x = across.at(chart.now)
        parts.append(tag("line", x1=x, x2=x, y1=TOP, y2=BASE, class_="now"))
        parts.append(tag("g", text(x, TOP - 9, say("now")), class_="axis"))
    parts += _hits(points, across)
    return drawing(chart.title, parts)


def _area(points: Sequence[Point], across: Scale, up: Scale) -> str:
    """The ground below what was used, run by run: a gap stays empty."""
    drawn = ""
    run: list[str] = []
    xs: list[float] = []
    for point in [*points, Point(0, None, None, None, "")]:
        if point.used is not None:
            xs.append(across.at(point.at))
            run.append(f"{xs[-1]:.1f} {up.at(point.used):.1f}")
        elif run:
            drawn += f"M{xs[0]:.1f} {BASE}L{'L'.join(run)}L{xs[-1]:.1f} {BASE}z"
            run, xs = [], []
    return tag("path", d=drawn, class_="area") if drawn else ""


def _hits(points: Sequence[Point], across: Scale) -> list[str]:
    """An invisible strip around every point, which says its numbers."""
    xs = [across.at(point.at) for point in points]
    edges = [xs[0], *((a + b) / 2 for a, b in pairwise(xs)), xs[-1]]
    strips = []
    for index, point in enumerate(points):
        width = max(0.5, edges[index + 1] - edges[index])
        hit = tag("rect", class_="hit", x=edges[index], y=TOP, width=width, height=BASE - TOP)
        strips.append(tag("g", titled(point.told) + hit, class_="bar"))
    return strips

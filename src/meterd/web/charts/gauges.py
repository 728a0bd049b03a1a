"""Small bars that stand in a line of text: progress against an allowance, and shares."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from meterd.web.charts.svg import Svg, tag

WIDTH: Final = 160
HEIGHT: Final = 10


def progress(part: float, told: str, *, due: float | None = None, ahead: float = 0.0) -> Svg:
    """A bar filled by `part` of the whole, which may be more than 1.

    due: the tick of what would be due by now (pro rata). ahead: a pale bar to where it will
    end. Past the whole, the bar ends at its own end and the whole has a tick of its own.
    """
    most = max(1.0, part, ahead)
    scale = WIDTH / most
    level = "over" if part > 1 else "close" if max(part, ahead) > 1 else "well"
    parts = [_fill(0, WIDTH, "track"), _fill(0, ahead * scale, f"ahead {level}")]
    parts.append(_fill(0, part * scale, f"fill {level}"))
    if most > 1:
        parts.append(_tick(scale, "whole"))
    if due is not None:
        parts.append(_tick(due * scale, "due"))
    return _small(told, parts)


def mix(shares: Sequence[tuple[str, float]], told: str) -> Svg:
    """Parts of a whole, side by side; each by its name as a class."""
    parts = [_fill(0, WIDTH, "track")]
    x = 0.0
    for name, share in shares:
        width = share * WIDTH
        if width > 0:
            parts.append(_fill(x, width, f"share {name}"))
            if name == "estimated":
                parts.append(_fill(x, width, "soft", "url(#hatch)"))
        x += width
    return _small(told, parts)


def _fill(x: float, width: float, class_: str, fill: str | None = None) -> str:
    if width <= 0:
        return ""
    return tag("rect", class_=class_, fill=fill, x=x, y=0, width=width, height=HEIGHT)


def _tick(x: float, class_: str) -> str:
    at = min(max(x, 1.0), WIDTH - 1.0)
    return tag("line", x1=at, x2=at, y1=-2, y2=HEIGHT + 2, class_=class_)


def _small(told: str, parts: Sequence[str]) -> Svg:
    box = f'viewBox="0 -2 {WIDTH} {HEIGHT + 4}"'
    title = f"<title>{escape(told)}</title>"
    head = f'<svg class="gauge" {box} preserveAspectRatio="none" role="img">'
    return Svg(f"{head}{title}{''.join(parts)}</svg>")

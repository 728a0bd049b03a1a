"""SVG as text: what is escaped, how numbers are written, and the frame all charts share."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import msgspec

from meterd.web.charts.scale import Scale

WIDTH: Final = 860
HEIGHT: Final = 280
LEFT: Final = 52
RIGHT: Final = 46
TOP: Final = 22
BOTTOM: Final = 26
INNER_RIGHT: Final = WIDTH - RIGHT
BASE: Final = HEIGHT - BOTTOM
"""The plot lies between LEFT and INNER_RIGHT, TOP and BASE."""


class Svg(str):
    """Markup that is finished: a template does not escape it again."""

    __slots__ = ()

    def __html__(self) -> str:
        """As templates ask for it."""
        return str(self)


class Mark(msgspec.Struct, frozen=True):
    """A label of the time axis, at an x of the data."""

    at: float
    label: str


def number(value: float) -> str:
    """A coordinate: a tenth of a pixel is enough."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def tag(name: str, content: str = "", /, **attributes: object) -> str:
    """An element. Names are written with _ for -, and a trailing _ for words of Python."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _attribute(value: object) -> str:
    return number(value) if isinstance(value, int | float) else escape(str(value))


def titled(text: str) -> str:
    """What a pointer, or a reader of screens, is told of an element."""
    return f"<title>{escape(text)}</title>"


class Frame(msgspec.Struct, frozen=True):
    """What stands around a chart.

    role: "group" where parts of it are links, which an image cannot have. ends: of its axis
    of time, for a script that zooms.
    """

    role: str = "img"
    height: int = HEIGHT
    ends: tuple[float, float] | None = None


PLAIN: Final = Frame()


def drawing(title: str, parts: Sequence[str], frame: Frame = PLAIN) -> Svg:
    """The whole chart. It can be focused, so that the keys can walk along it."""
    within = f"<title>{escape(title)}</title>{''.join(parts)}"
    box = f'viewBox="0 0 {WIDTH} {frame.height}" role="{frame.role}" tabindex="0"'
    ends = frame.ends
    zoom = f' data-ends="{ends[0]:.0f} {ends[1]:.0f} {LEFT} {INNER_RIGHT}"' if ends else ""
    return Svg(f'<svg class="plot" {box}{zoom}>{within}</svg>')


def text(x: float, y: float, content: str, anchor: str = "middle") -> str:
    """A label."""
    return tag("text", escape(content), x=x, y=y, text_anchor=anchor)


def axis(scale: Scale, unit: str, *, right: bool = False) -> str:
    """Lines across (of the left axis only), and the numbers at one side, with the unit on top."""
    x, anchor = (INNER_RIGHT + 6, "start") if right else (LEFT - 6, "end")
    parts = [text(x, TOP - 9, unit, anchor)]
    for value, label in scale.ticks():
        y = scale.at(value)
        if not right:
            parts.append(tag("line", x1=LEFT, x2=INNER_RIGHT, y1=y, y2=y))
        parts.append(text(x, y + 4, label, anchor))
    return tag("g", "".join(parts), class_="axis")


def time_axis(scale: Scale, marks: Sequence[Mark]) -> str:
    """Labels below the plot."""
    parts = [text(scale.at(mark.at), HEIGHT - 8, mark.label) for mark in marks]
    return tag("g", "".join(parts), class_="axis")


def line(points: Sequence[tuple[float, float | None]], class_: str) -> str:
    """A line that breaks where nothing is known; a lone point is a dot."""
    path: list[str] = []
    pen = "M"
    for index, (x, y) in enumerate(points):
        if y is None:
            pen = "M"
            continue
        path.append(f"{pen}{number(x)} {number(y)}")
        alone = index + 1 == len(points) or points[index + 1][1] is None
        if pen == "M" and alone:
            path.append("h.1")
        pen = "L"
    return tag("path", d="".join(path), class_=class_) if path else ""

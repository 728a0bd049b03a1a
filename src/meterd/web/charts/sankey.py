"""A power chain as a Sankey diagram: what flows into a meter, what leaves it, and what is lost.

Every meter is an upright bar, as high as what flows through it; a ribbon leads to each of
those below it. What is unaccounted for is a ribbon of its own, hatched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from meterd.web.charts.svg import WIDTH, Frame, Svg, drawing, number, tag, text, titled

TOTAL: Final = 300
"""Pixels that all there is together is high."""
GAP: Final = 16
"""Between bars that stand above each other: room for a label of two lines at its least."""
THICK: Final = 11
LEAST: Final = 2.0
"""A bar that nothing is known of, or that carries next to nothing, can still be seen."""
LABELS: Final = 176
"""Room to the right of the last bars."""
EDGE: Final = 8


class Flow(msgspec.Struct, frozen=True):
    """A bar. amount: None for not known. below: what it feeds. told: its numbers, in words.

    kind: a class: feed-a, feed-b, feed-c, or rest for what is unaccounted for.
    """

    name: str
    amount: float | None
    label: str
    told: str
    kind: str = ""
    href: str | None = None
    below: Sequence[Flow] = ()


class _Placed(msgspec.Struct):
    """A bar in its place. out: where the next ribbon leaves it."""

    flow: Flow
    x: float
    y: float
    height: float
    out: float


def sankey(title: str, roots: Sequence[Flow]) -> Svg:
    """The diagram. roots: where it begins, at least one."""
    most = sum(root.amount or 0.0 for root in roots)
    scale = TOTAL / most if most > 0 else 0.0
    step = (WIDTH - LABELS - EDGE - THICK) / max(1, max(map(_depth, roots)) - 1)
    ribbons: list[str] = []
    bars: list[str] = []
    y = float(EDGE)
    for root in roots:
        for part, ribbon in _drawn(root, (float(EDGE), y), scale, step):
            bars.append(part)
            ribbons.append(ribbon)
        y += _extent(root, scale) + GAP
    return drawing(title, [*ribbons, *bars], Frame("group", round(y + EDGE)))


def _depth(flow: Flow) -> int:
    return 1 + max(map(_depth, flow.below), default=0)


def _height(flow: Flow, scale: float) -> float:
    return max(LEAST, (flow.amount or 0.0) * scale)


def _extent(flow: Flow, scale: float) -> float:
    """How much height a bar needs, with all that stands below it in the chain."""
    below = [_extent(one, scale) for one in flow.below]
    return max(_height(flow, scale), GAP, sum(below) + GAP * max(0, len(below) - 1))


def _drawn(
    flow: Flow, place: tuple[float, float], scale: float, step: float
) -> Iterator[tuple[str, str]]:
    """(bar, ribbon that leads to it) of a flow and all below it."""
    x, y = place
    bar = _Placed(flow, x, y, _height(flow, scale), y)
    yield _bar(bar), ""
    for one in flow.below:
        parts = _drawn(one, (x + step, y), scale, step)
        first, _none = next(parts)
        child = _Placed(one, x + step, y, _height(one, scale), y)
        yield first, _ribbon(bar, child)
        yield from parts
        y += _extent(one, scale) + GAP


def _bar(bar: _Placed) -> str:
    """The bar, its name and amount beside it, and its numbers for the pointer."""
    flow, x = bar.flow, bar.x + THICK + 6
    middle = bar.y + max(bar.height, GAP) / 2
    one_line = bar.height < 2 * GAP
    labels = (
        text(x, middle + 4, f"{flow.name}  {flow.label}", "start")
        if one_line
        else text(x, middle - 3, flow.name, "start") + text(x, middle + 12, flow.label, "start")
    )
    box = {"x": bar.x, "y": bar.y, "width": THICK, "height": bar.height}
    drawn = titled(flow.told) + tag("rect", class_=f"flow {flow.kind}".strip(), **box) + labels
    linked = tag("a", drawn, href=flow.href) if flow.href else drawn
    return tag("g", linked, class_="bar node")


def _ribbon(above: _Placed, below: _Placed) -> str:
    """From the next free place of the one above to the one below; no wider than is left."""
    top, width = above.out, below.height
    above.out += width
    left, right = above.x + THICK, below.x
    bend = (left + right) / 2
    path = (
        f"M{number(left)} {number(top)}C{number(bend)} {number(top)} {number(bend)} "
        f"{number(below.y)} {number(right)} {number(below.y)}v{number(width)}"
        f"C{number(bend)} {number(below.y + width)} {number(bend)} {number(top + width)} "
        f"{number(left)} {number(top + width)}z"
    )
    hatched = "url(#hatch)" if below.flow.kind == "rest" else None
    return tag("path", d=path, class_=f"ribbon {below.flow.kind}".strip(), fill=hatched)

"""The meters as a tree of who is fed by whom, with what each shows now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from meterd import shapes
from meterd.specs import MeterSpec
from meterd.web.charts.gauges import progress
from meterd.web.pages.health import health
from meterd.web.pages.sheet import Seen, Sheet, page
from meterd.web.pages.tables import Cell, Table, cell
from meterd.web.pages.words import PLACES, amount, instant, number
from meterd.web.tongues import say
from meterd.web.world import Reader

SHOWN: Final = (("currentKw", "kW"), ("currentKva", "kVA"), ("powerFactor", ""))
USED: Final = (("kwhToday", "kWh"), ("kwhThisMonth", "kWh"))
COLUMNS: Final = (
    "Meter", "Health", "kW", "Load", "kVA", "PF", "Today kWh", "Month kWh", "Last reading",
)  # fmt: skip


def meters(seen: Seen, _reader: Reader) -> Sheet:
    """The tree."""
    ordered = list(tree(seen))
    rows = [row(seen, spec) for _depth, spec in ordered]
    table = Table(
        "meters", "Meters, each below the one that feeds it", COLUMNS, rows,
        frozenset({2, 4, 5, 6, 7}), [depth for depth, _spec in ordered],
        "No meter is configured.",
    )  # fmt: skip
    return Sheet("meters.html", "Meters", {}, (table, unaccounted(seen)))


def tree(seen: Seen) -> Iterator[tuple[int, MeterSpec]]:
    """(depth, meter), each after the one that feeds it; what is in a loop stands at the end."""
    above = {meter.name: meter.parent for meter in seen.site.chain}
    names = {spec.name for spec in seen.site.meters}
    below: dict[str | None, list[MeterSpec]] = {}
    for spec in seen.site.meters:
        parent = above.get(spec.name)
        below.setdefault(parent if parent in names else None, []).append(spec)
    done: set[str] = set()
    waiting = [(0, spec) for spec in reversed(below.get(None, []))]
    while waiting:
        depth, spec = waiting.pop()
        done.add(spec.name)
        yield depth, spec
        waiting += [(depth + 1, child) for child in reversed(below.get(spec.name, []))]
    yield from ((0, spec) for spec in seen.site.meters if spec.name not in done)


def row(seen: Seen, spec: MeterSpec) -> Sequence[Cell]:
    """What one meter shows."""
    view = seen.meters.get(spec.name)
    fields: Mapping[str, Any] = {} if view is None else view.fields
    found = health(spec, view, seen.now_ms)
    at = None if view is None else view.at_ms
    live = [value(spec.name, name, unit, fields) for name, unit in SHOWN]
    used = [value(spec.name, name, unit, fields) for name, unit in USED]
    return (
        cell(spec.name, href=f"/meters/{spec.name}"),
        cell(say(found.state), exact=found.state, state=found.state, live=f"{spec.name}/health"),
        live[0],
        load(fields.get("loadPercent")),
        *live[1:],
        *used,
        cell(instant(at, seen.calendar), live=f"{spec.name}/time"),
    )


def value(meter: str, name: str, unit: str, fields: Mapping[str, Any]) -> Cell:
    """A field that changes while one looks."""
    places = PLACES.get(unit, 2)
    read = fields.get(name)
    return Cell(number(read, places), exact=read, live=f"{meter}/{name}", places=places)


def load(percent: float | None) -> Cell:
    """How much of its rating a meter carries, as a bar."""
    if percent is None:
        return cell(number(None))
    told = say("{part} of the rating", part=f"{number(percent, 0)} %")
    return Cell(told, exact=percent, drawn=progress(percent / 100, told))


def unaccounted(seen: Seen) -> Table:
    """Parents against the sum of those below them."""
    rows = []
    for one in shapes.whole(seen.whole)["unaccounted"]:
        whole, rest = float(one["parent_kwh"]), float(one["unaccounted_kwh"])
        part = rest / whole if whole else None
        rows.append((
            cell(one["meter"], href=f"/meters/{one['meter']}"),
            cell(", ".join(one["children"])),
            cell(amount(one["parent_kwh"], "kWh"), exact=one["parent_kwh"]),
            cell(amount(one["children_kwh"], "kWh"), exact=one["children_kwh"]),
            cell(amount(one["unaccounted_kwh"], "kWh"), exact=one["unaccounted_kwh"]),
            cell(f"{number(None if part is None else 100 * part)} %"),
            cell(f"{number(one['tolerance_percent'], 1)} %"),
        ))  # fmt: skip
    columns = ("Meter", "Below it", "Itself", "Sum below", "Unaccounted", "Part", "Tolerance")
    return Table(
        "unaccounted", "Energy unaccounted for, since ever", columns, rows, frozenset(range(2, 7)),
        empty="No meter has another below it.",
    )  # fmt: skip


def title_of(spec: MeterSpec) -> str:
    """What people call it, else its name."""
    return str(spec.general.get("meterName") or spec.name)


ROUTES: Final = (web.get("/meters", page(meters)),)

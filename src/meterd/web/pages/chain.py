"""The power chain: how power or energy flows from the supply down, and what is unaccounted for.

What is unaccounted for is what a meter counts beyond those below it that it is compared with
(`metering/hierarchy.py`); it is known only where all of them are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from meterd.metering.hierarchy import ancestors, children_of
from meterd.specs import ChainMeter, MeterSpec
from meterd.web.charts.sankey import Flow, sankey
from meterd.web.pages.bill_views import Drawn
from meterd.web.pages.meters import title_of, unaccounted
from meterd.web.pages.sheet import Seen, Sheet, choice, page
from meterd.web.pages.tables import Cell, Table, cell
from meterd.web.pages.words import amount, exact, plain
from meterd.web.tongues import say
from meterd.web.world import Reader

VIEWS: Final = {
    "power": ("Now", "currentKw", "kW"),
    "today": ("Today", "kwhToday", "kWh"),
    "month": ("This month", "kwhThisMonth", "kWh"),
    "year": ("This year", "kwhThisYear", "kWh"),
}
"""What may be shown: title, field, unit; the first unless another is asked for."""
DRAWN: Final = 0.001
"""The part of what flows that is worth a ribbon: less is how meters differ."""


class Link(msgspec.Struct, frozen=True):
    """A meter of the chain. flows: what it shows. rest: None where that cannot be known."""

    meter: ChainMeter
    depth: int
    flows: float | None
    rest: float | None
    below: Sequence[Link]


def chain(seen: Seen, _reader: Reader) -> Sheet:
    """The page."""
    view = choice(seen.asked, "of", tuple(VIEWS))
    links = linked(seen, VIEWS[view][1])
    tabs = [
        (title, "?" + urlencode({"of": name}), name == view)
        for name, (title, _field, _unit) in VIEWS.items()
    ]
    graph = _drawn(seen, links, view)
    tables = [unaccounted(seen), *([graph.table] if graph else [])]
    return Sheet("chain.html", "Power chain", {"graph": graph, "tabs": tabs}, tuple(tables))


def linked(seen: Seen, field: str) -> list[Link]:
    """The chain from its tops down, with a field of every meter that measures energy."""
    meters = {meter.name: meter for meter in seen.site.chain}
    compared = children_of(seen.site.chain)
    below: dict[str | None, list[ChainMeter]] = {}
    for meter in seen.site.chain:
        if meter.measures:
            above = next((m.name for m in ancestors(meter, meters) if m.measures), None)
            below.setdefault(above, []).append(meter)

    def made(meter: ChainMeter, depth: int) -> Link:
        flows = _flows(seen, meter.name, field)
        parts = [_flows(seen, one.name, field) for one in compared.get(meter.name, ())]
        known = [part for part in parts if part is not None]
        whole = flows is not None and parts and len(known) == len(parts)
        rest = flows - sum(known) if whole and flows is not None else None
        children = [made(one, depth + 1) for one in below.get(meter.name, ())]
        return Link(meter, depth, flows, rest, children)

    return [made(meter, 0) for meter in below.get(None, ())]


def _flows(seen: Seen, meter: str, field: str) -> float | None:
    view = seen.meters.get(meter)
    read = None if view is None else view.fields.get(field)
    return None if read is None else float(read)


def _drawn(seen: Seen, links: Sequence[Link], view: str) -> Drawn | None:
    """The diagram and its table; None where there is no chain."""
    if not links:
        return None
    title, _field, unit = VIEWS[view]
    names = {spec.name: spec for spec in seen.site.meters}
    flows = [_flow(link, unit, names) for link in links]
    told = say("What flows from the supply down: {when}, in {unit}", when=say(title), unit=unit)
    legend = [("amount", "through a meter"), ("soft", "unaccounted for")]
    return Drawn(told, sankey(told, flows), table(links, unit), legend)


def _flow(link: Link, unit: str, names: Mapping[str, MeterSpec]) -> Flow:
    name = link.meter.name
    parts = [_flow(one, unit, names) for one in link.below]
    if link.rest is not None and link.rest > DRAWN * (link.flows or 0):
        lost = amount(link.rest, unit)
        told = say("unaccounted for below {meter}: {amount}", meter=name, amount=lost)
        parts.append(Flow(say("unaccounted"), link.rest, lost, told, "rest"))
    shown = [title_of(names[name]) if name in names else name, exact(link.flows, unit)]
    shown += [plain(link.meter.point)] if link.meter.point else []
    kind = f"feed-{link.meter.feed}" if link.meter.feed else ""
    label = amount(link.flows, unit)
    return Flow(name, link.flows, label, "\n".join(shown), kind, f"/meters/{name}", parts)


def table(links: Sequence[Link], unit: str) -> Table:
    """The same in numbers; what is below a meter follows it."""
    rows: list[Sequence[Cell]] = []
    depths: list[int] = []
    waiting = list(reversed(links))
    while waiting:
        link = waiting.pop()
        waiting += reversed(link.below)
        name = link.meter.name
        rows.append((
            cell(name, href=f"/meters/{name}"),
            cell(plain(link.meter.point)),
            cell(link.meter.feed.upper()),
            Cell(amount(link.flows, unit), exact=link.flows),
            Cell(amount(link.rest, unit), exact=link.rest),
        ))  # fmt: skip
        depths.append(link.depth)
    columns = ("Meter", "Meter point", "Feed", "Through it", "Unaccounted")
    return Table("chain", "The numbers", columns, rows, frozenset({3, 4}), depths)


ROUTES: Final = (web.get("/chain", page(chain, ("of",))),)

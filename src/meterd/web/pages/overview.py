"""The site at a glance: power, today's energy and cost, PUE, alarms, what is not well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from aiohttp import web

from meterd import shapes
from meterd.config.accounts import GRANTED
from meterd.metering.hierarchy import topmost
from meterd.metering.pue import FACILITY_POINTS
from meterd.specs import MeterSpec
from meterd.units import currency_places
from meterd.web.caller import caller_of, needs
from meterd.web.forms import onward
from meterd.web.pages.bills import bill_table
from meterd.web.pages.events import event_table
from meterd.web.pages.health import health
from meterd.web.pages.history import last_day
from meterd.web.pages.sheet import Seen, Sheet, page
from meterd.web.pages.tables import Cell, Table, cell
from meterd.web.pages.words import amount, inside, instant, number, plain
from meterd.web.tongues import say
from meterd.web.world import Page, Reader

EVENTS_SHOWN: Final = 8
OF_AN_ALARM: Final = frozenset({
    "meter", "alarm", "severity", "since", "acknowledged", "acknowledged_by",
})  # fmt: skip
"""What has a column of its own; the rest are its numbers."""
WINDOWS: Final = {"day": "today", "month": "this month", "year": "this year", "12m": "12 months"}


def overview(seen: Seen, reader: Reader) -> Sheet:
    """The first page."""
    entrances = supplies(seen)
    tables = (
        alarm_table(seen),
        unwell_table(seen),
        pue_table(seen),
        bill_table(seen, reader),
        event_table(seen, reader.latest_events(Page(limit=EVENTS_SHOWN))),
    )
    names = [spec.name for spec in entrances]
    graph = last_day(seen, reader, names) if names else None
    context = {"tiles": tiles(seen, entrances), "entrances": names, "graph": graph}
    graphs = () if graph is None else (graph.table,)
    return Sheet("overview.html", "Overview", context, (*tables, *graphs))


def supplies(seen: Seen) -> list[MeterSpec]:
    """The meters through which the site is fed: each joule goes through one of them."""
    chain = seen.site.chain
    tops = topmost(chain, FACILITY_POINTS, {meter.name: meter for meter in chain})
    names = {meter.name for meter in tops}
    if not names:
        names = {meter.name for meter in chain if meter.measures and meter.parent is None}
    return [spec for spec in seen.site.meters if spec.name in names]


def tiles(seen: Seen, entrances: Sequence[MeterSpec]) -> dict[str, Any]:
    """Sums over the supplies; a sum of which a part is unknown is unknown."""
    kws = [_field(seen, spec, "currentKw") for spec in entrances]
    used = [_field(seen, spec, "kwhToday") for spec in entrances]
    month = [_field(seen, spec, "kwhThisMonth") for spec in entrances]
    costs = [_cost(seen, spec) for spec in entrances]
    return {
        "kw": number(_sum(kws)),
        "missing": [spec.name for spec, kw in zip(entrances, kws, strict=True) if kw is None],
        "today": number(_sum(used), 1),
        "month": amount(_sum(month), "kWh"),
        "cost": number(_sum(costs), currency_places(seen.site.currency)),
        "pue": next((f for f in _pue(seen) if f.window == "day" and f.ratio is not None), None),
    }


def _field(seen: Seen, spec: MeterSpec, name: str) -> Any:
    view = seen.meters.get(spec.name)
    return None if view is None else view.fields.get(name)


def _cost(seen: Seen, spec: MeterSpec) -> Decimal | None:
    """Today's energy at the meter's own rate, or what it adds by the meter's tariff."""
    view, used = seen.meters.get(spec.name), _field(seen, spec, "kwhToday")
    if view is None or used is None or spec.currency != seen.site.currency:
        return None
    if spec.cost_per_kwh is None:
        return view.cost_today
    return Decimal(str(used)) * spec.cost_per_kwh


def _sum(parts: Sequence[Any]) -> Decimal | None:
    known = [Decimal(str(part)) for part in parts if part is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(parts) else None


def _pue(seen: Seen) -> list[Any]:
    """The figures of the category nearest to the IT that has any, which says the most."""
    best = max((f.category for f in seen.whole.pue if f.ratio is not None), default=0)
    return [figure for figure in seen.whole.pue if figure.category == best]


def pue_table(seen: Seen) -> Table:
    """PUE by window, with what is missing where it is not shown."""
    rows = [
        (
            cell(say(WINDOWS.get(one.window, one.window))),
            cell(number(one.ratio) if one.ratio is not None else say(one.reason), exact=one.ratio),
            cell(amount(Decimal(one.facility_j) / 3_600_000, "kWh")),
            cell(amount(Decimal(one.it_j) / 3_600_000, "kWh")),
            cell(f"{number(100 * min(one.facility_coverage, one.it_coverage), 1)} %"),
        )
        for one in _pue(seen)
    ]
    columns = ("Window", "PUE", "Facility", "IT", "Covered")
    return Table("pue", "PUE", columns, rows, frozenset({1, 2, 3, 4}))


def alarm_table(seen: Seen) -> Table:
    """Alarms that stand."""
    rows = []
    for row in shapes.alarm_rows(dict(seen.meters)):
        rest = {name: value for name, value in row.items() if name not in OF_AN_ALARM}
        by = row["acknowledged_by"]
        rows.append((
            cell(say(row["severity"]), exact=row["severity"], state=row["severity"]),
            cell(row["meter"], href=f"/meters/{row['meter']}"),
            cell(plain(row["alarm"])),
            cell(", ".join(f"{inside(k)} {v}" for k, v in rest.items())),
            cell(instant(row.get("since"), seen.calendar)),
            cell(f"{by}, {instant(row['acknowledged'], seen.calendar)}" if by else "–", exact=by),
        ))  # fmt: skip
    columns = ("Severity", "Meter", "Alarm", "Numbers", "Since", "Acknowledged")
    return Table("alarms", "Alarms", columns, rows, empty="No alarm stands.")


def unwell_table(seen: Seen) -> Table:
    """Meters, connections and sources of bills that somebody should look at."""
    rows = [*_meters(seen), *_lines(seen), *_sources(seen)]
    columns = ("State", "Name", "Kind", "What")
    return Table("unwell", "Needs a look", columns, rows, empty="Everything is well.")


def _meters(seen: Seen) -> Iterator[Sequence[Cell]]:
    for spec in seen.site.meters:
        found = health(spec, seen.meters.get(spec.name), seen.now_ms)
        if not found.well:
            name = cell(spec.name, href=f"/meters/{spec.name}")
            yield _state(found.state), name, cell(say("meter")), cell(found.told)


def _lines(seen: Seen) -> Iterator[Sequence[Cell]]:
    for line in seen.lines:
        if not line.up:
            name = cell(line.name, href="/devices")
            told = cell(say("cannot be used"))
            yield cell(say("down"), state="offline"), name, cell(say("connection")), told


def _sources(seen: Seen) -> Iterator[Sequence[Cell]]:
    for bill, view in seen.bills.items():
        for source in view.body["sources"]:
            state = source.get("health", "ok")
            if state not in {"ok", "disabled"}:
                told = cell(f"{say('source')} {source['meter']} ({plain(source['kind'])})")
                name = cell(bill, href=f"/bills/{bill}")
                yield _state(state), name, cell(say("bill")), told


def _state(state: str) -> Cell:
    return cell(say(state), exact=state, state=state)


shown: Final = page(overview)


@needs(GRANTED)
async def first(request: web.Request) -> web.StreamResponse:
    """The overview; whoever may see some bills alone begins with these."""
    return await shown(request) if caller_of(request).sees_all else onward("/bills")


ROUTES: Final = (web.get("/", first),)

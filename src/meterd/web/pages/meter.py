"""A meter: what it reads now, what it used, its history, and what is known about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from meterd import shapes
from meterd.metering.powermeter import CONSUMPTION
from meterd.shapes.meters import GENERAL, MAINTENANCE, THRESHOLDS
from meterd.specs import MeterSpec
from meterd.web.pages.events import event_table
from meterd.web.pages.health import health
from meterd.web.pages.history import history
from meterd.web.pages.meter_forms import forms
from meterd.web.pages.meters import title_of, value
from meterd.web.pages.overview import alarm_table
from meterd.web.pages.records import of_meter
from meterd.web.pages.sheet import Seen, Sheet, page
from meterd.web.pages.tables import Cell, Table, cell
from meterd.web.pages.timespan import PARAMETERS
from meterd.web.pages.words import amount, exact, instant, money, number, plain
from meterd.web.tongues import say
from meterd.web.world import Page, Reader

EVENTS_SHOWN: Final = 20
GAUGES: Final = (
    ("currentKw", "Power", "kW"), ("currentKva", "Apparent power", "kVA"),
    ("powerFactor", "Power factor", ""), ("currentAmps", "Current", "A"),
    ("voltage", "Voltage", "V"), ("frequency", "Frequency", "Hz"),
    ("loadPercent", "Load", "%"), ("phaseImbalance", "Imbalance", "%"),
    ("neutralCurrent", "Neutral", "A"),
)  # fmt: skip
PHASES: Final = (("L1", "A"), ("L2", "B"), ("L3", "C"))
OF_A_PHASE: Final = (("active_power", "kW"), ("reactive_power", "kvar"), ("power_factor", ""))
SHOWN_ELSEWHERE: Final = frozenset({
    "active_power", "apparent_power", "power_factor", "current", "voltage", "frequency",
    "neutral_current",
})  # fmt: skip


def meter(seen: Seen, reader: Reader) -> Sheet:
    """The page of one meter."""
    spec = seen.spec()
    view = seen.meters.get(spec.name)
    body = shapes.meter(spec, view, seen.site.fields)
    fields: Mapping[str, Any] = {} if view is None else view.fields
    chosen = history(seen, reader, spec)
    alarms = alarm_table(_alone(seen, spec.name))
    events = reader.latest_events(Page(limit=EVENTS_SHOWN), meter=spec.name)
    tables = [
        *([] if chosen.graph is None else [chosen.graph.table]), phase_table(spec, fields, body),
        quantity_table(spec, body), consumption_table(seen, fields, body), total_table(body),
        fact_table("thresholds", "Thresholds", body, THRESHOLDS),
        fact_table("general", "About it", body, GENERAL),
        fact_table("maintenance", "Maintenance", body, MAINTENANCE), alarms,
        of_meter(seen, reader, spec.name), event_table(seen, events),
    ]  # fmt: skip
    context = {
        "meter": spec.name,
        "heading": title_of(spec),
        "health": health(spec, view, seen.now_ms),
        "time": instant(None if view is None else view.at_ms, seen.calendar),
        "gauges": gauges(spec, fields),
        "history": chosen,
        "forms": forms(seen, spec, body),
        "bills": [one.name for one in seen.site.bills
                  if any(source.meter == spec.name for source in one.sources)],
    }  # fmt: skip
    return Sheet("meter.html", spec.name, context, tuple(tables))


def _alone(seen: Seen, name: str) -> Seen:
    """The same with no meter but one."""
    views = {name: seen.meters[name]} if name in seen.meters else {}
    return Seen(**{one: getattr(seen, one) for one in seen.__struct_fields__} | {"meters": views})


def gauges(spec: MeterSpec, fields: Mapping[str, Any]) -> list[tuple[str, Cell, str]]:
    """(title, value, unit) of what it reads now; what it does not read is left out."""
    read = [
        (title, value(spec.name, name, unit, fields), unit)
        for name, title, unit in GAUGES
        if fields.get(name) is not None
    ]
    missing = [(title, value(spec.name, name, unit, fields), unit) for name, title, unit in GAUGES]
    return read or missing[:3]


def phase_table(spec: MeterSpec, fields: Mapping[str, Any], body: Mapping[str, Any]) -> Table:
    """The three phases beside each other."""
    found, rows = body["quantities"], []
    for phase, letter in PHASES:
        volts, amps = f"voltagePhase{letter}", f"ampsPhase{letter}"
        own = [found.get(f"{name}_{phase.lower()}", {}).get("value") for name, _ in OF_A_PHASE]
        if all(one is None for one in (fields.get(volts), fields.get(amps), *own)):
            continue
        rows.append((
            cell(phase), value(spec.name, volts, "V", fields), value(spec.name, amps, "A", fields),
            *(cell(number(one), exact=one) for one in own),
        ))  # fmt: skip
    columns = ("Phase", "V", "A", "kW", "kvar", "PF")
    empty = "It tells nothing of single phases."
    return Table("phases", "Phases", columns, rows, frozenset(range(1, 6)), empty=empty)


def quantity_table(spec: MeterSpec, body: Mapping[str, Any]) -> Table:
    """Everything else that it reads."""
    rows = [
        (cell(plain(name)), cell(exact(one["value"], one["unit"]), exact=one["value"]))
        for name, one in body["quantities"].items()
        if name not in SHOWN_ELSEWHERE and not name.endswith(("_l1", "_l2", "_l3"))
    ]
    rows += [
        (cell(plain(name)), cell(body[name]))
        for name in spec.texts
        if isinstance(body.get(name), str)
    ]
    return Table("quantities", "More that it reads", ("Quantity", "Value"), rows, frozenset({1}))


def consumption_table(seen: Seen, fields: Mapping[str, Any], body: Mapping[str, Any]) -> Table:
    """Seed 000's consumption."""
    currency, rows = body.get("currency") or seen.site.currency, []
    for name in CONSUMPTION:
        read = fields.get(name)
        if name.startswith("cost"):
            shown = money(read, currency)
        elif name.endswith("Date"):
            shown = instant(read, seen.calendar)
        else:
            shown = amount(read, "kWh" if name.startswith("kwh") else "kW")
        rows.append((cell(_named(name)), Cell(shown, exact=read)))
    return Table("consumption", "Consumption", ("What", "Value"), rows, frozenset({1}))


def _named(name: str) -> str:
    """kwhThisMonth -> This month; peakDemandKwMonth -> Peak demand month."""
    return plain(name.removeprefix("kwh").replace("Kw", ""))


def total_table(body: Mapping[str, Any]) -> Table:
    """Its registers since ever, and what could not be billed."""
    rows = []
    for name, one in body["totals"].items():
        lost = body["unbilled"].get(name, {})
        rows.append((
            cell(plain(name)),
            cell(exact(one["value"], one["unit"]), exact=one["value"]),
            cell(exact(lost.get("value"), lost.get("unit")), exact=lost.get("value")),
        ))  # fmt: skip
    columns = ("Register", "Total", "Not billed")
    return Table("totals", "Registers", columns, rows, frozenset({1, 2}), empty="It has none.")


def fact_table(name: str, caption: str, body: Mapping[str, Any], wanted: tuple[str, ...]) -> Table:
    """What the configuration says, as far as it says anything; only an enumeration's label is
    one of our words, and has one in another tongue."""
    rows = []
    for field in wanted:
        said = body.get(field)
        if said is not None:
            label = said.get("label") if isinstance(said, dict) else None
            shown = said if label is None else label
            told = str(said) if label is None else say(str(label))
            rows.append((cell(plain(field)), cell(told, exact=shown)))
    return Table(name, caption, ("Field", "Value"), rows, empty="Nothing is configured.")


ROUTES: Final = (web.get("/meters/{name}", page(meter, (*PARAMETERS, "series"))),)

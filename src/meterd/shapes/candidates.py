"""What may become a source of a bill: every meter and kind, with what it shows now.

Seed 003, "Adding Sources": each candidate's current reading ("53W now", "12.1kWh total"), so
that the right feed can be told before it is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from meterd.billing.sources import METHOD_OF_KIND
from meterd.metering.calendar import iso
from meterd.metering.estimate import estimate
from meterd.specs import MeterSpec, SiteSpec
from meterd.units import JOULES_PER_KWH
from meterd.views import MeterView

NOT_READ: Final = "no reading now"
PHASES: Final = ("", "l1", "l2", "l3")
UNREAD: Final = frozenset({"planned", "decommissioned"})


def of_site(
    site: SiteSpec, views: Mapping[str, MeterView], meter: str | None = None
) -> Iterator[dict[str, Any]]:
    """Every candidate of the site, or of one meter, with the bills that it is on already."""
    on: dict[tuple[str, str, str | None], list[str]] = {}
    for bill in site.bills:
        for source in bill.sources:
            place = (source.meter, source.kind, source.phase or None)
            on.setdefault(place, []).append(bill.name)
    for spec in site.meters:
        if meter in {None, spec.name}:
            for row in candidates(spec, views.get(spec.name)):
                yield {**row, "bills": on.get((spec.name, row["kind"], row["phase"]), [])}


def candidates(spec: MeterSpec, view: MeterView | None) -> Iterator[dict[str, Any]]:
    """Every source that a meter can be, the strongest first; none of one that is not read.

    current: {value, unit} of what it shows, None without a reading. reading: the same in words.
    view: None before the first reading.
    """
    for kind, phase in kinds(spec) if spec.status not in UNREAD else ():
        value, unit = _current(view, kind, phase)
        yield {
            "meter": spec.name,
            "kind": kind,
            "phase": phase or None,
            "method": METHOD_OF_KIND[kind],
            "current": None if value is None else {"value": value, "unit": unit},
            "reading": NOT_READ if value is None else _words(value, unit),
            "time": None if view is None or view.at_ms is None else iso(view.at_ms),
            "availability": "online" if view is not None and view.online else "offline",
        }


def kinds(spec: MeterSpec) -> Iterator[tuple[str, str]]:
    """(kind, phase) of every source that a meter can be (seed 003's hierarchy)."""
    read = spec.units.keys() | {register.quantity for register in spec.registers}
    if "energy_import" in read:
        yield "energy", ""
    for phase in PHASES:
        if _named("active_power", phase) in read:
            yield "power", phase
    pairs = [n for n in PHASES if {_named("voltage", n), _named("current", n)} <= read]
    for phase in pairs if "" in pairs or not pairs else ["", *pairs]:
        yield "volt_ampere", phase


def _named(quantity: str, phase: str) -> str:
    return f"{quantity}_{phase}" if phase else quantity


def _current(view: MeterView | None, kind: str, phase: str) -> tuple[float | None, str]:
    """(what it shows, its unit): kWh since ever, or kW now."""
    if view is None:
        return None, ""
    if kind == "energy":
        total_j = view.totals.get("energy_import")
        return None if total_j is None else round(total_j / JOULES_PER_KWH, 3), "kWh"
    if kind == "power":
        return view.quantities.get(_named("active_power", phase)), "kW"
    return estimate(view.quantities, phase)[0], "kW"


def _words(value: float, unit: str) -> str:
    if unit == "kWh":
        return f"{_number(value)}kWh total"
    watts = value * 1000
    return f"{_number(watts)}W now" if abs(watts) < 1000 else f"{_number(value)}kW now"


def _number(value: float) -> str:
    """At most three places, without trailing zeros."""
    return f"{value:.3f}".rstrip("0").rstrip(".")

"""A record of the OpenEI Utility Rate Database (API versions 3 to 8), as downloaded.

The file holds the record itself or the answer it came in, {"items": [record]}. Keys are taken
without regard to case. Source: openei.org/services/doc/rest/util_rates; what its fields mean
was checked against NREL's PySAM (billing.md section 1.3).
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import msgspec

from meterd.config.schedule import tabled
from meterd.config.urdb_fields import Fields, UrdbError
from meterd.tariff import (
    ALWAYS,
    HOLIDAY,
    NOTHING,
    Amount,
    DemandRate,
    EnergyRate,
    Export,
    Ratchet,
    Schedule,
    Tier,
)

WEEKEND: Final = frozenset({5, 6, HOLIDAY})
ENERGY_UNITS: Final = ("kWh", "kWh daily", "kWh/kW", "kWh/kW daily")
_DEMANDS: Final = {
    "kw": ("kw", False),
    "kva": ("kva", False),
    "kw daily": ("kw", True),
    "kva daily": ("kva", True),
}
"""Units of demand: the quantity, and whether it is that of each day."""
_PER: Final = {"$/month": "month", "$/day": "day", "$/year": "year"}
_NET: Final = {
    "net metering": "period",
    "net billing instantaneous": "none",
    "net billing hourly": "hour",
    "buy all sell all": "none",
}
_COINCIDENT: Final = "coincidentratestructure"


class Record(msgspec.Struct, frozen=True):
    """What a record says. demand: with the bill's window where window_ms is 0.

    unpriced: what of it is charged by what nobody here knows, and why; "" for nothing.
    """

    schedule: Schedule = ALWAYS
    energy: tuple[EnergyRate, ...] = ()
    demand: tuple[DemandRate, ...] = ()
    window_ms: int = 0
    ratchet: Ratchet | None = None
    fixed: tuple[Amount, ...] = ()
    minimum: tuple[Amount, ...] = ()
    export: Export | None = None
    fuel: tuple[Decimal, ...] = ()
    unpriced: str = ""


@lru_cache(maxsize=16)
def parse_record(text: str) -> Record:
    """The record in a file's text. Raises UrdbError, which names the field."""
    fields = Fields(_raw(text))
    energy = _energy(fields)
    return Record(
        schedule=_schedule(fields, "energy", len(energy)) if energy else ALWAYS,
        energy=energy,
        demand=(*_flat(fields), *_by_time(fields), *_reactive(fields)),
        window_ms=int(fields.number("demandwindow", least=0) or 0) * 60_000,
        ratchet=_ratchet(fields),
        fixed=_amounts(fields, "fixedchargefirstmeter", "fixedchargeunits", "fixedmonthlycharge"),
        minimum=(
            *_amounts(fields, "mincharge", "minchargeunits", "minmonthlycharge"),
            *_yearly(fields),
        ),
        export=_export(fields, energy),
        fuel=fields.numbers("fueladjustmentsmonthly"),
        unpriced=_unpriced(fields),
    )


def _raw(text: str) -> Any:
    try:
        found = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError) as error:
        raise UrdbError("", f"it is no JSON: {error}") from error
    if isinstance(found, dict) and "items" in found:
        items = found["items"]
        if not isinstance(items, list) or len(items) != 1:
            raise UrdbError("items", "one record is needed")
        found = items[0]
    if not isinstance(found, dict):
        raise UrdbError("", "it is no record")
    return found


def _energy(fields: Fields) -> tuple[EnergyRate, ...]:
    structure = fields.tiers("energyratestructure", ENERGY_UNITS)
    several = len(structure) > 1
    return tuple(
        EnergyRate(f"energy {n}" if several else "energy", tiers)
        for n, tiers in enumerate(structure, 1)
    )


def _schedule(fields: Fields, kind: str, count: int) -> Schedule:
    weekday = fields.table(f"{kind}weekdayschedule", count)
    weekend = fields.table(f"{kind}weekendschedule", count)
    return tabled(
        lambda month, day, hour: (weekend if day in WEEKEND else weekday)[month - 1][hour]
    )


def _flat(fields: Fields) -> list[DemandRate]:
    """One name for all seasons, so that a ratchet remembers across them."""
    structure = fields.tiers("flatdemandstructure")
    if not structure:
        return []
    months = fields.places("flatdemandmonths", len(structure))
    hours = tabled(lambda month, _day, _hour: months[month - 1])
    quantity, daily = _quantity(fields, "flatdemandunit")
    return [
        DemandRate("demand", tiers, 0, 0, quantity, _where(hours, n), daily=daily)
        for n, tiers in enumerate(structure)
        if _charges(tiers)
    ]


def _by_time(fields: Fields) -> list[DemandRate]:
    structure = fields.tiers("demandratestructure")
    if not structure:
        return []
    hours = _schedule(fields, "demand", len(structure))
    quantity, daily = _quantity(fields, "demandrateunit")
    return [
        DemandRate(f"demand {n + 1}", tiers, 0, 0, quantity, _where(hours, n), daily=daily)
        for n, tiers in enumerate(structure)
        if _charges(tiers)
    ]


def _where(hours: Schedule, zone: int) -> Schedule:
    """The schedule of one zone alone, as zone 0."""
    return tabled(lambda month, day, hour: 0 if hours.zone(month, day, hour) == zone else NOTHING)


def _charges(tiers: tuple[Tier, ...]) -> bool:
    return any(tier.rate for tier in tiers)


def _reactive(fields: Fields) -> list[DemandRate]:
    """Dollars per kVAR: of the highest reactive demand of the period, at any time."""
    rate = fields.number("demandreactivepowercharge")
    return [DemandRate("reactive demand", (Tier(rate),), 0, 0, "kvar")] if rate else []


def _unpriced(fields: Fields) -> str:
    """Coincident peaks are charged by the load at the instant of the utility's own peak."""
    structure = fields.tiers(_COINCIDENT)
    if not any(_charges(tiers) for tiers in structure):
        return ""
    return f"{_COINCIDENT}: nobody here knows when the utility's system had its peak"


def _quantity(fields: Fields, name: str) -> tuple[str, bool]:
    unit = str(fields.get(name) or "kW")
    if unit.lower().startswith("hp"):
        message = f"demand in {unit} goes by the motors that are connected, and no meter tells it"
        raise UrdbError(name, message)
    if unit.lower() not in _DEMANDS:
        raise UrdbError(name, f"{unit} is none of kW, kVA, kW daily, kVA daily")
    return _DEMANDS[unit.lower()]


def _ratchet(fields: Fields) -> Ratchet | None:
    percents = fields.numbers("demandratchetpercentage")
    lookback = fields.number("lookbackpercent", least=0)
    if lookback:
        seen = fields.numbers("lookbackmonths") or (Decimal(1),) * 12
        percents = tuple(lookback if month else Decimal(0) for month in seen)
    if not any(percents):
        return None
    if max(percents) <= 1:
        percents = tuple(percent * 100 for percent in percents)
    months = int(fields.number("lookbackrange", least=0) or 11)
    return Ratchet(percents, months)


def _amounts(fields: Fields, name: str, units: str, monthly: str) -> tuple[Amount, ...]:
    amount = fields.number(name)
    if amount is None:
        amount = fields.number(monthly)
        return (Amount(amount),) if amount else ()
    per = str(fields.get(units) or "$/month").lower()
    if per not in _PER:
        raise UrdbError(units, f"{per} is none of {', '.join(_PER)}")
    return (Amount(amount, _PER[per]),) if amount else ()


def _yearly(fields: Fields) -> tuple[Amount, ...]:
    amount = fields.number("annualmincharge")
    return (Amount(amount, "year"),) if amount else ()


def _export(fields: Fields, energy: tuple[EnergyRate, ...]) -> Export | None:
    rules = fields.get("dgrules")
    if rules is None:
        sells = any(tier.sell for rate in energy for tier in rate.tiers)
        return Export() if sells else None
    net = _NET.get(str(rules).lower())
    if net is None:
        raise UrdbError("dgrules", f"{rules} is not known")
    return Export(net=net)

"""Seed 000's POWERMETER: what a meter shows, field by field, by the seed's names.

A field that could not be read or derived is None, never 0 and never an earlier value. A
derived field is exact arithmetic on what was read; nothing here is a guess.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from typing import Any, Final

from meterd.events import MeterView
from meterd.metering.calendar import iso
from meterd.metering.consumption import Span
from meterd.metering.meter import Meter
from meterd.units import JOULES_PER_KWH

CONSUMPTION: Final = (
    "kwhToday", "kwhYesterday", "kwhThisMonth", "kwhLastMonth", "kwhThisYear", "kwhLastYear",
    "kwhLifetime", "peakDemandKw", "peakDemandDate", "peakDemandKwMonth", "averageDemandKw",
    "costThisMonth", "costLastMonth", "costThisYear",
)  # fmt: skip
_NOT_USED: Final = dict.fromkeys(CONSUMPTION)
_SPANS: Final = (
    ("kwhToday", "kwhYesterday", "day"),
    ("kwhThisMonth", "kwhLastMonth", "month"),
    ("kwhThisYear", "kwhLastYear", "year"),
)


def view(meter: Meter, cents: Decimal) -> MeterView:
    """The meter as sinks show it. cents: the currency's smallest unit, e.g. 0.01."""
    state = meter.state
    gauges = state.gauges if state.online else {}
    fields = readings(gauges, meter.spec.rated_kw)
    fields["lastReadingTime"] = None if state.at_ms is None else iso(state.at_ms)
    if "serial_number" in state.texts:
        fields["serialNumber"] = state.texts["serial_number"]
    totals = meter.totals()
    fields.update(consumption(meter, totals, cents))
    return MeterView(
        meter.spec.name, state.online, state.at_ms, state.quality, fields, gauges, totals,
        meter.unbilled(),
    )  # fmt: skip


def readings(gauges: dict[str, float], rated_kw: float | None) -> dict[str, Any]:
    """Seed 000's Readings of one instant, read or derived."""
    read = gauges.get
    kw, kva, factor = read("active_power"), apparent_kva(gauges), read("power_factor")
    if factor is None and kw is not None and kva:
        factor = round(kw / kva, 6)
    return {
        "currentKw": kw,
        "currentKva": kva,
        "currentAmps": read("current"),
        "voltage": read("voltage"),
        "powerFactor": factor,
        "frequency": read("frequency"),
        "loadPercent": round(100 * kw / rated_kw, 6) if kw is not None and rated_kw else None,
        "lastReadingTime": None,
        "ampsPhaseA": read("current_l1"),
        "ampsPhaseB": read("current_l2"),
        "ampsPhaseC": read("current_l3"),
        "voltagePhaseA": read("voltage_l1"),
        "voltagePhaseB": read("voltage_l2"),
        "voltagePhaseC": read("voltage_l3"),
        "phaseImbalance": imbalance_percent(gauges),
        "neutralCurrent": read("neutral_current"),
    }


def apparent_kva(gauges: dict[str, float]) -> float | None:
    """Read, or from active and reactive power, or from active power and power factor."""
    read = gauges.get("apparent_power")
    kw, kvar = gauges.get("active_power"), gauges.get("reactive_power")
    if read is not None or kw is None:
        return read
    if kvar is not None:
        return round(sqrt(kw * kw + kvar * kvar), 6)
    factor = gauges.get("power_factor")
    return round(abs(kw / factor), 6) if factor else None


def imbalance_percent(gauges: dict[str, float]) -> float | None:
    """The largest deviation of a phase's current from their mean, in percent of the mean."""
    read = gauges.get
    first, second, third = read("current_l1"), read("current_l2"), read("current_l3")
    if first is None or second is None or third is None:
        return None
    mean = (first + second + third) / 3
    if not mean:
        return None
    return round(100 * max(abs(first - mean), abs(second - mean), abs(third - mean)) / mean, 6)


READINGS: Final = tuple(readings({}, None))


def consumption(meter: Meter, totals: dict[str, int], cents: Decimal) -> dict[str, Any]:
    """Seed 000's Consumption, from the meter's strongest source of active energy."""
    fields: dict[str, Any] = _NOT_USED.copy()
    if "energy_import" not in totals or meter.main is None:
        return fields
    fields["kwhLifetime"] = _kwh(totals["energy_import"])
    track = meter.state.tracks["/".join(meter.main)]
    spans = meter.consumption.state.spans
    for this, last, name in _SPANS:
        span = spans.get(name)
        fields[this] = _kwh(track.total - (span.base if span else 0))
        if span is not None and span.last is not None:
            fields[last] = _kwh(span.last)
    _costs(fields, meter, track.total, cents)
    peaks = meter.peaks.state
    if peaks.ever is not None:
        fields["peakDemandKw"] = peaks.ever.kw()
        fields["peakDemandDate"] = iso(peaks.ever.end_ms)
    if peaks.month is not None:
        fields["peakDemandKwMonth"] = peaks.month.kw()
    month = spans.get("month")
    open_ms = track.until_ms - track.start_ms - track.missing_ms
    covered_ms = (month.covered_ms if month else 0) + open_ms
    if covered_ms > 0:
        used_j = track.total - (month.base if month else 0)
        fields["averageDemandKw"] = round(used_j / covered_ms, 6)
    return fields


def _costs(fields: dict[str, Any], meter: Meter, total: int, cents: Decimal) -> None:
    if meter.consumption.state.rate is None:
        return
    empty = Span(0, 0, 0)
    spans = meter.consumption.state.spans
    month, year = spans.get("month", empty), spans.get("year", empty)
    fields["costThisMonth"] = _money(meter.consumption.cost_of(month, total), cents)
    fields["costThisYear"] = _money(meter.consumption.cost_of(year, total), cents)
    if month.last_cost is not None:
        fields["costLastMonth"] = _money(month.last_cost, cents)


def _money(amount: Decimal, cents: Decimal) -> float:
    """JSON number of money, rounded once to the currency's exponent (seed 000: number)."""
    return float(amount.quantize(cents, ROUND_HALF_UP))


def _kwh(amount_j: int) -> float:
    """Seed 000 carries JSON numbers; a float holds nine exact places far beyond a meter."""
    return round(amount_j / JOULES_PER_KWH, 9)

"""Seed 000's POWERMETER: what a meter shows, field by field, by the seed's names.

A field that could not be read or derived is None, never 0 and never an earlier value. A
derived field is exact arithmetic on what was read; what takes something for granted has a
name of its own (ESTIMATED_NEUTRAL) and never stands in the seed's field.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from typing import Any, Final

from meterd.metering.calendar import iso
from meterd.metering.consumption import Span
from meterd.metering.facts import SERIAL
from meterd.metering.meter import Meter
from meterd.units import JOULES_PER_KWH
from meterd.views import MeterView

CONSUMPTION: Final = (
    "kwhToday", "kwhYesterday", "kwhThisMonth", "kwhLastMonth", "kwhThisYear", "kwhLastYear",
    "kwhLifetime", "peakDemandKw", "peakDemandDate", "peakDemandKwMonth", "averageDemandKw",
    "costThisMonth", "costLastMonth", "costThisYear",
)  # fmt: skip
ESTIMATED_NEUTRAL: Final = "neutralCurrentEstimate"
"""The neutral's current as it would be if the phases were 120 degrees apart and in step."""
_NOT_USED: Final = dict.fromkeys(CONSUMPTION)
PHASES: Final = ("current_l1", "current_l2", "current_l3")
ROUNDED: Final = 0.98
"""Of the active power: as little may volts times amperes be, for want of digits."""
Alarms = dict[str, dict[str, Any] | None]
""" "alarm/severity" -> the numbers of one that stands, None of one that does not."""
_SPANS: Final = (
    ("kwhToday", "kwhYesterday", "day"),
    ("kwhThisMonth", "kwhLastMonth", "month"),
    ("kwhThisYear", "kwhLastYear", "year"),
)


def view(meter: Meter, now_ms: int, cents: Decimal, alarms: Alarms | None = None) -> MeterView:
    """The meter as sinks show it now. cents: the currency's smallest unit, e.g. 0.01."""
    state, spec = meter.state, meter.spec
    gauges = state.gauges if state.online else {}
    fields = readings(gauges, spec.rated_kw, spec.rated_amps)
    if fields["neutralCurrent"] is None and (amps := neutral_amps(gauges)) is not None:
        fields[ESTIMATED_NEUTRAL] = amps
    fields["lastReadingTime"] = None if state.at_ms is None else iso(state.at_ms)
    if SERIAL in state.texts:
        fields["serialNumber"] = state.texts[SERIAL]
    totals = meter.totals()
    fields.update(consumption(meter, totals, now_ms, cents))
    return MeterView(
        spec.name, state.online, state.at_ms, state.quality, fields, gauges, totals,
        meter.unbilled(), alarms or {},
    )  # fmt: skip


def readings(
    gauges: dict[str, float], rated_kw: float | None, rated_amps: float | None = None
) -> dict[str, Any]:
    """Seed 000's Readings of one instant, read or derived.

    rated_amps: what the load is a percentage of where there are no rated kilowatts.
    """
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
        "loadPercent": load_percent(gauges, rated_kw, rated_amps),
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


def load_percent(
    gauges: dict[str, float], rated_kw: float | None, rated_amps: float | None
) -> float | None:
    """Active power of the rated kilowatts; where there are none, the current of the phase
    that has most of the rated amperes.
    """
    if rated_kw:
        kw = gauges.get("active_power")
        return None if kw is None else round(100 * kw / rated_kw, 6)
    phases = [gauges[name] for name in PHASES if name in gauges]
    amps = phases or [gauges[name] for name in ("current",) if name in gauges]
    return round(100 * max(map(abs, amps)) / rated_amps, 6) if amps and rated_amps else None


def neutral_amps(gauges: dict[str, float]) -> float | None:
    """The sum of three currents 120 degrees apart; None unless all three were read."""
    if not all(name in gauges for name in PHASES):
        return None
    a, b, c = (gauges[name] for name in PHASES)
    return round(sqrt(max(0.0, a * a + b * b + c * c - a * b - b * c - c * a)), 6)


def apparent_kva(gauges: dict[str, float]) -> float | None:
    """Read, or from active and reactive power, or from active power and power factor, or
    from volts and amperes.
    """
    read = gauges.get("apparent_power")
    if read is not None:
        return read
    kw, kvar = gauges.get("active_power"), gauges.get("reactive_power")
    factor = gauges.get("power_factor")
    if kw is not None and kvar is not None:
        return round(sqrt(kw * kw + kvar * kvar), 6)
    if kw is not None and factor:
        return round(abs(kw / factor), 6)
    kva, kw = volt_amperes(gauges), abs(kw or 0.0)
    if kva is None or kva < kw * ROUNDED:
        return None  # they are not those of all the load
    return round(max(kva, kw), 6)


def volt_amperes(gauges: dict[str, float]) -> float | None:
    """Volts times amperes in kVA: the sum of three phases, or of a meter without phases.
    None of some of the phases.
    """
    read = gauges.get
    pairs = [(read(f"voltage_l{n}"), read(f"current_l{n}")) for n in (1, 2, 3)]
    if pairs == [(None, None)] * 3:
        pairs = [(read("voltage"), read("current"))]
    known = [volts * amps for volts, amps in pairs if volts is not None and amps is not None]
    return sum(map(abs, known)) / 1000 if len(known) == len(pairs) else None


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


def consumption(
    meter: Meter, totals: dict[str, int], now_ms: int, cents: Decimal
) -> dict[str, Any]:
    """Seed 000's Consumption, from the meter's strongest source of active energy.

    Today is the day of now, also where the meter has been silent since yesterday.
    """
    fields: dict[str, Any] = _NOT_USED.copy()
    if "energy_import" not in totals or meter.main is None:
        return fields
    fields["kwhLifetime"] = _kwh(totals["energy_import"])
    track = meter.state.tracks["/".join(meter.main)]
    spans = meter.consumption.spans_at(now_ms, track)
    for this, last, name in _SPANS:
        span = spans.get(name)
        fields[this] = _kwh(track.total - (span.base if span else 0))
        if span is not None and span.last is not None:
            fields[last] = _kwh(span.last)
    _costs(fields, meter, spans, cents)
    peaks = meter.peaks.state
    if peaks.ever is not None:
        fields["peakDemandKw"] = peaks.ever.kw()
        fields["peakDemandDate"] = iso(peaks.ever.end_ms)
    if peaks.month is not None and now_ms < peaks.month_end_ms:
        fields["peakDemandKwMonth"] = peaks.month.kw()
    month = spans.get("month")
    covered_ms = month.covered_ms if month else 0
    if month is None or track.start_ms >= month.start_ms:
        covered_ms += track.until_ms - track.start_ms - track.missing_ms
    if covered_ms > 0:
        used_j = track.total - (month.base if month else 0)
        fields["averageDemandKw"] = round(used_j / covered_ms, 6)
    return fields


def _costs(fields: dict[str, Any], meter: Meter, spans: dict[str, Span], cents: Decimal) -> None:
    if meter.main is None:
        return
    total = meter.state.tracks["/".join(meter.main)].total
    empty = Span(0, 0, 0)
    month, year = spans.get("month", empty), spans.get("year", empty)
    found = {
        "costThisMonth": meter.consumption.cost_of(month, total),
        "costLastMonth": month.last_cost,
        "costThisYear": meter.consumption.cost_of(year, total),
    }
    priced = meter.consumption.state.rate is not None
    for field, cost in found.items():  # what was priced before the rate went still is
        if cost or (priced and cost is not None):
            fields[field] = _money(cost, cents)


def _money(amount: Decimal, cents: Decimal) -> float:
    """JSON number of money, rounded once to the currency's exponent (seed 000: number)."""
    return float(amount.quantize(cents, ROUND_HALF_UP))


def _kwh(amount_j: int) -> float:
    """Seed 000 carries JSON numbers; a float holds nine exact places far beyond a meter."""
    return round(amount_j / JOULES_PER_KWH, 9)

"""What Sparkplug is told of a meter: pure. Names are those of the meter's MQTT state.

A counter is a UInt64 of whole watt-hours, litres or pieces of its lifetime total, so that it
never falls and loses nothing to rounding; everything else is a Double in its canonical unit,
or a String. A value that is not known is null, never 0 and never the last one.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from meterd.sinks.sparkplug_payload import BOOLEAN, DOUBLE, STRING, UINT64, Value
from meterd.specs import MeterSpec
from meterd.units import UNITS, canonical_unit
from meterd.views import MeterView

_WHOLE: Final = {
    "energy": "Wh", "reactive_energy": "varh", "apparent_energy": "VAh", "volume": "L", "count": "1"
}  # fmt: skip
"""Dimension -> the unit its total is told in."""

_TIME: Final = "lastReadingTime"
"""Every metric says when it was so."""


class Told(NamedTuple):
    """A value as it is told."""

    datatype: int
    value: Value
    unit: str = ""


def told(view: MeterView, spec: MeterSpec) -> dict[str, Told]:
    """Metric -> value, of everything that is known of a meter now; nothing before a reading."""
    if view.at_ms is None:
        return {}
    found: dict[str, Told] = {"quality": Told(STRING, view.quality)}
    for name, value in view.fields.items():
        if name != _TIME and (one := _field(value)) is not None:
            found.setdefault(name, one)
    for name, value in view.quantities.items():
        found[name] = Told(DOUBLE, value, canonical_unit(name) or spec.units.get(name, ""))
    for name, amount in view.totals.items():
        if (one := _total(name, amount, spec.units)) is not None:
            found[name] = one
    return found


def _field(value: object) -> Told | None:
    """A field of the seed, None where it has no value or is a list of them."""
    if isinstance(value, bool):
        return Told(BOOLEAN, value)
    if isinstance(value, int | float | Decimal):
        return Told(DOUBLE, float(value))
    return Told(STRING, value) if isinstance(value, str) else None


def _total(name: str, amount: int, units: Mapping[str, str]) -> Told | None:
    unit = UNITS.get(canonical_unit(name) or units.get(name, ""))
    if unit is None:
        return None
    whole = _WHOLE[unit.dimension]
    return Told(UINT64, int(amount // UNITS[whole].factor), whole)

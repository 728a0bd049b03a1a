"""From a meter's points to its registers: every amount in base units, every ceiling per hour.

The rules are those of the law of counters, "Inputs": the ceiling is the point's, else the
rated capacity and a quarter, else the site's; one count is the point's resolution, else its
scale; the modulus is the point's, else the record's overflow value and one count.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from meterd.config.bacnet_names import is_real
from meterd.config.checks.points import POWERS
from meterd.config.meters import MeterConfig
from meterd.config.points import PointConfig
from meterd.config.site import SiteConfig
from meterd.config.values import ratio_of
from meterd.specs import STALE_MS, RegisterSpec
from meterd.units import EXACT, JOULES_PER_KWH, UNITS, Unit, canonical_unit, to_amount

HEADROOM: Final = Decimal("1.25")
"""Of a rated capacity, before a rise is not believed."""
Overflows = Mapping[str, tuple[Decimal, str]]
"""Quantity -> the largest value a record declares before rollover, and its unit."""
_FLOATS: Final = frozenset({"float32", "float64"})
_TORN: Final = frozenset({"int32", "uint32"})
_CT: Final = frozenset({"current"})
_PT: Final = frozenset({"voltage"})
_BOTH: Final = POWERS | {"power", "reactive_power", "apparent_power"}
_NOT_ELECTRIC: Final = frozenset({"heat_energy", "gas_energy"})


def registers(
    meter: MeterConfig, site: SiteConfig, overflows: Overflows
) -> tuple[RegisterSpec, ...]:
    """A register for each counter of the meter."""
    return tuple(
        _register(meter, site, quantity, overflows.get(quantity)) for quantity in meter.counters
    )


def ceiling_kw(meter: MeterConfig, site: SiteConfig) -> Decimal:
    """The most power a meter is believed to see, where its point does not say."""
    if meter.rated_capacity_kw is not None:
        return meter.rated_capacity_kw * HEADROOM
    return site.max_source_kw


def transformers(meter: MeterConfig, quantity: str, unit: str) -> Fraction:
    """What applied transformer ratios multiply a quantity by."""
    dimension = UNITS[unit].dimension if unit in UNITS else ""
    ct = ratio_of(meter.ct_ratio) if meter.apply_ct_ratio else Fraction(1)
    pt = ratio_of(meter.pt_ratio) if meter.apply_pt_ratio else Fraction(1)
    if quantity in _NOT_ELECTRIC:
        return Fraction(1)
    one = Fraction(1)
    return (ct if dimension in _CT | _BOTH else one) * (pt if dimension in _PT | _BOTH else one)


def times(value: Decimal, by: Fraction) -> Decimal:
    """Exact where a decimal can be, else to sixty digits (a ratio such as 20000:110)."""
    if by == 1:
        return value
    return EXACT.divide(EXACT.multiply(value, Decimal(by.numerator)), Decimal(by.denominator))


def _register(
    meter: MeterConfig, site: SiteConfig, quantity: str, overflow: tuple[Decimal, str] | None
) -> RegisterSpec:
    point = meter.points.get(quantity, PointConfig())
    name = point.unit or canonical_unit(quantity) or ""
    unit = UNITS[name]
    by = transformers(meter, quantity, name)
    raw = _amount(point.scale or Decimal(1), unit, by)
    count = _count(point, unit, by)
    return RegisterSpec(
        quantity=quantity,
        unit=name,
        count=count or 1,
        modulus=_modulus(point, (unit, by), overflow, count),
        per_hour=_per_hour(point, unit, ceiling_kw(meter, site)),
        nonvolatile=bool(point.nonvolatile),
        jitter=_amount(point.jitter or Decimal(0), unit, by),
        on_decrease=point.on_decrease or site.on_decrease,
        stale_after_ms=STALE_MS if point.stale_after is None else point.stale_after,
        torn=point.type in _TORN or point.sunspec is not None,
        float32=max(1, abs(raw)) if point.type == "float32" or is_real(point.object) else 0,
    )


def _amount(value: Decimal, unit: Unit, by: Fraction) -> int:
    """`value` times an exact factor, in base units, rounded half up once."""
    return to_amount(
        Decimal(1), Unit(unit.name, unit.dimension, unit.factor * by * Fraction(value))
    )


def _count(point: PointConfig, unit: Unit, by: Fraction) -> int:
    """One count, 0 where nothing tells: a float's scale is no count."""
    if point.resolution is not None:
        return _amount(point.resolution, unit, by)
    if point.pulses_per_unit is not None:
        return _amount(point.scale or Decimal(1), unit, by / Fraction(point.pulses_per_unit))
    integer = point.type is not None and point.type not in _FLOATS and point.scale_point is None
    real = is_real(point.object)
    if integer or (point.type is None and point.scale is not None and not real):
        return abs(_amount(point.scale or Decimal(1), unit, by))
    return 0


def _modulus(
    point: PointConfig,
    unit: tuple[Unit, Fraction],
    overflow: tuple[Decimal, str] | None,
    count: int,
) -> int | None:
    if point.modulus is not None:
        return _amount(point.modulus, *unit)
    if overflow is None:
        return None
    largest, name = overflow
    last_digit = Decimal(1).scaleb(int(largest.as_tuple().exponent))
    one = count or to_amount(last_digit, UNITS[name])
    return to_amount(largest, UNITS[name]) + one


def _per_hour(point: PointConfig, unit: Unit, otherwise_kw: Decimal) -> int | None:
    if point.max_per_hour is not None:
        return to_amount(point.max_per_hour, unit)
    if unit.dimension not in POWERS:
        return None
    ceiling = otherwise_kw if point.max_kw is None else point.max_kw
    return int(ceiling * JOULES_PER_KWH)

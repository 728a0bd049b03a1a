"""Units of measure, and the only conversions.

Inside, an amount that is summed is an integer in the base unit of its dimension:
joules for active energy and heat, var-seconds, volt-ampere-seconds, millilitres,
millionths for counts. Everything else is a float in the quantity's canonical unit.
Factors are exact rationals; rounding happens once, half up, on an absolute value.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from math import isfinite
from typing import Final

import msgspec

JOULES_PER_KWH: Final = 3_600_000
EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)
NANOS: Final = 10**9
"""No amount is shown with more than nine places."""


class Unit(msgspec.Struct, frozen=True):
    """A unit as people write it.

    dimension: what it measures; units convert only within one dimension.
    factor: base units (of the dimension) in one of this unit, exactly.
    """

    name: str
    dimension: str
    factor: Fraction


def _units(dimension: str, **factors: str | int) -> dict[str, Unit]:
    return {name: Unit(name, dimension, Fraction(factor)) for name, factor in factors.items()}


def _alias(name: str, dimension: str, factor: str | int) -> dict[str, Unit]:
    return {name: Unit(name, dimension, Fraction(factor))}


_MICRO: Final = 1_000_000
UNITS: Final[dict[str, Unit]] = {
    **_units("energy", J=1, kJ=1000, MJ=10**6, GJ=10**9, Wh=3600, kWh=JOULES_PER_KWH),
    **_units("energy", MWh=JOULES_PER_KWH * 1000, GWh=JOULES_PER_KWH * 10**6),
    **_units("reactive_energy", varh=3600, kvarh=JOULES_PER_KWH, Mvarh=JOULES_PER_KWH * 1000),
    **_units("apparent_energy", VAh=3600, kVAh=JOULES_PER_KWH, MVAh=JOULES_PER_KWH * 1000),
    **_units("volume", mL=1, L=1000, m3=10**6, gal="3785.411784", ft3="28316.846592"),
    **_units("volume", ml=1, l=1000),
    **_alias("m³", "volume", 10**6),
    **_alias("1", "count", _MICRO),
    **_units("power", mW="0.000001", W="0.001", kW=1, MW=1000),
    **_units("reactive_power", var="0.001", kvar=1, Mvar=1000),
    **_units("apparent_power", VA="0.001", kVA=1, MVA=1000),
    **_units("current", mA="0.001", A=1, kA=1000),
    **_units("voltage", mV="0.001", V=1, kV=1000),
    **_units("frequency", mHz="0.001", Hz=1),
    **_alias("%", "ratio", "0.01"),
    **_alias("ratio", "ratio", 1),
    **_units("time", ms="0.001", s=1, min=60, h=3600, d=86400),
    **_units("temperature", degC=1),
    **_alias("°C", "temperature", 1),
    **_alias("m3/h", "flow", 1),
    **_alias("m³/h", "flow", 1),
    **_alias("L/h", "flow", "0.001"),
    **_alias("L/min", "flow", "0.06"),
    **_alias("L/s", "flow", "3.6"),
    **_alias("l/h", "flow", "0.001"),
    **_alias("l/min", "flow", "0.06"),
    **_alias("l/s", "flow", "3.6"),
    **_alias("m3/s", "flow", 3600),
}

SUMMED: Final = frozenset({"energy", "reactive_energy", "apparent_energy", "volume", "count"})
"""Dimensions whose amounts are kept as integers in base units."""

REGISTERS: Final[dict[str, str]] = {
    "energy_import": "kWh",
    "energy_export": "kWh",
    "reactive_energy_import": "kvarh",
    "reactive_energy_export": "kvarh",
    "apparent_energy": "kVAh",
    "volume": "m3",
    "heat_energy": "kWh",
    "gas_energy": "kWh",
    "count": "1",
}
"""Canonical counters and their canonical units (contract, "Quantities")."""

_PHASED: Final = {
    "active_power": "kW",
    "reactive_power": "kvar",
    "apparent_power": "kVA",
    "current": "A",
    "voltage": "V",
}
GAUGES: Final[dict[str, str]] = {
    **_PHASED,
    **{f"{name}_l{n}": unit for name, unit in _PHASED.items() for n in (1, 2, 3)},
    "voltage_l12": "V",
    "voltage_l23": "V",
    "voltage_l31": "V",
    "power_factor": "ratio",
    "frequency": "Hz",
    "neutral_current": "A",
    "flow": "m3/h",
    "temperature": "degC",
    "uptime": "s",
}
"""Canonical instantaneous quantities and their canonical units."""

TEXTS: Final = frozenset({"serial_number", "last_reset"})
"""What a device says of itself in words. last_reset: when its counters were cleared, as it
writes it; only whether that changes matters."""

QUANTITIES: Final = frozenset({*REGISTERS, *GAUGES, *TEXTS})
"""Every canonical name."""
NEAR_QUANTITY: Final = 0.85
"""So like a canonical name (difflib's ratio) is one that was probably meant to be it."""

_NO_PLACES: Final = (
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"  # ISO 4217
)
_THREE_PLACES: Final = "BHD IQD JOD KWD LYD OMR TND"
_PLACES: Final = {
    **dict.fromkeys(_NO_PLACES.split(), 0),
    **dict.fromkeys(_THREE_PLACES.split(), 3),
    "CLF": 4,
    "UYW": 4,
}


def currency_places(currency: str) -> int:
    """Decimal places money is printed with: the currency's own exponent (ISO 4217)."""
    return _PLACES.get(currency, 2)


@cache
def cents(currency: str) -> Decimal:
    """The currency's smallest unit, e.g. 0.01."""
    return Decimal(1).scaleb(-currency_places(currency))


def canonical_unit(quantity: str) -> str | None:
    """The unit a quantity is kept and shown in, or None for a name of the user's own."""
    return REGISTERS.get(quantity) or GAUGES.get(quantity)


def is_own_name(quantity: str) -> bool:
    """Whether a name is the user's own beyond doubt: a canonical one with more behind it."""
    return any(quantity.startswith(f"{name}_") for name in QUANTITIES)


def to_amount(value: Decimal, unit: Unit) -> int:
    """`value` in `unit` as an integer of base units, rounded half up (away from zero)."""
    exact = Fraction(value) * unit.factor
    doubled = 2 * abs(exact.numerator) + exact.denominator
    rounded = doubled // (2 * exact.denominator)
    return rounded if exact >= 0 else -rounded


def from_amount(amount: int, unit: Unit) -> Decimal:
    """`amount` base units in `unit`: at most nine places, half up, no trailing zeros."""
    return Decimal(digits(amount, unit))


def digits(amount: int, unit: Unit, least: int = 0) -> str:
    """`from_amount` in decimal digits. least: places that are written even if they are 0."""
    base_units, units = unit.factor.as_integer_ratio()
    return _quotient(amount * units, base_units, least)


def _quotient(over: int, under: int, least: int = 0) -> str:
    """`over / under` in decimal digits, at most nine places, half up (away from zero)."""
    nanos = (2 * NANOS * abs(over) + under) // (2 * under)
    whole, rest = divmod(nanos, NANOS)
    sign = "-" if over < 0 and nanos else ""
    places = f"{rest:09d}".rstrip("0").ljust(least, "0")
    return f"{sign}{whole}.{places}" if places else f"{sign}{whole}"


def plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent."""
    normal = number.normalize(EXACT)
    _sign, _digits, exponent = normal.as_tuple()
    if isinstance(exponent, int) and exponent > 0:
        return normal.quantize(Decimal(1), context=EXACT)
    return normal + 0 if normal else Decimal(0)


def shown(amount: int, unit_name: str) -> str:
    """An amount as the decimal string that JSON carries, in the named unit."""
    return digits(amount, UNITS[unit_name])


def kwh(amount_j: int) -> str:
    """Joules as a decimal string of kilowatt-hours."""
    return shown(amount_j, "kWh")


def decimal_text(value: Fraction) -> str:
    """Any number as JSON carries it: at most nine places, half up, no trailing zeros."""
    return _quotient(*value.as_integer_ratio())


def float_text(value: float) -> str:
    """A number that was read, in the digits it is known by; never with an exponent."""
    return format(plain(Decimal(repr(value))), "f") if isfinite(value) else repr(value)


def parse_decimal(text: str) -> Decimal | None:
    """A finite decimal, or None for anything else (NaN and infinity included)."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None

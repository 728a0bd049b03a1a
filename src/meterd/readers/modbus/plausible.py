"""Whether what a device seems to say obeys physics. Pure: it judges numbers, it reads none.

Voltages are near those that people use, frequencies near 50 or 60 Hz, power is volts times
amperes times the power factor, phases add up to their sum, and a counter rises at the rate of
the power. What says nothing (no load, a phase that is not connected) is neither for nor against.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import log10
from typing import Final, NamedTuple

from meterd.events import Reading
from meterd.units import GAUGES, REGISTERS, UNITS, canonical_unit, from_amount

HERTZ: Final = (45.0, 65.0)
VOLTS: Final = ((55.0, 66.0), (90.0, 760.0))
"""Secondary sides of transformers; low voltage between 100 and 690 V, give or take a tenth."""
VOLTS_MAX: Final = 40_000.0
AMPERES_MAX: Final = 6_300.0
"""Larger transformers are built for hardly anybody."""
FACTOR_MIN: Final = 0.01
KW_MAX: Final = 100_000.0
COUNT_MAX: Final = 1e9
NEAR: Final = 0.1
"""By so much, relatively, two numbers may differ that should be the same."""
IDLE_A: Final = 0.02
"""With less current there is no load from which anything follows."""
STEPS_MIN: Final = 5
"""So many counts of a counter must be expected before its rate says something."""
CLOSEST: Final = 1e-5
CLOSER: Final = 0.25
"""What a tenth of the difference adds, down to CLOSEST."""
STRONG: Final = 2.0
WEAK: Final = 0.5

Values = Mapping[str, float]
"""Quantity -> value, in its canonical unit."""


class Claim(NamedTuple):
    """What speaks for a quantity, or against it (a weight below 0)."""

    quantity: str
    weight: float
    why: str


class Rate(NamedTuple):
    """What was read before, and how many seconds ago. steps: one count of each counter."""

    before: Values
    seconds: float
    steps: Values


def values_of(reading: Reading) -> dict[str, float]:
    """What a reading says, in canonical units."""
    amounts = {
        quantity: float(from_amount(amount, UNITS[canonical_unit(quantity) or "1"]))
        for quantity, amount in reading.registers.items()
        if quantity in REGISTERS
    }
    return amounts | {name: one for name, one in reading.gauges.items() if name in GAUGES}


@lru_cache(maxsize=512)  # the quantities of a device, asked for a million times
def family(quantity: str) -> str:
    """What a quantity's phases have in common: voltage of voltage_l1 and voltage_l12."""
    return re.sub(r"_l[123]+$", "", quantity)


def claims(now: Values, rate: Rate | None = None) -> list[Claim]:
    """Everything that speaks for or against the values."""
    found = [claim for quantity, value in now.items() for claim in _range(quantity, value)]
    found += _powers(now)
    found += _sums(now)
    if rate is not None:
        found += _rates(now, rate)
    return found


def score(found: list[Claim]) -> float:
    """How much speaks for the values; what speaks against them counts three times."""
    return sum(one.weight if one.weight > 0 else 3 * one.weight for one in found)


def _range(quantity: str, value: float) -> Iterator[Claim]:
    kind = family(quantity)
    if kind == "frequency" and value:
        ok = HERTZ[0] <= value <= HERTZ[1]
        yield Claim(quantity, STRONG if ok else -STRONG, f"{value:.5g} Hz")
    elif kind == "voltage" and value:
        if any(low <= value <= high for low, high in VOLTS):
            yield Claim(quantity, STRONG, f"{value:.5g} V")
        elif not VOLTS[1][1] < value <= VOLTS_MAX:
            yield Claim(quantity, -STRONG, f"{value:.5g} V")
    elif kind == "power_factor" and abs(value) >= FACTOR_MIN:
        yield Claim(quantity, WEAK if abs(value) <= 1 else -WEAK, f"{value:.4g}")
    else:
        most = _most(kind)
        if most and (abs(value) > most or (quantity in REGISTERS and value < 0)):
            yield Claim(quantity, -STRONG, f"{value:.5g} is out of every range")
        elif value and abs(value) < 1e-6:
            yield Claim(quantity, -STRONG, f"{value:.3g} is less than anybody measures")


def _most(kind: str) -> float:
    if kind in REGISTERS:
        return COUNT_MAX
    if kind in ("current", "neutral_current"):
        return AMPERES_MAX
    return KW_MAX if kind in ("active_power", "reactive_power", "apparent_power") else 0.0


def _powers(now: Values) -> Iterator[Claim]:
    """Power against volts and amperes, phase by phase and in all."""
    total, loaded = 0.0, False
    for phase in ("_l1", "_l2", "_l3"):
        volts, amperes = now.get(f"voltage{phase}"), now.get(f"current{phase}")
        if volts is None or amperes is None:
            continue
        total, loaded = total + abs(volts * amperes) / 1000, True
        if abs(amperes) >= IDLE_A:
            yield from _against(now, phase, abs(volts * amperes) / 1000)
    if not loaded and "voltage" in now and "current" in now:
        loaded, total = True, abs(now["voltage"] * now["current"]) / 1000
    if loaded and total >= IDLE_A * VOLTS[1][0] / 1000:
        yield from _against(now, "", total)


def _against(now: Values, phase: str, kva: float) -> Iterator[Claim]:
    apparent, power = now.get(f"apparent_power{phase}"), now.get(f"active_power{phase}")
    if apparent is not None:
        off = abs(abs(apparent) - kva) / kva
        why = f"{abs(apparent):.4g} kVA, {kva:.4g} of volts times amperes"
        yield Claim(f"apparent_power{phase}", _agreed(off) or -WEAK, why)
    if power is None:
        return
    factor = now.get("power_factor")
    if factor is not None and FACTOR_MIN <= abs(factor) <= 1 and not phase:
        expected = kva * abs(factor)
        off = abs(abs(power) - expected) / kva
        why = f"{power:.4g} kW, {expected:.4g} of volts, amperes and power factor"
        yield Claim(f"active_power{phase}", _agreed(off) or -STRONG, why)
    else:
        ok = 0.2 * kva <= abs(power) <= (1 + NEAR) * kva
        against = -STRONG if abs(power) > (1 + NEAR) * kva else -WEAK
        why = f"{power:.4g} kW at {kva:.4g} kVA"
        yield Claim(f"active_power{phase}", STRONG if ok else against, why)


def _agreed(off: float) -> float:
    """The weight of two numbers that differ by so much, relatively; 0 if they do not agree.

    The closer the more: words of a neighbour in the place of the last digits are nearly right.
    """
    if off > NEAR:
        return 0.0
    return STRONG + CLOSER * log10(NEAR / max(off, CLOSEST))


def _sums(now: Values) -> Iterator[Claim]:
    for name in ("active_power", "apparent_power"):
        parts = [now.get(f"{name}_l{n}") for n in (1, 2, 3)]
        known = [part for part in parts if part is not None]
        if name in now and len(known) == 3 and abs(now[name]) > 0:
            whole = sum(known)
            off = abs(abs(whole) - abs(now[name])) / abs(now[name])
            yield Claim(name, _agreed(off) or -WEAK, f"its phases are {whole:.4g} together")


def _rates(now: Values, rate: Rate) -> Iterator[Claim]:
    """Counters against the power that fills them."""
    kw = now.get("active_power")
    for quantity in REGISTERS.keys() & now.keys() & rate.before.keys():
        rise = now[quantity] - rate.before[quantity]
        if rise < 0:
            yield Claim(quantity, -STRONG, f"fell by {-rise:.4g}")
        elif quantity in ("energy_import", "energy_export") and kw is not None:
            flows = kw if quantity == "energy_import" else -kw
            yield from _filled(quantity, rise, max(0.0, flows) * rate.seconds / 3600, rate)


def _filled(quantity: str, rise: float, expected: float, rate: Rate) -> Iterator[Claim]:
    step = rate.steps.get(quantity, 0.0)
    if abs(rise - expected) <= max(2 * step, 0.25 * expected):
        if expected > STEPS_MIN * step and rise > 0:
            yield Claim(quantity, STRONG, f"rose by {rise:.4g}, power by {expected:.4g}")
    elif expected > STEPS_MIN * step or rise > expected:
        yield Claim(quantity, -STRONG, f"rose by {rise:.4g}, power by {expected:.4g}")

"""What a low power factor does: demand is scaled up, or reactive energy in excess is charged.

The power factor is the period's mean, kWh / sqrt(kWh^2 + kvarh^2); of nothing there is none,
and no penalty. Source: reference/billing.md section 1.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import isqrt
from typing import Final

from meterd.billing.tariffs.charge import Charge, charged, in_kwh
from meterd.billing.tariffs.metered import Stretch
from meterd.tariff import TariffSpec

SCALE: Final = "scale_demand"
EXCESS: Final = "excess_reactive"
_FINE: Final = 10**15


def root(square: Fraction) -> Fraction:
    """The square root, to fifteen places; that of a square is exact."""
    product = square.numerator * square.denominator
    return Fraction(isqrt(product * _FINE**2), square.denominator * _FINE)


def inverse_power_factor(stretches: Iterable[Stretch]) -> Fraction | None:
    """1 / PF, at least 1; None where no active energy flowed."""
    active = reactive = 0
    for stretch in stretches:
        active += stretch.import_j
        reactive += stretch.reactive
    if not active:
        return None
    return root(1 + Fraction(reactive, active) ** 2)


def scaled(tariff: TariffSpec, stretches: Iterable[Stretch]) -> Fraction:
    """What the kW of demand are multiplied by: kW * 0.90 / PF where PF is below 0.90."""
    rule = tariff.power_factor
    inverse = inverse_power_factor(stretches) if rule and rule.rule == SCALE else None
    if rule is None or inverse is None:
        return Fraction(1)
    return max(Fraction(1), Fraction(rule.below) * inverse)


def reactive(tariff: TariffSpec, stretches: Iterable[Stretch]) -> list[Charge]:
    """The charge for kvarh in excess of `ratio` times the kWh."""
    rule = tariff.power_factor
    if rule is None or rule.rule != EXCESS:
        return []
    used = [(in_kwh(s.import_j), in_kwh(s.reactive)) for s in stretches]
    kwh = sum((active for active, _ in used), Fraction(0))
    kvarh = sum((var for _, var in used), Fraction(0))
    excess = max(Fraction(0), kvarh - Fraction(rule.ratio) * kwh)
    return [charged("reactive energy", excess, "kvarh", rule.rate)]

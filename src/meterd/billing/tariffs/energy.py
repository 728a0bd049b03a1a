"""The price of energy: by zone and tier, or by the prices of a series.

A line for each rate and tier that was used, one for all the energy of a price series. Where
no rate holds, or a price is not known, there is no price: never 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Final

from meterd.billing.tariffs.charge import KWH, Charge, charged, exact_decimal, in_kwh
from meterd.billing.tariffs.metered import Stretch
from meterd.billing.tariffs.tiers import Scale, ends, filled, in_proportion
from meterd.tariff import NOTHING, EnergyRate, TariffSpec
from meterd.units import plain

_RATE_PLACE: Final = Decimal("0.000000001")


def energy(tariff: TariffSpec, stretches: Iterable[Stretch], scale: Scale) -> list[Charge] | None:
    """The charges for imported energy; None when some of it has no price."""
    stretches = list(stretches)
    if tariff.series:
        return _by_price(stretches)
    if any(stretch.zone == NOTHING and stretch.import_j for stretch in stretches):
        return None
    charges = []
    for zone, parts in sorted(by_tier(tariff, stretches, scale).items()):
        rate = tariff.energy[zone]
        for place, (tier, quantity) in enumerate(zip(rate.tiers, parts, strict=True)):
            if quantity or not place:
                charges.append(charged(rate.name, quantity, KWH, tier.rate))
    return charges


def by_tier(
    tariff: TariffSpec, stretches: Iterable[Stretch], scale: Scale
) -> dict[int, list[Fraction]]:
    """Zone -> its energy in each tier of its rate, kWh."""
    used = [(s.zone, in_kwh(s.import_j)) for s in stretches if s.zone != NOTHING]
    limits = {zone: ends(tariff.energy[zone].tiers, scale) for zone, _kwh in used}
    if not tariff.chronological:
        everything = sum((kwh for _zone, kwh in used), Fraction(0))
        own = dict.fromkeys(limits, Fraction(0))
        for zone, kwh in used:
            own[zone] += kwh
        return {zone: in_proportion(limits[zone], kwh, everything) for zone, kwh in own.items()}
    found = {zone: [Fraction(0)] * len(limit) for zone, limit in limits.items()}
    before = Fraction(0)
    for zone, kwh in used:
        parts = filled(limits[zone], before, before + kwh)
        found[zone] = [so_far + part for so_far, part in zip(found[zone], parts, strict=True)]
        before += kwh
    return found


def _by_price(stretches: Iterable[Stretch]) -> list[Charge] | None:
    """One line: its rate is the mean, to nine places, its amount the exact sum."""
    used = amount = Fraction(0)
    for stretch in stretches:
        kwh = in_kwh(stretch.import_j)
        if stretch.price is None:
            if kwh:
                return None
            continue
        used += kwh
        amount += kwh * Fraction(stretch.price)
    mean = exact_decimal(amount / used if used else Fraction(0)).quantize(_RATE_PLACE)
    return [Charge("energy", used, KWH, plain(mean), amount)]


def marginal(rate: EnergyRate, parts: list[Fraction]) -> Decimal:
    """What one more kWh costs: the rate of the last tier that was reached."""
    reached = [tier.rate for tier, part in zip(rate.tiers, parts, strict=True) if part]
    return reached[-1] if reached else rate.tiers[0].rate

"""The demand that is billed, and its price.

Order: the measured peak, scaled for the power factor, then no less than the ratchet and its
minimum, then tiers and rate (billing.md section 1.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from meterd.billing.tariffs.charge import Charge, charged
from meterd.billing.tariffs.metered import Metered, PartUse
from meterd.billing.tariffs.tiers import Scale, ends, filled
from meterd.tariff import Ratchet, TariffSpec


def adjusted(tariff: TariffSpec, part: PartUse, factor: Fraction) -> list[Fraction | None]:
    """Each demand rate's peak; those in kW are scaled by the factor."""
    return [
        reach.kw if reach.kw is None or rate.quantity == "kva" else reach.kw * factor
        for rate, reach in zip(tariff.demand, part.reaches, strict=True)
    ]


def billed(
    tariff: TariffSpec, peaks: Sequence[Fraction | None], metered: Metered
) -> list[Fraction | None]:
    """What is billed of each; None where there is neither a peak nor an earlier one."""
    found = []
    for rate, kw in zip(tariff.demand, peaks, strict=True):
        floor = ratchet(rate.ratchet, rate.name, metered) if rate.ratchet else None
        found.append(max((x for x in (kw, floor) if x is not None), default=None))
    return found


def ratchet(rule: Ratchet, name: str, metered: Metered) -> Fraction | None:
    """The least that is billed: a part of the highest earlier peak, and the minimum.

    A period is of the month it begins in. Before the bill's first period stand the prior
    peaks of the twelve months before it.
    """
    month, past = metered.month, metered.past
    peaks = [
        (entry.month, Fraction(entry.peaks_kw[name])) for entry in past if name in entry.peaks_kw
    ]
    first = min((entry.month for entry in past), default=month)
    if rule.prior_kw:
        peaks += [(at, Fraction(rule.prior_kw[at % 12])) for at in range(first - 12, first)]
    floors = [
        kw * Fraction(rule.percents[at % 12]) / 100
        for at, kw in peaks
        if month - rule.months <= at < month
    ]
    if rule.minimum_kw:
        floors.append(Fraction(rule.minimum_kw))
    return max(floors, default=None)


def base_kw(
    tariff: TariffSpec, part: PartUse, demands: Iterable[Fraction | None]
) -> Fraction | None:
    """The billed demand that tiers per kW go by: the highest of the rates of any time."""
    rates = zip(tariff.demand, part.reaches, demands, strict=True)
    return max(
        (
            kw
            for rate, reach, kw in rates
            if kw is not None and reach.share and rate.schedule.any_time
        ),
        default=None,
    )


def demand(tariff: TariffSpec, part: PartUse, demands: Iterable[Fraction | None]) -> list[Charge]:
    """A line for each rate and tier; a rate whose months leave it no day has none."""
    charges = []
    for rate, reach, kw in zip(tariff.demand, part.reaches, demands, strict=True):
        if kw is None or not reach.share:
            continue
        unit = "kVA" if rate.quantity == "kva" else "kW"
        limits = ends(rate.tiers, Scale(1, Fraction(1), Fraction(1)))
        parts = filled(limits, Fraction(0), kw)
        for place, (tier, quantity) in enumerate(zip(rate.tiers, parts, strict=True)):
            if quantity or not place:
                one = charged(rate.name, quantity, unit, tier.rate)
                charges.append(one.shared(reach.share))
    return charges


def remembered(
    tariff: TariffSpec, peaks: Sequence[Fraction | None], known: dict[str, str]
) -> dict[str, str]:
    """The peaks by the names of their rates, for later periods; the highest of one name."""
    for rate, kw in zip(tariff.demand, peaks, strict=True):
        if kw is not None:
            known[rate.name] = str(max(kw, Fraction(known.get(rate.name, "0"))))
    return known

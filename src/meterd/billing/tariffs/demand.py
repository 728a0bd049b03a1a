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
from meterd.tariff import DemandRate, Ratchet, TariffSpec


def adjusted(tariff: TariffSpec, part: PartUse, factor: Fraction) -> list[Fraction | None]:
    """Each demand rate's peak; those in kW are scaled by the factor."""
    return [
        reach.kw if reach.kw is None or rate.quantity != "kw" else reach.kw * factor
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
        (kw for rate, reach, kw in rates if kw is not None and reach.share and _is_load(rate)),
        default=None,
    )


def _is_load(rate: DemandRate) -> bool:
    """Whether it goes by the highest load of the period, whenever that was."""
    return rate.schedule.any_time and rate.quantity != "kvar" and not rate.daily


def demand(tariff: TariffSpec, part: PartUse, demands: Iterable[Fraction | None]) -> list[Charge]:
    """A line for each rate and tier; a rate whose months leave it no day has none.

    Of a rate that goes by the day the days are added up, each with tiers of its own.
    """
    charges = []
    for rate, reach, kw in zip(tariff.demand, part.reaches, demands, strict=True):
        if kw is None or not reach.share:
            continue
        if not rate.daily:
            charges += [one.shared(reach.share) for one in _by_tier(rate, [kw], rate.unit)]
        else:
            scale = kw / reach.kw if reach.kw else Fraction(1)  # as the highest of them was scaled
            charges += _by_tier(rate, [day * scale for day in reach.days], f"{rate.unit} days")
    return charges


def _by_tier(rate: DemandRate, demands: Iterable[Fraction], unit: str) -> list[Charge]:
    limits = ends(rate.tiers, Scale(1, Fraction(1), Fraction(1)))
    each = [filled(limits, Fraction(0), kw) for kw in demands]
    sums = [sum(parts, Fraction(0)) for parts in zip(*each, strict=True)]
    return [
        charged(rate.name, quantity, unit, tier.rate)
        for place, (tier, quantity) in enumerate(zip(rate.tiers, sums, strict=True))
        if quantity or not place
    ]


def remembered(
    tariff: TariffSpec, peaks: Sequence[Fraction | None], known: dict[str, str]
) -> dict[str, str]:
    """The peaks by the names of their rates, for later periods; the highest of one name."""
    for rate, kw in zip(tariff.demand, peaks, strict=True):
        if kw is not None:
            known[rate.name] = str(max(kw, Fraction(known.get(rate.name, "0"))))
    return known

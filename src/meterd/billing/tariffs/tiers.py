"""Blocks of energy, each at its own rate: how much of it falls into which.

With several rates by time of use the tiers count the energy of all of them together. It is
shared among them in proportion, or in the order of time (billing.md section 1.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from meterd.tariff import Tier


class Scale(NamedTuple):
    """What the ends of tiers are multiplied by. kw: the billed demand.

    days: of the part. share: of the period, as for a version that holds in a part of it.
    """

    days: int
    share: Fraction
    kw: Fraction


def ends(tiers: Sequence[Tier], scale: Scale) -> list[Fraction | None]:
    """Where each tier ends, in the unit of what fills them; None for one without an end."""
    return [
        None
        if tier.up_to is None
        else Fraction(tier.up_to)
        * (scale.kw if "/kW" in tier.unit else 1)
        * (scale.days if tier.unit.endswith("daily") else scale.share)
        for tier in tiers
    ]


def filled(limits: Iterable[Fraction | None], start: Fraction, end: Fraction) -> list[Fraction]:
    """How much of [start, end) lies in each tier; the last takes what is above its end."""
    found = []
    below = Fraction(0)
    limits = list(limits)
    for place, limit in enumerate(limits):
        last = limit is None or place + 1 == len(limits)
        above = end if last or limit is None else max(below, limit)
        found.append(max(Fraction(0), min(end, above) - max(start, below)))
        below = max(below, above)
    return found


def in_proportion(
    limits: Sequence[Fraction | None], own: Fraction, everything: Fraction
) -> list[Fraction]:
    """A rate's energy in its tiers when every rate has the same part of each of them."""
    if not everything:
        return [Fraction(0) for _limit in limits]
    return [part * own / everything for part in filled(limits, Fraction(0), everything)]

"""What a tariff is given of a period: plain numbers, ready to be priced.

They are stored with every closed period, so that its price can be worked out again.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec


class Stretch(msgspec.Struct, frozen=True, array_like=True):
    """Energy of one stretch of one zone, in `month` (1..12) of the wall clock.

    price: per kWh, where a price series says so. reactive: var-seconds.
    """

    start_ms: int
    month: int
    zone: int
    import_j: int
    export_j: int = 0
    reactive: int = 0
    price: Decimal | None = None


class Reach(msgspec.Struct, frozen=True, omit_defaults=True):
    """The peak of one demand rate, kW, kVA or kvar; None without a complete window in its hours.

    share: of the period's days, those that its months leave it. days: of a rate that goes by
    the day, the peaks of those that have one, in their order.
    """

    kw: Fraction | None
    share: Fraction
    days: tuple[Fraction, ...] = ()


class PartUse(msgspec.Struct, frozen=True):
    """What one version of the tariff has to price. version: its place in the terms.

    days: local days; share: of the period's. reaches: one for each demand rate.
    """

    version: int
    days: int
    share: Fraction
    stretches: tuple[Stretch, ...] = ()
    reaches: tuple[Reach, ...] = ()


class Past(msgspec.Struct, frozen=True):
    """What later periods need of one that is over. month: year x 12 + month - 1 of its start.

    peaks_kw: demand rate -> its peak as a fraction, adjusted for the power factor.
    charged: what was charged before minimum and taxes, as a decimal.
    """

    start_ms: int
    month: int
    peaks_kw: dict[str, str] = {}
    charged: str = "0"


class Metered(msgspec.Struct, frozen=True):
    """A period as its tariff sees it. year_ends: it is the last that begins in its year.

    kw: the bill's own peak, kW or kVA.
    """

    month: int
    year_ends: bool
    parts: tuple[PartUse, ...]
    kw: Fraction | None = None
    past: tuple[Past, ...] = ()


def metered_of(written: Any) -> Metered:
    """What a closed period's body holds under "metered"."""
    return msgspec.convert(written, Metered, strict=False, dec_hook=fraction)


def fraction(_kind: type, text: Any) -> Fraction:
    """1/3 as it is written, for msgspec: the only type that is not JSON's own."""
    try:
        return Fraction(text)
    except ZeroDivisionError as error:
        raise ValueError(f"{text} is no number") from error

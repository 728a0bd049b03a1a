"""Taxes and levies: per kWh first, then percentages of all that stands above the first of them.

Percentages do not compound: each is of the same sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from meterd.billing.tariffs.charge import KWH, Charge, charged
from meterd.tariff import Tax


def levies(taxes: Iterable[Tax], kwh: Fraction) -> list[Charge]:
    """What is owed per kWh."""
    return [charged(tax.name, kwh, KWH, tax.per_kwh) for tax in taxes if tax.per_kwh is not None]


def percentages(taxes: Iterable[Tax], currency: str, subtotal: Decimal) -> list[Charge]:
    """What is owed of a sum of money; the rate is printed as a fraction of 1."""
    return [
        charged(tax.name, Fraction(subtotal), currency, tax.percent / 100)
        for tax in taxes
        if tax.percent is not None
    ]

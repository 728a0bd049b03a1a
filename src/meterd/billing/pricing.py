"""From what a period used to what it costs: the seam where a tariff takes its place.

A `Pricing` is given a period's terms and usage and prints lines. Without a tariff the
energy of each source is priced at the source's own rate, one line per distinct rate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

import msgspec

from meterd.billing.money import round_money, total
from meterd.billing.sources import Key, key_of
from meterd.billing.tariffs.metered import Metered
from meterd.metering.demand import Peak
from meterd.specs import BillSpec
from meterd.units import EXACT, JOULES_PER_KWH, kwh, plain


class Line(msgspec.Struct, frozen=True):
    """A printed line; exact decimals as strings, the amount to the currency's exponent."""

    name: str
    quantity: str
    unit: str
    rate: str
    amount: str


class Cost(msgspec.Struct, frozen=True):
    """What a period costs: the total is the sum of the rounded lines."""

    currency: str
    lines: list[Line]
    total: str


class Usage(msgspec.Struct, frozen=True):
    """What a tariff may see of a period.

    energy_j: source -> joules of its own samples, every source that takes part.
    adjustments: (local first day of the closed period, its rate -> joules), oldest first.
    metered: what the terms' tariff has tallied, None without one. accrued: the part of the
    period for which what is fixed is owed: all of it on a bill.
    """

    start_ms: int
    end_ms: int
    energy_j: Mapping[Key, int]
    peak: Peak | None = None
    adjustments: tuple[tuple[str, Mapping[str, int]], ...] = ()
    metered: Metered | None = None
    accrued: Fraction = Fraction(1)


Pricing = Callable[[BillSpec, Usage], Cost | None]


def rate_text(rate: Decimal) -> str:
    """A rate as it is printed and told apart: no trailing zeros."""
    return format(plain(rate), "f")


def source_rates(terms: BillSpec, usage: Usage) -> Cost | None:
    """Each source's energy at its own rate; None when neither source nor adjustment has one.

    A source without a rate is free of charge. Adjustments come at the rates of the closed
    period's terms, on lines of their own.
    """
    lines = source_lines(terms, usage)
    for day, rates in usage.adjustments:
        lines += _lines(f"adjustment {day}", rates, terms.currency)
    return cost_of(lines, terms.currency) if lines else None


def source_lines(terms: BillSpec, usage: Usage) -> list[Line]:
    """A line for each distinct rate of the sources that take part."""
    by_rate: dict[str, int] = {}
    for source in terms.sources:
        key = key_of(source)
        if source.rate_per_kwh is not None and key in usage.energy_j:
            rate = rate_text(source.rate_per_kwh)
            by_rate[rate] = by_rate.get(rate, 0) + usage.energy_j[key]
    return _lines("energy", by_rate, terms.currency)


def _lines(name: str, rates: Mapping[str, int], currency: str) -> list[Line]:
    return [energy_line(name, amount_j, rate, currency) for rate, amount_j in rates.items()]


def energy_line(name: str, amount_j: int, rate: str, currency: str) -> Line:
    """Energy at one rate per kWh: joules x rate, rounded once, half up."""
    exact = EXACT.divide(EXACT.multiply(Decimal(amount_j), Decimal(rate)), Decimal(JOULES_PER_KWH))
    amount = round_money(exact, currency)
    return Line(name, kwh(amount_j), "kWh", rate, format(amount, "f"))


def cost_of(lines: list[Line], currency: str) -> Cost:
    """The lines and their total."""
    amount = total((Decimal(line.amount) for line in lines), currency)
    return Cost(currency, lines, format(amount, "f"))

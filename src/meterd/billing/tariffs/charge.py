"""Charges, exact, and the sheet on which each becomes a line, rounded once.

A charge is a quantity at a rate; what follows from it is a fraction until its line is
printed. The total of a sheet is the sum of its lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from meterd.billing.money import round_money
from meterd.billing.pricing import Line, rate_text
from meterd.units import EXACT, JOULES_PER_KWH, decimal_text

KWH: Final = "kWh"


class Charge(NamedTuple):
    """`quantity` units at `rate`. amount: exact, in money."""

    name: str
    quantity: Fraction
    unit: str
    rate: Decimal
    amount: Fraction

    def shared(self, share: Fraction) -> Charge:
        """The charge for a part of the period; its name says what part."""
        if share == 1:
            return self
        return self._replace(name=f"{self.name} ({share})", amount=self.amount * share)


def charged(name: str, quantity: Fraction, unit: str, rate: Decimal) -> Charge:
    """The charge for a quantity."""
    return Charge(name, quantity, unit, rate, quantity * Fraction(rate))


def in_kwh(amount_j: int) -> Fraction:
    """Joules in kilowatt-hours (or var-seconds in kilovar-hours), exactly."""
    return Fraction(amount_j, JOULES_PER_KWH)


def exact_decimal(amount: Fraction) -> Decimal:
    """Sixty digits of a fraction: more than decides how it is rounded."""
    return EXACT.divide(Decimal(amount.numerator), Decimal(amount.denominator))


class Sheet:
    """The lines of one version's part of a bill, in one currency and one way of rounding."""

    def __init__(self, currency: str, rounding: str) -> None:
        self.currency = currency
        self.lines: list[Line] = []
        self.total = Decimal(0)
        self._rounding = rounding

    def add(self, charges: Iterable[Charge]) -> None:
        """Print a line for each."""
        for charge in charges:
            amount = round_money(exact_decimal(charge.amount), self.currency, self._rounding)
            quantity, rate = decimal_text(charge.quantity), rate_text(charge.rate)
            self.print([Line(charge.name, quantity, charge.unit, rate, format(amount, "f"))])

    def print(self, lines: Iterable[Line]) -> None:
        """Enter lines that are rounded already."""
        for line in lines:
            self.lines.append(line)
            self.total += Decimal(line.amount)

"""Charges are exact; lines are rounded once, and the total is their sum."""

from decimal import Decimal
from fractions import Fraction

from meterd.billing.pricing import Line
from meterd.billing.tariffs.charge import Sheet, charged, exact_decimal, in_kwh


def test_a_charge_for_a_part_of_the_period_says_so() -> None:
    whole = charged("fixed", Fraction(1), "month", Decimal(31)).shared(Fraction(1))
    part = charged("fixed", Fraction(1), "month", Decimal(31)).shared(Fraction(14, 31))
    assert (whole.name, whole.amount) == ("fixed", Fraction(31))
    assert (part.name, part.amount) == ("fixed (14/31)", Fraction(14))


def test_a_third_is_a_third() -> None:
    assert in_kwh(1_200_000) == Fraction(1, 3)
    assert str(exact_decimal(Fraction(1, 3))) == "0." + "3" * 60


def test_each_line_is_rounded_and_the_total_is_the_sum() -> None:
    sheet = Sheet("USD", "half_even")
    eighth = charged("e", Fraction(1), "kWh", Decimal("0.125"))
    sheet.add([eighth, eighth, charged("third", Fraction(1, 3), "kWh", Decimal("-1.50"))])
    sheet.print([Line("own", "1", "kWh", "1", "1.00")])
    assert [line.amount for line in sheet.lines] == ["0.12", "0.12", "-0.50", "1.00"]
    assert sheet.lines[2] == Line("third", "0.333333333", "kWh", "-1.5", "-0.50")
    assert sheet.total == Decimal("0.74")

"""Money that is owed whatever was used."""

from decimal import Decimal
from fractions import Fraction

from tests.billing.tariffs.written import part

from meterd.billing.tariffs.fixed import fixed, owed
from meterd.tariff import Amount

AMOUNTS = (Amount(Decimal(31)), Amount(Decimal("0.50"), "day"), Amount(Decimal(12), "year"))


def test_days_are_counted_and_a_year_is_twelve_periods() -> None:
    for days in (28, 31):
        found = fixed(AMOUNTS, part(days=days))
        assert [charge.amount for charge in found] == [31, Fraction(days, 2), 1]
        assert [charge.unit for charge in found] == ["month", "day", "year"]


def test_a_version_has_its_share_by_days() -> None:
    half = part(days=14, share=Fraction(14, 28))
    assert [charge.amount for charge in fixed(AMOUNTS, half)] == [15.5, 7, 0.5]
    assert owed(AMOUNTS, half) == 23
    assert owed((), half) == 0

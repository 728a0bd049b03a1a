"""What lacks of a month's minimum, and of a year's."""

from decimal import Decimal
from fractions import Fraction

from tests.billing.tariffs.written import (
    JANUARY,
    cost,
    lines,
    metered,
    part,
    past,
    rate,
    tariff,
    used,
)

from meterd.billing.tariffs.minimum import annual_minimum, minimum
from meterd.tariff import Amount

SIXTY = Amount(Decimal(60))
YEAR = Amount(Decimal(1200), "year")


def test_what_lacks_is_topped_up_to_the_cent() -> None:
    spec = tariff(rate("0.30"), fixed=(Amount(Decimal(45)),), minimum=(SIXTY,))
    found = cost(spec, used("10.01"))
    assert lines(found)[-1] == ("minimum", "1", "12", "12.00")
    assert found is not None
    assert found.total == "60.00"
    assert len(lines(cost(spec, used("50")))) == 2


def test_without_a_minimum_a_credit_stays_a_credit() -> None:
    spec = tariff(rate("-0.30"))
    found = cost(spec, used("10"), year_ends=True)
    assert lines(found) == [("energy", "10", "-0.3", "-3.00")]


def test_a_minimum_may_be_by_the_day_and_is_shared_by_versions() -> None:
    daily = tariff(minimum=(Amount(Decimal(2), "day"),))
    (charge,) = minimum(daily, part(days=28), Decimal(50))
    assert charge.amount == 6
    half = minimum(tariff(minimum=(SIXTY,)), part(share=Fraction(1, 2)), Decimal(10))
    assert [charge.amount for charge in half] == [20]


def test_a_year_is_settled_in_the_last_period_that_begins_in_it() -> None:
    eleven = tuple(past(JANUARY + n, "50") for n in range(11))
    december = metered(month=JANUARY + 11, past=eleven, year_ends=True)
    (charge,) = annual_minimum((YEAR, SIXTY), december, Decimal(100))
    assert (charge.name, charge.amount) == ("annual minimum", Fraction(1200 - 650))
    assert annual_minimum((YEAR,), metered(month=JANUARY + 10, past=eleven), Decimal(0)) == []
    assert annual_minimum((), december, Decimal(0)) == []


def test_a_bill_that_began_within_the_year_owes_its_part() -> None:
    late = metered(month=JANUARY + 11, past=(past(JANUARY - 1, "9"),), year_ends=True)
    (charge,) = annual_minimum((YEAR,), late, Decimal(30))
    assert charge.amount == 70


def test_a_year_goes_by_what_was_charged_before_the_months_own_minimum() -> None:
    spec = tariff(fixed=(Amount(Decimal(10)),), minimum=(SIXTY, YEAR))
    eleven = tuple(past(JANUARY + n, "100") for n in range(11))
    found = cost(spec, month=JANUARY + 11, past=eleven, year_ends=True)
    assert lines(found)[1:] == [
        ("minimum", "1", "50", "50.00"),
        ("annual minimum", "1", "90", "90.00"),
    ]

"""Adjustments per kWh, by the month of the energy."""

from decimal import Decimal

from tests.billing.tariffs.written import cost, lines, rate, tariff, used

MONTHS = (Decimal("0.01"), Decimal("-0.02"), Decimal("0.01"), *(Decimal(0),) * 9)


def test_a_line_for_each_rate() -> None:
    spec = tariff(rate("0.30"), fuel=MONTHS)
    found = [used("1", month=1), used("2", month=2), used("3", month=3), used("4", month=4)]
    assert lines(cost(spec, *found))[1:] == [
        ("fuel adjustment", "4", "0.01", "0.04"),
        ("fuel adjustment", "2", "-0.02", "-0.04"),
    ]
    assert len(lines(cost(tariff(rate("0.30")), *found))) == 1

"""Levies per kWh, and percentages of all that stands above the first of them."""

from decimal import Decimal

from tests.billing.tariffs.written import KWH, cost, lines, rate, tariff, used

from meterd.tariff import Export, Tax

VAT = Tax("VAT", percent=Decimal(19))
LEVY = Tax("electricity tax", per_kwh=Decimal("0.0205"))


def test_a_percentage_is_of_everything_above_and_does_not_compound() -> None:
    spec = tariff(rate("0.30"), taxes=(VAT, LEVY, Tax("city", percent=Decimal("1.5"))))
    assert lines(cost(spec, used("100"))) == [
        ("energy", "100", "0.3", "30.00"),
        ("electricity tax", "100", "0.0205", "2.05"),
        ("VAT", "32.05", "0.19", "6.09"),
        ("city", "32.05", "0.015", "0.48"),
    ]


def test_a_levy_is_on_what_was_taken_after_what_is_set_off() -> None:
    spec = tariff(rate("0.30"), export=Export(Decimal(0), "hour"), taxes=(LEVY,))
    assert lines(cost(spec, used("3", export_j=KWH)))[-1][1] == "2"

"""Energy sent out: set off, and paid for."""

from decimal import Decimal
from fractions import Fraction

import msgspec
from tests.billing.tariffs.written import KWH, cost, hours, lines, rate, tariff, used

from meterd.billing.tariffs.export import credit, netted
from meterd.tariff import NOTHING, EnergyRate, Export, Tier

RATE = rate("0.30")
PAID = Decimal("0.08")


def test_every_kwh_out_is_paid_as_measured() -> None:
    spec = tariff(RATE, export=Export(PAID))
    found = lines(cost(spec, used("5", export_j=2 * KWH), used("0", export_j=KWH)))
    assert found == [("energy", "5", "0.3", "1.50"), ("export", "-3", "0.08", "-0.24")]


def test_without_export_in_the_tariff_it_is_worth_nothing() -> None:
    assert lines(cost(tariff(RATE), used("5", export_j=KWH))) == [("energy", "5", "0.3", "1.50")]
    assert credit(tariff(RATE), [used("5", export_j=KWH)]) == []


def test_within_an_hour_they_are_set_off() -> None:
    spec = tariff(RATE, export=Export(PAID, "hour"))
    found = lines(cost(spec, used("5", export_j=2 * KWH), used("1", export_j=3 * KWH)))
    assert found == [("energy", "3", "0.3", "0.90"), ("export", "-2", "0.08", "-0.16")]


def test_within_a_period_they_are_set_off_zone_by_zone() -> None:
    two = hours({"hours": "8-20"}, None)
    spec = tariff(RATE, rate("0.10"), schedule=two, export=Export(PAID, "period"))
    found = [used("1", 0, export_j=4 * KWH, reactive=1), used("5", 1), used("2", 0, reactive=2)]
    day, night = netted(spec, found)
    assert (day.import_j, day.export_j, day.reactive) == (0, KWH, 3)
    assert (night.import_j, night.export_j) == (5 * KWH, 0)


def test_a_period_of_two_months_is_one_unless_fuel_is_priced_by_the_month() -> None:
    spec = tariff(RATE, export=Export(PAID, "period"))
    both = [used("5", month=1), used("0", month=2, export_j=2 * KWH)]
    (whole,) = netted(spec, both)
    assert (whole.import_j, whole.export_j) == (3 * KWH, 0)
    assert len(netted(msgspec.structs.replace(spec, fuel=(PAID,) * 12), both)) == 2


def test_by_a_series_each_price_is_set_off_by_itself() -> None:
    spec = tariff(series="spot", export=Export(PAID, "period"))
    hour = used("1", price=Decimal(1))
    assert len(netted(spec, [hour, msgspec.structs.replace(hour, start_ms=5)])) == 2


def test_a_record_may_say_in_its_tiers_what_is_paid() -> None:
    sold = EnergyRate("energy", (Tier(Decimal("0.30"), sell=Decimal("0.05")),))
    spec = tariff(sold, RATE, export=Export())
    out = [used("0", 0, export_j=KWH), used("0", 1, export_j=KWH), used("0", NOTHING, export_j=1)]
    assert [(charge.rate, charge.amount * 20) for charge in credit(spec, out)] == [
        (Decimal("0.05"), Fraction(-1))
    ]

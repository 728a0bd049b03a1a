"""A schedule is a table of months, days and hours."""

from meterd.tariff import ALWAYS, HOLIDAY, NOTHING, TariffSpec
from tests.billing.tariffs.written import hours


def test_a_schedule_is_looked_up() -> None:
    table = hours({"months": "6-9", "days": "mon-fri", "hours": "14-20"}, {"days": "sun"})
    assert [table.zone(6, 0, hour) for hour in (13, 14, 19, 20)] == [NOTHING, 0, 0, NOTHING]
    assert (table.zone(5, 0, 14), table.zone(6, 5, 14)) == (NOTHING, NOTHING)
    assert (table.zone(1, 6, 0), table.zone(1, HOLIDAY, 0)) == (1, 1)
    assert len(table.days) == 3


def test_whether_it_holds_at_any_time() -> None:
    assert ALWAYS.any_time
    assert hours({"months": "6-9"}).any_time
    assert not hours({"hours": "6-9"}).any_time
    assert not hours({"days": "mon-fri"}).any_time


def test_whether_a_tariff_prices_energy() -> None:
    assert TariffSpec("t", "EUR", series="spot").prices_energy
    assert not TariffSpec("t", "EUR").prices_energy

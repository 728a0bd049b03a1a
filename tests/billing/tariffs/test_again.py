"""What was metered as it is compared: equal neighbours are one, prices are read from it."""

from decimal import Decimal
from fractions import Fraction

from tests.billing.tariffs.written import metered, part, tariff, used

from meterd.billing.tariffs.again import stored_prices, told
from meterd.tariff import NOTHING, Export, PriceSeries

HOUR = 3_600_000
DEAR, CHEAP = Decimal("0.5"), Decimal("-0.1")
SPOT = tariff(series="spot")
FLAT = tariff()
HOURLY = tariff(series="spot", export=Export(net="hour"))


def test_nothing_was_metered_without_a_tariff() -> None:
    assert told(None, ()) == {}


def test_neighbours_of_one_price_are_one() -> None:
    stretches = (
        used("1", price=DEAR),
        used("2", start_ms=HOUR, price=DEAR, export_j=5, reactive=7),
        used("3", start_ms=2 * HOUR, price=CHEAP),
        used("4", start_ms=3 * HOUR, price=DEAR),
    )
    found = told(metered(part(*stretches), kw=Fraction(1, 3)), (SPOT,))
    assert [found[f"metered part 0 stretch {n}"]["import_j"] // HOUR for n in range(3)] == [3, 3, 4]
    first = found["metered part 0 stretch 0"]
    assert (first["export_j"], first["reactive"], first["price"]) == (5, 7, "0.5")
    assert found["metered kw"] == "1/3"
    assert "metered part 0 stretch 3" not in found


def test_hours_stay_apart_where_export_is_set_off_within_them() -> None:
    stretches = (used("1"), used("2", start_ms=HOUR // 2), used("3", start_ms=HOUR))
    apart = told(metered(part(*stretches)), (HOURLY,))
    assert [apart[f"metered part 0 stretch {n}"]["import_j"] // HOUR for n in (0, 1)] == [3, 3]
    assert "metered part 0 stretch 2" not in apart
    assert "metered part 0 stretch 1" not in told(metered(part(*stretches)), (SPOT,))


def test_peaks_are_told_one_by_one() -> None:
    found = told(metered(part(kws=["2", None])), (FLAT,))
    assert (found["metered part 0 peak 0"], found["metered part 0 peak 1"]) == (
        ("2", "1"), (None, "1"),
    )  # fmt: skip


def test_the_prices_of_all_parts_are_read_again() -> None:
    parts = (
        part(used("1"), version=NOTHING),
        part(used("1", start_ms=1), version=0),
        part(used("1", start_ms=HOUR, price=DEAR), used("1", start_ms=2 * HOUR), version=1),
        part(used("1", start_ms=3 * HOUR, price=CHEAP), version=2),
    )
    seen = metered(*parts)
    assert stored_prices(seen, (FLAT, SPOT, HOURLY), 9 * HOUR) == {
        "spot": PriceSeries((HOUR, 2 * HOUR, 3 * HOUR), (DEAR, None, CHEAP), 9 * HOUR)
    }
    assert told(seen, (FLAT, SPOT, HOURLY))["metered part 0"] == (NOTHING, 31, "1")

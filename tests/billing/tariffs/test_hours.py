"""Which version, zone and price an instant belongs to."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.billing.site import BERLIN, DAY, FEBRUARY, HOUR, JANUARY, KWH, MINUTE, at
from tests.billing.tariffs.written import day, hours, rate, tariff

from meterd.billing.tariffs.hours import Hours, Zones, days_of, parts
from meterd.metering.calendar import Calendar, parse_iso
from meterd.tariff import ALWAYS, NOTHING, Export, PriceSeries, TariffSpec

SPAN = (JANUARY, FEBRUARY)
TWO = hours({"hours": "8-20", "days": "mon-fri"}, None)
PLAIN = tariff(rate("1"))


def zone(spec: TariffSpec, at_ms: int, calendar: Calendar = BERLIN) -> int:
    return Hours((spec,), calendar.month(at_ms), calendar).place(at_ms, 1).zone


def test_the_hour_of_the_local_clock_decides() -> None:
    spec = tariff(rate("1"), rate("2"), schedule=TWO)
    friday = ["07:59", "08:00", "19:59", "20:00"]
    assert [zone(spec, at("01-02", hour)) for hour in friday] == [1, 0, 0, 1]
    assert zone(spec, at("01-03", "12:00")) == 1
    assert zone(spec, at("07-01", "08:00")) == 0


def test_a_holiday_is_priced_as_a_sunday() -> None:
    spec = tariff(rate("1"), rate("2"), schedule=TWO, holidays=(day("01-02"),))
    assert zone(spec, at("01-02", "12:00")) == 1


def test_a_stretch_is_one_zone_within_one_day() -> None:
    found = Hours((tariff(rate("1"), rate("2"), schedule=TWO),), SPAN, BERLIN)
    place = found.place(at("01-02", "12:34"), 1)
    assert (place.start_ms, place.end_ms) == (at("01-02", "08:00"), at("01-02", "20:00"))
    night = found.place(at("01-02", "23:00"), 1)
    assert (night.start_ms, night.end_ms) == (at("01-02", "20:00"), at("01-03"))


def test_both_of_an_hour_that_comes_twice_are_that_hour() -> None:
    spec = tariff(rate("1"), rate("2"), schedule=hours({"hours": "2-3"}, None))
    twice = parse_iso("2026-10-25T02:00:00+02:00")
    found = [zone(spec, twice + n * HOUR) for n in (-1, 0, 1, 2)]
    assert found == [1, 0, 0, 1]
    skipped = parse_iso("2026-03-29T01:59:00+01:00")
    assert [zone(spec, skipped + n * MINUTE) for n in (0, 1, 61)] == [1, 1, 1]


def test_hours_that_begin_on_the_half_hour() -> None:
    kolkata, howe = Calendar("Asia/Kolkata"), Calendar("Australia/Lord_Howe")
    spec = tariff(rate("1"), rate("2"), schedule=hours({"hours": "8-9"}, None))
    assert zone(spec, parse_iso("2026-01-05T08:00:00+05:30"), kolkata) == 0
    assert zone(spec, parse_iso("2026-01-05T09:00:00+05:30"), kolkata) == 1
    shorter = "2026-10-04T08:00:00+11:00"  # its clocks go half an hour ahead at two
    assert [zone(spec, parse_iso(shorter) + n, howe) for n in (-1, 0, HOUR - 1, HOUR)] == [
        1, 0, 0, 1
    ]  # fmt: skip


@given(st.integers(0, 4_000_000_000_000))
def test_stretches_hold_their_instant_and_tile(at_ms: int) -> None:
    zones = Zones(TWO, frozenset(), BERLIN)
    start, end, found = zones.at(at_ms)
    assert start <= at_ms < end
    assert zones.at(start) == zones.at(end - 1) == (start, end, found)
    assert end - start <= 25 * HOUR


def test_an_instant_of_the_day_before_is_found_after_one_of_the_day() -> None:
    zones, noon_ms = Zones(TWO, frozenset(), BERLIN), parse_iso("2026-01-05T12:00:00+01:00")
    zones.at(noon_ms + DAY)
    start, end, _zone = zones.at(noon_ms)
    assert start <= noon_ms < end


# -- versions ---------------------------------------------------------------------------------


def test_versions_tile_a_period_and_share_it_by_days() -> None:
    later = tariff(rate("2"), valid_from=day("01-11"))
    first, then = parts((PLAIN, later), SPAN, BERLIN)
    assert (first.version, first.days, first.share) == (0, 10, Fraction(10, 31))
    assert (then.version, then.days, then.share) == (1, 21, Fraction(21, 31))
    assert (first.end_ms, then.start_ms, then.end_ms) == (at("01-11"), at("01-11"), FEBRUARY)
    found = Hours((PLAIN, later), SPAN, BERLIN)
    assert found.place(at("01-10", "23:59"), 1).version == 0
    assert found.place(at("01-11"), 1).version == 1
    assert found.part(FEBRUARY + DAY).version == 1


def test_versions_that_are_over_or_not_yet_do_not_count() -> None:
    old = tariff(rate("1"), valid_from=None)
    now = tariff(rate("2"), valid_from=day("01-01"))
    later = tariff(rate("3"), valid_from=day("02-01"))
    (only,) = parts((old, now, later), SPAN, BERLIN)
    assert (only.version, only.days) == (1, 31)


def test_before_the_first_version_there_is_none() -> None:
    found = Hours((tariff(rate("1"), valid_from=day("01-11")),), SPAN, BERLIN)
    assert [part.version for part in found.parts] == [NOTHING, 0]
    assert found.place(at("01-05"), 1) == (JANUARY, at("01-11"), NOTHING, NOTHING)


def test_days_are_local() -> None:
    assert days_of(BERLIN, at("03-01"), at("04-01")) == 31


# -- prices -----------------------------------------------------------------------------------

SERIES = PriceSeries(
    (JANUARY, JANUARY + HOUR, JANUARY + 3 * HOUR),
    (Decimal("0.1"), Decimal("-0.2"), Decimal("0.3")),
    JANUARY + 4 * HOUR,
)
STEPPED = PriceSeries(SERIES.times_ms, SERIES.rates, SERIES.end_ms, HOUR)
SPOT = tariff(series="spot")


@pytest.mark.parametrize(
    ("hour", "price", "stepped"),
    [(-1, None, None), (0, "0.1", "0.1"), (1, "-0.2", "-0.2"), (2, "-0.2", None), (3, "0.3", "0.3"),
     (4, None, None)],
)  # fmt: skip
def test_a_price_holds_until_the_next(hour: int, price: str | None, stepped: str | None) -> None:
    for series, expected in ((SERIES, price), (STEPPED, stepped)):
        found = Hours((SPOT,), SPAN, BERLIN, {"spot": series}).price(0, JANUARY + hour * HOUR)
        assert found == (None if expected is None else Decimal(expected))


def test_a_stretch_is_one_price_or_as_long_as_is_asked_where_there_is_none() -> None:
    found = Hours((SPOT,), SPAN, BERLIN, {"spot": SERIES})
    assert found.place(JANUARY + 2 * HOUR, 5)[:2] == (JANUARY + HOUR, JANUARY + 3 * HOUR)
    assert found.place(JANUARY + 9 * HOUR, 5)[:2] == (JANUARY + 9 * HOUR, JANUARY + 9 * HOUR + 5)
    assert Hours((SPOT,), SPAN, BERLIN).price(0, JANUARY) is None


def test_what_is_set_off_by_the_hour_is_summed_by_the_hour() -> None:
    spec = tariff(rate("1"), export=Export(Decimal(1), "hour"))
    place = Hours((spec,), SPAN, BERLIN).place(at("01-02", "12:34"), 1)
    assert (place.start_ms, place.end_ms) == (at("01-02", "12:00"), at("01-02", "13:00"))
    kolkata = Calendar("Asia/Kolkata")
    noon = parse_iso("2026-01-05T12:00:00+05:30")
    span = kolkata.month(noon)
    assert Hours((spec,), span, kolkata).place(noon + KWH - 1, 1).start_ms == noon
    assert spec.schedule == ALWAYS

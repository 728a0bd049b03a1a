"""PUE: which meters, which windows, and when it is shown."""

from fractions import Fraction

import pytest
from tests.metering.facility import BERLIN, DAY, HOUR, MIDNIGHT, fresh, hours, shown, used

from meterd.metering import pue
from meterd.metering.calendar import iso, parse_iso
from meterd.metering.pue import sides
from meterd.specs import ChainMeter
from meterd.views import PueFigure

# -- sides --------------------------------------------------------------------------------

SITE = (
    ChainMeter("grid-a", "utility_entrance", feed="a"),
    ChainMeter("grid-b", "utility_entrance", feed="b"),
    ChainMeter("genset", "generator_output"),
    ChainMeter("genset-test", "generator_output", parent="genset"),
    ChainMeter("ups-a", "ups_output", parent="grid-a", feed="a"),
    ChainMeter("floor", "floor_distribution_board", parent="ups-a"),
    ChainMeter("rpp", "room_panel_board", parent="floor"),
    ChainMeter("pdu", "rack_pdu", parent="rpp"),
    ChainMeter("server", "it_load", parent="pdu"),
    ChainMeter("cage", "it_load", parent="rpp"),
    ChainMeter("hvac", "mechanical_load", parent="grid-a"),
    ChainMeter("pdu-unread", "rack_pdu", parent="rpp", measures=False),
)


@pytest.mark.parametrize(
    ("category", "it"), [(1, ("ups-a",)), (2, ("floor",)), (3, ("pdu", "cage"))]
)
def test_the_sides_of_a_category(category: int, it: tuple[str, ...]) -> None:
    assert sides(SITE, category) == (("grid-a", "grid-b", "genset"), it)


def test_a_site_with_one_side_has_no_pue() -> None:
    assert sides(SITE[:6], 3) is None
    assert sides(SITE[4:], 3) is None


# -- windows ------------------------------------------------------------------------------


def test_before_anything_is_known_nothing_is_shown() -> None:
    made = fresh()
    assert made.figures() == []
    hours(made, 0, 1, grid=15, pdu1=5)
    assert made.figures() == []


def test_a_day_is_shown_from_its_first_hour_and_ends_where_all_are_known_to() -> None:
    made = fresh()
    hours(made, 0, 1, grid=15, pdu1=5, pdu2=5)
    hours(made, 1, 1, grid=99, pdu1=99)  # waits for the other
    day, month, year, rolling = made.figures()
    assert day == PueFigure(3, "day", MIDNIGHT, MIDNIGHT + HOUR, 15, 10, 1.0, 1.0, 1.5)
    assert [iso(one.start_ms) for one in (month, year, rolling)] == [
        "2025-12-31T23:00:00Z",
        "2025-12-31T23:00:00Z",
        "2025-01-10T23:00:00Z",
    ]
    assert {one.reason for one in (month, year, rolling)} == {"incomplete"}
    assert month.it_coverage == float(Fraction(1, 9 * 24 + 1))


def test_a_year_of_days() -> None:
    made = fresh((("grid",), ("pdu",)))
    at_ms = parse_iso("2025-01-01T00:00:00+01:00")
    changed_ms = parse_iso("2025-12-01T00:00:00+01:00")
    end_ms = parse_iso("2026-01-02T00:00:00+01:00")
    while at_ms < end_ms:
        start_ms, next_ms = BERLIN.day(at_ms)
        made.take(used("grid", start_ms, 300 if start_ms < changed_ms else 200, next_ms - start_ms))
        made.take(used("pdu", start_ms, 100, next_ms - start_ms))
        at_ms = next_ms
    assert shown(made) == {
        "day": 2.0,
        "month": 2.0,
        "year": 2.0,
        "12m": round((333 * 300 + 32 * 200) / 36500, 6),
    }
    rolling = made.figures()[3]
    assert (iso(rolling.start_ms), iso(rolling.end_ms)) == (
        "2025-01-01T23:00:00Z",
        "2026-01-01T23:00:00Z",
    )


def test_days_beyond_twelve_months_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pue, "DAYS_MAX", 3)
    made = fresh((("grid",), ("pdu",)))
    for day in range(5):
        hours(made, 24 * day, 1, grid=3, pdu=2)
    assert list(made.state.days) == [MIDNIGHT + day * DAY for day in (2, 3, 4)]


# -- when it is shown ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lacking_ms", "ratio"), [(DAY // 100, 1.5), (DAY // 100 + 1, "incomplete")]
)
@pytest.mark.parametrize("side", [0, 1])
def test_ninety_nine_percent_of_both_sides(lacking_ms: int, ratio: float | str, side: int) -> None:
    made = fresh((("grid",), ("pdu",)))
    for index, (meter, amount) in enumerate((("grid", 3), ("pdu", 2))):
        missing_ms = lacking_ms if index == side else 0
        made.take(used(meter, MIDNIGHT, amount, DAY, missing_ms=missing_ms))
    assert shown(made)["day"] == ratio


def test_a_side_covers_an_instant_if_all_its_meters_do() -> None:
    made = fresh((("grid",), ("pdu1", "pdu2")))
    made.take(used("grid", MIDNIGHT, 3, DAY))
    for meter in ("pdu1", "pdu2"):
        made.take(used(meter, MIDNIGHT, 1, DAY, missing_ms=DAY // 100 - HOUR // 12))
    assert shown(made)["day"] == "incomplete"
    assert made.figures()[0].facility_coverage == 1.0


def test_less_than_one_is_an_error_of_the_data() -> None:
    made = fresh((("grid",), ("pdu",)))
    hours(made, 0, 1, grid=99, pdu=100)
    assert shown(made)["day"] == "below_one"
    hours(made, 1, 1, grid=101, pdu=100)
    assert shown(made)["day"] == 1.0


def test_without_it_energy_there_is_no_ratio() -> None:
    made = fresh((("grid",), ("pdu",)))
    hours(made, 0, 1, grid=99, pdu=0)
    assert shown(made)["day"] == "no_it_energy"


def test_time_that_nobody_covers_counts_too() -> None:
    made = fresh((("grid",), ("pdu",)))
    hours(made, 0, 1, grid=3, pdu=2)
    hours(made, 2, 1, grid=3, pdu=2)
    assert shown(made)["day"] == "incomplete"

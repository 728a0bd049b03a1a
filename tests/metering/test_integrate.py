"""Energy from power: trapezoids, the carried joule, both directions, and what is missing."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.events import GOOD, MISSING, Booking
from meterd.metering.calendar import parse_iso
from meterd.metering.integrate import Integrator, PowerState, milliwatts

NOON = parse_iso("2026-01-10T12:00:00Z")
KW = 1_000_000


def integrator(event: str = "") -> Integrator:
    return Integrator("m", PowerState(), event)


def fed(*readings: tuple[float, float]) -> list[tuple[Booking, Booking]]:
    """(seconds after noon, kW) -> what each reading booked."""
    power, booked = integrator(), []
    for at_s, power_kw in readings:
        pair = power.observe(NOON + round(at_s * 1000), 0, milliwatts(power_kw))
        if pair is not None:
            booked.append(pair)
    return booked


def joules(pairs: list[tuple[Booking, Booking]]) -> list[tuple[int, int]]:
    return [(taken.amount, given.amount) for taken, given in pairs]


def test_the_first_power_books_no_energy() -> None:
    ((taken, given),) = fed((0, 5))
    assert (taken.amount, given.amount) == (0, 0)
    assert (taken.quantity, given.quantity) == ("energy_import", "energy_export")
    assert taken.start_ms == taken.end_ms == NOON


@pytest.mark.parametrize(
    ("readings", "imported", "exported"),
    [
        ([(0, 2.0), (60, 2.0)], 120_000, 0),
        ([(0, 0.0), (60, 2.0)], 60_000, 0),
        ([(0, -2.0), (60, -4.0)], 0, 180_000),
        ([(0, 3.0), (40, -1.0)], 45_000, 5_000),  # crosses zero after thirty seconds
        ([(0, -1.0), (40, 3.0)], 45_000, 5_000),
        ([(0, 0.0), (40, 0.0)], 0, 0),
    ],
    ids=["steady", "rising", "exporting", "turning to export", "turning to import", "idle"],
)
def test_the_area_under_the_line_is_booked(
    readings: list[tuple[float, float]], imported: int, exported: int
) -> None:
    assert joules(fed(*readings))[-1] == (imported, exported)


def test_the_fraction_of_a_joule_is_carried() -> None:
    pairs = fed(*((tenth / 10, 0.001) for tenth in range(31)))  # a watt, ten times a second
    assert sum(taken.amount for taken, _ in pairs) == 3


@pytest.mark.parametrize(("span_s", "quality", "energy"), [(900, GOOD, 900), (901, MISSING, 0)])
def test_across_more_than_fifteen_minutes_nothing_is_invented(
    span_s: int, quality: str, energy: int
) -> None:
    taken, given = fed((0, 0.001), (span_s, 0.001))[-1]
    assert (taken.quality, given.quality) == (quality, quality)
    assert (taken.amount, taken.end_ms - taken.start_ms) == (energy * 1, span_s * 1000)


def test_a_power_no_later_than_the_last_is_no_news() -> None:
    assert len(fed((0, 1), (10, 1), (10, 5), (5, 5))) == 2


def test_a_step_of_the_wall_clock_makes_no_energy_and_no_time_twice() -> None:
    power = integrator()
    power.observe(NOON, 1_000, KW)
    stepped = power.observe(NOON - 3_600_000, 11_000, KW)
    after = power.observe(NOON - 3_590_000, 21_000, KW)
    assert stepped is not None
    assert after is not None
    bookings = [stepped[0], after[0]]
    assert [booking.amount for booking in bookings] == [10_000, 10_000]
    assert all(one.end_ms == two.start_ms for one, two in pairwise(bookings))
    assert {booking.end_ms for booking in bookings} == {NOON}


def test_after_a_boot_the_wall_clock_orders_powers() -> None:
    power = integrator()
    power.observe(NOON, 900_000, KW)
    power.state.mono_ms = 0
    pair = power.observe(NOON + 10_000, 5, KW)
    assert pair is not None
    assert pair[0].amount == 10_000


def test_what_was_assumed_is_said_with_the_booking() -> None:
    pair = integrator("pf_assumed").observe(NOON, 0, KW)
    assert pair is not None
    assert {booking.event for booking in pair} == {"pf_assumed"}


@pytest.mark.law
@given(
    st.lists(
        st.tuples(st.integers(1, 900_000), st.integers(-(10**9), 10**9)), min_size=1, max_size=30
    )
)
def test_the_sum_is_the_area_to_the_joule(powers: list[tuple[int, int]]) -> None:
    """However it is cut: both sides are exact but for a carried joule and a half a crossing."""
    power = integrator()
    at_ms, last, net, crossings = NOON, 0, Fraction(0), 0
    power.observe(at_ms, 0, 0)
    imported = exported = 0
    for span_ms, power_mw in powers:
        at_ms += span_ms
        pair = power.observe(at_ms, 0, power_mw)
        assert pair is not None
        assert all(booking.amount >= 0 for booking in pair)
        imported, exported = imported + pair[0].amount, exported + pair[1].amount
        net += Fraction((last + power_mw) * span_ms, 2_000_000)
        crossings += last * power_mw < 0
        last = power_mw
    assert abs(imported - exported - net) <= 1 + Fraction(crossings, 2_000_000)

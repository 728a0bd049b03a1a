"""A register's books: measures, entries, memory and what is told."""

from typing import Any

import pytest
from tests.metering.days import KWH, T0, balance, counter, live, tiles

from meterd.events import GAP, GOOD, MISSING, QUESTIONABLE, Event
from meterd.metering.counter import Counter
from meterd.metering.journal import Journal
from meterd.metering.register import Mark, Swap, elapsed


def mark(at_s: int, kwh: int, mono_s: int = 0) -> Mark:
    return Mark(kwh * KWH, T0 + at_s * 1000, mono_s * 1000)


def opened(**spec: Any) -> Counter:
    """A register whose baseline is 500 kWh at the first second."""
    register = counter(**spec)
    register.observe(mark(0, 500), Journal(str))
    register.bookings = []
    return register


# -- measures ------------------------------------------------------------------------------


@pytest.mark.parametrize(("span_s", "kwh"), [(3600, 100), (360, 10), (36, 1), (1, 1), (0, 1)])
def test_the_ceiling_allows_at_least_one_count(span_s: int, kwh: int) -> None:
    assert counter().cap(span_s * 1000) == kwh * KWH


def test_without_a_ceiling_any_rise_fits_and_no_fall() -> None:
    register = counter(per_hour=None)
    assert register.cap(1) is None
    assert register.fits(mark(0, 0), mark(1, 10**9))
    assert not register.fits(mark(0, 5), mark(1, 4))


def test_time_is_monotonic_within_a_boot_and_wall_clock_otherwise() -> None:
    assert elapsed(mark(0, 0, 100), mark(9000, 0, 160)) == 60_000
    assert elapsed(mark(0, 0, 100), mark(9000, 0)) == 9_000_000
    assert elapsed(mark(0, 0), mark(9000, 0, 160)) == 9_000_000


@pytest.mark.parametrize(
    ("kwh", "ulp"), [(1, 2**-23), (1000, 2**-14), (131_072, 2**-6), (20_000_000, 2.0), (0, 0.0)]
)
def test_a_float32_is_as_fine_as_its_value_lets_it_be(kwh: int, ulp: float) -> None:
    assert counter(float32=KWH).jitter(kwh * KWH) == int(ulp * KWH) + 1


def test_the_wider_jitter_counts() -> None:
    assert counter(jitter=2, float32=KWH).jitter(KWH) == 2 * KWH
    assert counter(jitter=2).jitter(KWH) == 2 * KWH


def test_the_last_digit_of_a_float32_is_jitter() -> None:
    register = counter(float32=KWH)
    journal = Journal(str)
    register.observe(Mark(131_072 * KWH, T0), journal)
    ulp = KWH // 64
    assert register.observe(Mark(131_072 * KWH - ulp // 2, T0 + 360_000), journal)[0].amount == 0
    assert [o.kind for o in journal.outputs if isinstance(o, Event)] == ["baseline_set"]


# -- entries -------------------------------------------------------------------------------


def test_a_debt_is_paid_before_anything_is_booked() -> None:
    register = opened()
    moves = [(498, -2), (499, 1), (503, 4)]
    booked = [register.move(mark(n, kwh), used * KWH) // KWH for n, (kwh, used) in enumerate(moves)]
    assert booked == [0, 0, 3]
    assert register.state.debt == 0
    balance(register)


@pytest.mark.parametrize(
    ("kwh", "entry"),
    [
        (507, {"amount": 7}),
        (500, {"amount": 0}),
        (507, {"amount": 0, "unbilled": 7}),
        (3, {"amount": 0}),
        (3, {"amount": 503, "rolled": 1000}),
        (507, {"amount": -5}),
    ],
    ids=["used", "unused", "unbilled", "reset", "rolled over", "taken back"],
)
def test_every_move_of_the_dial_is_explained(kwh: int, entry: dict[str, int]) -> None:
    register = opened()
    amounts = {name: amount * KWH for name, amount in entry.items()}
    register.move(mark(60, kwh), **amounts)
    assert register.state.dial == kwh * KWH
    balance(register)


def test_entries_cover_time_without_a_hole() -> None:
    register = opened()
    register.lose(mark(60, 3), "reset", "reset_confirmed", 7 * KWH)
    register.enter(mark(120, 505), 5 * KWH)
    register.enter(mark(90, 506), KWH, "flaky_cleared", QUESTIONABLE)
    register.enter(mark(1021, 507), KWH)
    register.book_rollover(mark(1080, 4), 10 * KWH, GOOD)
    register.book_rollover(mark(1081, 40), 10 * KWH, GOOD)
    rows = [
        ((b.end_ms - T0) // 1000, b.amount // KWH, b.quality, b.cut, b.after // KWH, b.event)
        for b in register.bookings
    ]
    assert rows == [
        (60, 0, MISSING, "reset", 0, "reset_confirmed"),
        (120, 5, GOOD, "", 0, ""),
        (120, 1, QUESTIONABLE, "", 0, "flaky_cleared"),
        (1021, 1, GAP, "", 0, ""),
        (1080, 10, GOOD, "rollover", 4, "rollover"),
        (1081, 10, GOOD, "rollover", 10, "rollover"),  # what paid a debt is not past the wrap
    ]
    assert register.bookings[0].unbilled == 7 * KWH
    tiles(register.bookings)


def test_the_first_baseline_after_a_swap_is_remembered_once() -> None:
    register = opened()
    register.take_over(mark(60, 3))
    assert register.state.swap is None  # nothing was swapped
    register.state.swap = Swap(mark(0, 500))
    register.take_over(mark(60, 3))
    register.take_over(mark(120, 5))
    assert register.state.swap == Swap(mark(0, 500), mark(60, 3))


# -- telling -------------------------------------------------------------------------------


def test_an_event_carries_its_numbers_in_the_registers_own_unit() -> None:
    journal = Journal(str)
    counter(unit="MWh").note(journal, "baseline_set", mark(0, 1500))
    opened(unit="MWh").note(journal, "reset", mark(90, 3), booked=KWH, ceiling=None)
    counter(unit="MWh").note(journal, "read_failed", mark(0, 0))
    first, second, failed = [event for event in journal.take() if isinstance(event, Event)]
    assert first.numbers == {"value": "1.5", "unit": "MWh"}
    assert failed.numbers == {"unit": "MWh"}, "what was not read is not 0"
    assert second.numbers == {
        "value": "0.003", "unit": "MWh", "baseline": "0.5", "elapsed_s": 90.0, "booked": "0.001",
    }  # fmt: skip
    assert (second.meter, second.quantity, second.kind) == ("m", "energy_import", "reset")


# -- memory --------------------------------------------------------------------------------


def test_a_remembered_level_is_forgotten_after_twelve_readings_that_moved() -> None:
    register = counter()
    live(register, "0 500 baseline_set 0\n360 10! reset 0")
    for index in range(12):
        live(register, f"{720 + index * 360} {11 + index} - 1")
    assert register.state.goods == ()


def test_at_most_four_levels_are_remembered() -> None:
    register = counter()
    day = "0 900 baseline_set 0\n"
    for index, value in enumerate([800, 700, 600, 500, 400], 1):
        day += f"{index * 360} {value}! reset 0\n"
    live(register, day)
    assert [good.mark.amount // KWH for good in register.state.goods] == [800, 700, 600, 500]

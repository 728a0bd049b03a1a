"""The law of counters as a meter's days: time (s), value, what is said, what is booked.

Values are in kWh of one count each; the ceiling is 100 kW unless a day says otherwise, so
ten kilowatt-hours fit into six minutes. Every day also proves that the books balance.
"""

from itertools import pairwise
from typing import Any

import pytest

from meterd.events import GAP, GOOD, MISSING, QUESTIONABLE, Booking, Event
from meterd.metering.counter import Counter
from meterd.metering.journal import Journal
from meterd.metering.register import Mark, RegisterState
from meterd.specs import RECONCILE, STRICT, RegisterSpec

KWH = 3_600_000
T0 = 1_700_000_000_000


def counter(**spec: Any) -> Counter:
    for name in ("count", "modulus", "per_hour", "jitter"):
        if spec.get(name) is not None:
            spec[name] *= KWH
    defaults = {"count": KWH, "per_hour": 100 * KWH}
    return Counter("m", RegisterSpec("energy_import", **{**defaults, **spec}), RegisterState())


def live(register: Counter, day: str) -> list[Booking]:
    """Feed a day; check every row; return all bookings. `!` after a value: a reboot."""
    bookings: list[Booking] = []
    for row in day.strip().splitlines():
        at_s, value, said, booked = row.split()
        journal = Journal(lambda _: "id")
        register.state.rebooted |= value.endswith("!")
        at_ms = T0 + int(at_s) * 1000
        if value == "-":
            register.complain("read_failed", Mark(0, at_ms), journal)
            made = []
        else:
            serial, _, number = value.rstrip("!").rpartition(":")
            now = Mark(int(number) * KWH, at_ms)
            replaced = bool(serial) and serial != register.state.serial
            made = (register.replace(serial, now, journal) if replaced
                    else register.observe(now, journal))  # fmt: skip
        kinds = [event.kind for event in journal.outputs if isinstance(event, Event)]
        found = (",".join(kinds) or "-", sum(b.amount for b in made) // KWH)
        assert found == (said, int(booked)), row
        bookings += made
        balance(register)
    tiles(bookings)
    return bookings


def balance(register: Counter) -> None:
    state = register.state
    first = state.first or 0
    assert first + state.booked + state.unbilled + state.adjusted - state.rolled_over == state.dial
    assert state.debt >= 0


def tiles(bookings: list[Booking]) -> None:
    """Bookings follow one another without hole or overlap, and none is negative."""
    for earlier, later in pairwise(bookings):
        assert earlier.end_ms == later.start_ms
    assert all(booking.amount >= 0 for booking in bookings)


RECONCILED = {
    "an ordinary day": """
        0     500  baseline_set  0
        360   505  -             5
        720   505  -             0
        1080  515  -             10
    """,
    "a second telling of the same instant books nothing": """
        0     500  baseline_set  0
        360   505  -             5
        360   505  duplicate     0
        300   504  out_of_order  0
        720   506  -             1
    """,
    "what was not read is booked by the next good reading, and said once": """
        0     500  baseline_set  0
        360   -    read_failed   0
        720   -    -             0
        1080  507  -             7
        1440  -    read_failed   0
    """,
    "a negative value is no reading": """
        0     500  baseline_set  0
        360   -3   out_of_range  0
        720   502  -             2
    """,
    "a spike is set aside and the truth booked over the whole time": """
        0     500   baseline_set     0
        360   9000  anomaly_ceiling  0
        720   504   spike_cleared    4
    """,
    "a spike that grows stays a spike": """
        0     500   baseline_set     0
        360   9000  anomaly_ceiling  0
        720   99000 anomaly_ceiling  0
        1080  505   spike_cleared    5
    """,
    "a new level that stands still waits": """
        0     500   baseline_set     0
        360   9000  anomaly_ceiling  0
        720   9000  -                0
        1080  9004  level_shift      4
    """,
    "two spikes, the second lower": """
        0     500   baseline_set     0
        360   9000  anomaly_ceiling  0
        720   8000  anomaly_ceiling  0
        1080  8004  level_shift      4
    """,
    "a spike and then a fall": """
        0     500   baseline_set        0
        360   9000  anomaly_ceiling     0
        720   400   decrease_discarded  0
        1080  404   reset_confirmed     4
    """,
    "a dead register that repeats one low value proves nothing": """
        0     500  baseline_set        0
        360   0    decrease_discarded  0
        720   0    -                   0
        1080  506  flaky_cleared       6
    """,
    "a wandering register is doubted until two agree and move": """
        0     500  baseline_set        0
        360   300  decrease_discarded  0
        720   100  decrease_discarded  0
        1080  200  decrease_discarded  0
        1440  204  reset_confirmed     4
    """,
    "the rise was the odd one, and is repaid": """
        0     500  baseline_set        0
        360   501  -                   1
        720   510  -                   9
        1080  502  decrease_discarded  0
        1440  511  flaky_cleared       1
    """,
    "an odd rise within the ceiling is repaid by what follows": """
        0     500  baseline_set              0
        360   501  -                         1
        720   511  -                         10
        1080  503  decrease_discarded        0
        1440  504  spike_repaid,debt_raised  0
        1800  508  debt_paid                 0
        2160  514  debt_paid                 3
        2520  516  -                         2
    """,
    "a reset below the remembered level, passed from below, books only what lies above": """
        0     50   baseline_set        0
        360   55   -                   5
        720   0    decrease_discarded  0
        1080  4    reset_confirmed     4
        4680  57   baseline_set        2
    """,
    "a false low run ends with the truth": """
        0     500  baseline_set        0
        360   505  -                   5
        720   10   decrease_discarded  0
        1080  13   reset_confirmed     3
        1440  511  flaky_cleared       3
    """,
    "a false low run that booked too much leaves a debt": """
        0     500  baseline_set               0
        360   505  -                          5
        720   10   decrease_discarded         0
        1080  19   reset_confirmed            9
        1440  506  flaky_cleared,debt_raised  0
        1800  515  debt_paid                  1
    """,
    "a replacement starts at the new dial": """
        0     A:500  baseline_set   0
        360   A:505  -              5
        720   B:12   meter_replaced 0
        1080  B:14   -              2
    """,
    "a misread serial number is taken back": """
        0     A:500  baseline_set           0
        360   B:505  meter_replaced         0
        720   A:507  replacement_withdrawn  7
        1080  A:508  -                      1
    """,
    "a reboot and a value: the counter was reset": """
        0     500   baseline_set  0
        360   3!    reset         0
        720   5     -             2
    """,
    "a reboot and a zero may be a device that is still starting": """
        0     500   baseline_set        0
        360   0!    decrease_discarded  0
        720   506   flaky_cleared       6
    """,
    "a reboot and a rise is a lower bound": """
        0     500   baseline_set    0
        360   504!  minimum_booked  4
    """,
}


@pytest.mark.parametrize("day", RECONCILED.values(), ids=RECONCILED.keys())
def test_a_day_under_reconcile(day: str) -> None:
    live(counter(on_decrease=RECONCILE), day)


STRICTLY = {
    "what lies between is unbilled and said": """
        0     500  baseline_set        0
        360   10   decrease_discarded  0
        720   507  baseline_set        0
        1080  509  -                   2
    """,
    "an impossible next value is no measure of what was unbilled": """
        0     500    baseline_set        0
        360   10     decrease_discarded  0
        720   99999  baseline_set        0
    """,
    "a replacement waits for the next poll": """
        0     A:500  baseline_set    0
        360   B:12   meter_replaced  0
        720   B:14   baseline_set    0
        1080  B:15   -               1
    """,
    "a misread serial number is taken back": """
        0     A:500  baseline_set           0
        360   B:505  meter_replaced         0
        720   A:507  replacement_withdrawn  7
    """,
    "a reboot clears the baseline": """
        0     500  baseline_set  0
        360   3!   reset         0
        720   5    baseline_set  0
        1080  7    -             2
    """,
    "from below, only what lies above the old level": """
        0     50   baseline_set        0
        360   0    decrease_discarded  0
        720   2    baseline_set        0
        4320  52   baseline_set        2
    """,
    "a jump after a fall is a level of its own": """
        0     500  baseline_set        0
        360   0    decrease_discarded  0
        720   2    baseline_set        0
        1080  510  anomaly_ceiling     0
        1440  512  level_shift         2
    """,
}


@pytest.mark.parametrize("day", STRICTLY.values(), ids=STRICTLY.keys())
def test_a_day_under_strict(day: str) -> None:
    live(counter(on_decrease=STRICT), day)


WRAPPING = {
    "both halves": """
        0     995  baseline_set  0
        360   3    rollover      8
        720   4    -             1
    """,
    "above the modulus is no value": """
        0     995   baseline_set  0
        360   1000  out_of_range  0
    """,
    "a zero waits for a second opinion": """
        0     995  baseline_set      0
        360   0    rollover_pending  0
        720   0    -                 0
        1080  3    rollover          8
    """,
    "the second opinion says no": """
        0     995  baseline_set      0
        360   0    rollover_pending  0
        720   997  rollover_refuted  2
    """,
    "neither: a fall like any other": """
        0     995  baseline_set        0
        360   0    rollover_pending    0
        720   500  decrease_discarded  0
        1080  501  reset_confirmed     1
    """,
    "a rollover that the next readings contradict is taken back": """
        0     990  baseline_set               0
        360   2!   reset                      0
        720   996  flaky_cleared              6
    """,
    "an accepted rollover that was a lie is repaid": """
        0     995  baseline_set               0
        360   3    rollover                   8
        720   996  flaky_cleared,debt_raised  0
        1080  999  debt_paid                  0
        1440  5    rollover,debt_paid         2
    """,
    "so long that several wraps are possible": """
        0      500  baseline_set    0
        40000  600  minimum_booked  100
        80000  300  wrap_ambiguous  0
        80360  305  reset_confirmed 5
    """,
    "wrap-sized, but the device rebooted": """
        0     995  baseline_set  0
        360   3!   reset         0
        720   4    -             1
    """,
}


@pytest.mark.parametrize("day", WRAPPING.values(), ids=WRAPPING.keys())
def test_a_dial_of_three_digits(day: str) -> None:
    live(counter(modulus=1000), day)


def test_a_nonvolatile_dial_rolls_over_across_a_reboot() -> None:
    live(
        counter(modulus=1000, nonvolatile=True),
        """
        0      995   baseline_set    0
        360    3!    rollover        8
        720    5!    -               2
        80000  1     wrap_ambiguous  0
        80360  4     rollover        999
        """,
    )


def test_an_ambiguous_wrap_under_strict_clears_the_baseline() -> None:
    live(
        counter(modulus=1000, on_decrease=STRICT),
        """
        0      500  baseline_set    0
        80000  300  wrap_ambiguous  0
        80360  305  baseline_set    0
        """,
    )


def test_without_a_ceiling_any_rise_is_believed_and_a_wrap_waits() -> None:
    live(
        counter(modulus=1000, per_hour=None),
        """
        0    500  baseline_set        0
        10   990  -                   490
        20   7    rollover_pending    0
        30   9    rollover            19
        40   500  -                   491
        50   5    decrease_discarded  0
        60   6    reset_confirmed     1
        """,
    )


def test_a_register_refreshed_more_slowly_than_it_is_polled() -> None:
    live(
        counter(),
        """
        0    500  baseline_set  0
        360  500  -             0
        370  510  -             0
        380  510  -             10
        """,
    )


def test_a_held_rise_that_was_a_spike_after_all() -> None:
    live(
        counter(),
        """
        0    500   baseline_set     0
        360  500   -                0
        370  510   -                0
        380  9000  anomaly_ceiling  0
        390  500   spike_cleared    0
        """,
    )


def test_a_held_rise_that_falls_back_says_nothing() -> None:
    live(
        counter(),
        """
        0    500  baseline_set  0
        360  500  -             0
        370  510  -             0
        730  505  -             5
        """,
    )


def test_a_jump_of_one_word_is_held_until_the_next_reading() -> None:
    live(
        counter(torn=True, per_hour=10_000_000),
        """
        0    500     baseline_set  0
        360  66040   -             0
        720  510     -             10
        1080 131600  -             0
        1440 131605  -             131095
        """,
    )


def test_jitter_keeps_the_highest_value() -> None:
    register = counter(jitter=2)
    live(
        register,
        """
        0    500  baseline_set  0
        360  498  -             0
        720  501  -             1
        """,
    )


def test_the_last_digit_of_a_float32_is_jitter() -> None:
    register = counter(float32=KWH)
    journal = Journal(lambda _: "id")
    register.observe(Mark(131_072 * KWH, T0), journal)
    ulp = KWH // 64
    assert register.observe(Mark(131_072 * KWH - ulp // 2, T0 + 360_000), journal)[0].amount == 0
    assert [o.kind for o in journal.outputs if isinstance(o, Event)] == ["baseline_set"]


def test_twelve_odd_readings_make_a_meter_unhealthy_but_never_block_it() -> None:
    register = counter()
    lows = [400, 300, 350, 200, 250, 100, 150, 50, 90, 20, 60, 10, 45]
    day = "0 500 baseline_set 0\n"
    for index, low in enumerate(lows, 1):
        said = "decrease_discarded" + (",meter_unhealthy" if index == 12 else "")
        day += f"{index * 36} {low} {said} 0\n"
    day += f"{14 * 36} 46 reset_confirmed 1\n"
    live(register, day)


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


def test_the_monotonic_clock_orders_readings_when_the_wall_clock_is_stepped_back() -> None:
    register = counter()
    journal = Journal(lambda _: "id")
    register.observe(Mark(500 * KWH, T0, 1_000), journal)
    booked = register.observe(Mark(504 * KWH, T0 - 3_600_000, 361_000), journal)
    assert [(b.amount, b.start_ms, b.end_ms) for b in booked] == [(4 * KWH, T0, T0)]


def test_after_a_boot_only_the_wall_clock_counts() -> None:
    register = counter()
    journal = Journal(lambda _: "id")
    register.observe(Mark(500 * KWH, T0, 9_000_000), journal)
    register.observe(Mark(9000 * KWH, T0 + 360_000, 9_360_000), journal)
    register.state.goods = ()
    register.remember(Mark(499 * KWH, T0, 5))
    register.state.replaced = ("A", Mark(1, T0, 5))
    register.forget_clock()
    assert register.state.prev == Mark(500 * KWH, T0)
    assert register.state.question is not None
    assert register.state.question.mark.mono_ms == 0
    assert register.state.goods[0].mark.mono_ms == 0
    assert register.state.replaced == ("A", Mark(1, T0))
    booked = register.observe(Mark(504 * KWH, T0 + 720_000, 1_000), journal)
    assert sum(b.amount for b in booked) == 4 * KWH
    Counter("m", register.spec, RegisterState()).forget_clock()


@pytest.mark.parametrize(
    ("span_s", "quality"), [(900, GOOD), (901, GAP)], ids=["fifteen minutes", "a second more"]
)
def test_quality_says_whether_the_shape_is_known(span_s: int, quality: str) -> None:
    bookings = live(counter(), f"0 500 baseline_set 0\n{span_s} 510 - 10")
    assert bookings[-1].quality == quality


def test_a_reset_is_a_declared_loss_window_and_a_cut() -> None:
    bookings = live(
        counter(), "0 500 baseline_set 0\n360 10 decrease_discarded 0\n720 12 reset_confirmed 2"
    )
    lost, booked = bookings[-2:]
    assert (lost.quality, lost.cut, lost.end_ms) == (MISSING, "reset", T0 + 360_000)
    assert (booked.quality, booked.start_ms, booked.end_ms) == (GOOD, T0 + 360_000, T0 + 720_000)


def test_the_cut_of_a_rollover_divides_its_energy() -> None:
    bookings = live(counter(modulus=1000), "0 995 baseline_set 0\n360 3 rollover 8")
    assert (bookings[-1].cut, bookings[-1].after) == ("rollover", 3 * KWH)


def test_a_doubtful_rollover_is_a_lower_bound() -> None:
    bookings = live(
        counter(modulus=1000, nonvolatile=True),
        "0 995 baseline_set 0\n80000 1 wrap_ambiguous 0\n80360 4 rollover 9",
    )
    assert {booking.quality for booking in bookings[-2:]} == {QUESTIONABLE}

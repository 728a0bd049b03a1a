"""Open questions of the law of counters: the next reading decides, as a register's days."""

import pytest
from tests.metering.days import KWH, T0, counter, live

from meterd.events import GOOD, MISSING, QUESTIONABLE
from meterd.metering.questions import nearly_fits
from meterd.metering.register import Mark
from meterd.specs import RECONCILE, STRICT

RECONCILED = {
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
}


@pytest.mark.parametrize("day", RECONCILED.values(), ids=RECONCILED.keys())
def test_a_question_under_reconcile(day: str) -> None:
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
    "a jump after a fall is a level of its own": """
        0     500  baseline_set        0
        360   0    decrease_discarded  0
        720   2    baseline_set        0
        1080  510  anomaly_ceiling     0
        1440  512  level_shift         2
    """,
}


@pytest.mark.parametrize("day", STRICTLY.values(), ids=STRICTLY.keys())
def test_a_question_under_strict(day: str) -> None:
    live(counter(on_decrease=STRICT), day)


WRAPPING = {
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
}


@pytest.mark.parametrize("day", WRAPPING.values(), ids=WRAPPING.keys())
def test_a_question_on_a_dial_of_three_digits(day: str) -> None:
    live(counter(modulus=1000), day)


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


def test_a_held_rise_is_booked_when_it_is_confirmed() -> None:
    live(
        counter(),
        """
        0    500  baseline_set  0
        360  500  -             0
        370  510  -             0
        380  510  -             10
        """,
    )


def test_twelve_odd_readings_make_a_meter_unhealthy_but_never_block_it() -> None:
    register = counter()
    lows = [400, 300, 350, 200, 250, 100, 150, 50, 90, 20, 60, 10, 45]
    day = "0 500 baseline_set 0\n"
    for index, low in enumerate(lows, 1):
        said = "decrease_discarded" + (",meter_unhealthy" if index == 12 else "")
        day += f"{index * 36} {low} {said} 0\n"
    day += f"{14 * 36} 46 reset_confirmed 1\n"
    live(register, day)


def test_a_reset_is_a_declared_loss_window_and_a_cut() -> None:
    bookings = live(
        counter(), "0 500 baseline_set 0\n360 10 decrease_discarded 0\n720 12 reset_confirmed 2"
    )
    lost, booked = bookings[-2:]
    assert (lost.quality, lost.cut, lost.end_ms) == (MISSING, "reset", T0 + 360_000)
    assert (booked.quality, booked.start_ms, booked.end_ms) == (GOOD, T0 + 360_000, T0 + 720_000)


def test_a_doubtful_rollover_is_a_lower_bound() -> None:
    bookings = live(
        counter(modulus=1000, nonvolatile=True),
        "0 995 baseline_set 0\n80000 1 wrap_ambiguous 0\n80360 4 rollover 9",
    )
    assert {booking.quality for booking in bookings[-2:]} == {QUESTIONABLE}


def at(second: int, kwh: int) -> Mark:
    return Mark(kwh * KWH, T0 + second * 1000)


@pytest.mark.parametrize(
    ("span_s", "kwh", "explained"),
    [(40, 2, True), (40, 3, False), (34, 1, True), (34, 2, False), (35, 2, True), (40, -1, False),
     (59, 2, True), (60, 2, False)],
)  # fmt: skip
def test_between_frequent_polls_a_count_may_have_been_nearly_due(
    span_s: int, kwh: int, explained: bool
) -> None:
    assert nearly_fits(counter(), at(0, 500), at(span_s, 500 + kwh)) == explained
    assert nearly_fits(counter(per_hour=None), at(0, 0), at(1, 10**9))

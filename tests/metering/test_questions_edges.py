"""Where an answer turns: the last value that is believed and the first that is not."""

import pytest
from tests.metering.days import KWH, T0, counter, live

from meterd.events import GAP, GOOD, QUESTIONABLE, Event
from meterd.metering.journal import Journal
from meterd.metering.register import Mark
from meterd.specs import STRICT

EDGES = {
    "three refused highs in a row, the last a new level": """
        0    500    baseline_set     0
        36   9000   anomaly_ceiling  0
        72   19000  anomaly_ceiling  0
        108  18000  anomaly_ceiling  0
        144  18001  level_shift      1
    """,
    "the baseline itself clears a spike": """
        0    500   baseline_set     0
        360  9000  anomaly_ceiling  0
        720  500   spike_cleared    0
    """,
    "one count below the baseline does not": """
        0    500   baseline_set        0
        360  9000  anomaly_ceiling     0
        720  499   decrease_discarded  0
    """,
    "the old value itself clears a fall": """
        0    500  baseline_set        0
        360  10   decrease_discarded  0
        720  500  flaky_cleared       0
    """,
    "exactly a remembered good passed books nothing": """
        0     50   baseline_set        0
        360   0    decrease_discarded  0
        720   4    reset_confirmed     4
        4320  50   baseline_set        0
    """,
    "of two remembered goods passed the higher counts": """
        0     50   baseline_set  0
        360   20!  reset         0
        720   10!  reset         0
        4320  55   baseline_set  5
    """,
}


def test_a_low_value_at_the_baseline_before_a_rise_is_a_reset_there() -> None:
    """The law says: above it."""
    live(
        counter(),
        """
        0     500  baseline_set        0
        360   508  -                   8
        396   500  decrease_discarded  0
        432   501  reset_confirmed     1
        """,
    )


@pytest.mark.parametrize("day", EDGES.values(), ids=EDGES.keys())
def test_the_edges_of_an_answer(day: str) -> None:
    live(counter(), day)


OPEN = {
    "high": """
        0    500    baseline_set     0
        36   9000   anomaly_ceiling  0
        72   19000  anomaly_ceiling  0
        108  18000  anomaly_ceiling  0
    """,
    "suspect": """
        0    500  baseline_set        0
        360  10   decrease_discarded  0
        720  10   -                   0
        756  5    decrease_discarded  0
    """,
}


@pytest.mark.parametrize("day", OPEN.values(), ids=OPEN.keys())
def test_while_a_question_is_open_no_time_is_accounted_for(day: str) -> None:
    register = counter()
    assert len(live(register, day)) == 1  # the baseline
    assert register.state.covered_ms == T0
    assert register.state.question is not None


def test_a_record_is_faulted_after_three_refused_highs() -> None:
    register = counter()
    live(register, "0 500 baseline_set 0\n36 9000 anomaly_ceiling 0\n72 8000 anomaly_ceiling 0")
    assert register.state.question is not None
    assert register.state.question.readings == 2
    live(register, "108 29000 anomaly_ceiling 0\n144 29000 - 0")
    assert register.state.question.readings == 3


STRICTLY = {
    "what lies between is measured from the good value": """
        0    500  baseline_set        0
        360  10   decrease_discarded  0
        720  507  baseline_set        0
        756  508  -                   1
    """,
    "or from the low one": """
        0    500  baseline_set        0
        360  10   decrease_discarded  0
        720  17   baseline_set        0
        756  18   -                   1
    """,
}


@pytest.mark.parametrize("day", STRICTLY.values(), ids=STRICTLY.keys())
def test_what_strict_does_not_bill_is_known(day: str) -> None:
    register = counter(on_decrease=STRICT)
    bookings = live(register, day)
    assert register.state.unbilled == 7 * KWH
    assert [b.unbilled // KWH for b in bookings if b.unbilled] == [7]


@pytest.mark.parametrize(("kwh", "cut"), [(499, "reset"), (500, ""), (501, "")])
def test_strict_cuts_where_the_dial_has_fallen(kwh: int, cut: str) -> None:
    day = f"0 500 baseline_set 0\n360 10 decrease_discarded 0\n720 {kwh} baseline_set 0"
    register = counter(on_decrease=STRICT)
    assert live(register, day)[-1].cut == cut
    assert len(register.state.goods) == (cut == "reset")


@pytest.mark.parametrize(
    ("modulus", "nonvolatile", "reboot", "quality"),
    [
        (None, False, "", GAP),
        (None, False, "!", QUESTIONABLE),
        (None, True, "!", GAP),
        (1000, False, "", QUESTIONABLE),
        (1_000_000, False, "", GAP),
    ],
    ids=["sure", "rebooted", "rebooted, non-volatile", "several wraps fit", "no wrap fits"],
)
def test_after_a_spike_a_lower_bound_is_a_lower_bound(
    modulus: int | None, nonvolatile: bool, reboot: str, quality: str
) -> None:
    register = counter(modulus=modulus, nonvolatile=nonvolatile)
    day = f"0 500 baseline_set 0\n360 900 anomaly_ceiling 0\n36000 600{reboot} spike_cleared 100"
    assert live(register, day)[-1].quality == quality


@pytest.mark.parametrize(("span_s", "quality"), [(900, GOOD), (901, GAP)])
def test_quality_after_a_level_shift_says_whether_the_shape_is_known(
    span_s: int, quality: str
) -> None:
    day = f"0 500 baseline_set 0\n360 9000 anomaly_ceiling 0\n{360 + span_s} 9004 level_shift 4"
    assert live(counter(), day)[-1].quality == quality


def test_a_rollover_tells_both_halves() -> None:
    register, journal = counter(modulus=1000), Journal(str)
    register.observe(Mark(995 * KWH, T0), journal)
    register.observe(Mark(3 * KWH, T0 + 360_000), journal)
    told = [event for event in journal.take() if isinstance(event, Event)][-1]
    assert (told.numbers["before_wrap"], told.numbers["after_wrap"]) == ("5", "3")
    assert told.numbers["booked"] == "8"


def test_a_small_step_back_after_a_low_value_that_may_have_been_a_wrap_ends_the_question() -> None:
    live(
        counter(modulus=1000, jitter=2),
        """
        0     990  baseline_set      0
        360   0    rollover_pending  0
        720   989  -                 0
        1080  991  -                 1
        """,
    )

"""The rows of the law of counters on a dial that wraps, as a register's days."""

import pytest
from tests.metering.days import KWH, counter, live

from meterd.specs import STRICT

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


EDGES = {
    "exactly what the ceiling allows is a wrap": """
        0    995  baseline_set  0
        360  5    rollover      10
    """,
    "one count more is a fall": """
        0    995  baseline_set        0
        360  6    decrease_discarded  0
    """,
    "fifteen minutes are not long": """
        0    995  baseline_set  0
        900  3    rollover      8
    """,
    "a second more is": """
        0    995  baseline_set      0
        901  3    rollover_pending  0
        902  4    rollover          9
    """,
    "an odd zero after a gap hides no wrap": """
        0     995  baseline_set      0
        901   0    rollover_pending  0
        1000  12   rollover_pending  0
        1100  13   rollover          18
    """,
    "a ceiling just below the modulus proves a wrap": """
        0      500  baseline_set      0
        35999  300  rollover_pending  0
    """,
    "a ceiling of the modulus proves nothing": """
        0      500  baseline_set    0
        36000  300  wrap_ambiguous  0
    """,
    "a rise under a ceiling just below the modulus is the rise": """
        0      500  baseline_set  0
        35999  600  -             100
    """,
    "a rise under a ceiling of the modulus is a lower bound": """
        0      500  baseline_set    0
        36000  600  minimum_booked  100
    """,
    "on from the same low value is no rollover yet": """
        0     995  baseline_set      0
        901   3    rollover_pending  0
        902   3    -                 0
        1802  28   rollover          33
    """,
}


@pytest.mark.parametrize("day", EDGES.values(), ids=EDGES.keys())
def test_the_edges_of_a_wrap(day: str) -> None:
    live(counter(modulus=1000), day)


@pytest.mark.parametrize(("span_s", "said"), [(360, "rollover"), (396, "rollover_pending")])
def test_a_ceiling_above_a_quarter_of_the_dial_proves_little(span_s: int, said: str) -> None:
    booked = 8 if said == "rollover" else 0
    live(counter(modulus=40), f"0 35 baseline_set 0\n{span_s} 3 {said} {booked}")


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


def test_the_cut_of_a_rollover_divides_its_energy() -> None:
    bookings = live(counter(modulus=1000), "0 995 baseline_set 0\n360 3 rollover 8")
    assert (bookings[-1].cut, bookings[-1].after) == ("rollover", 3 * KWH)

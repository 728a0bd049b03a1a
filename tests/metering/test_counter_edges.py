"""Where a row of the law turns: the last value that is believed and the first that is not."""

import msgspec
import pytest
from tests.metering.days import KWH, T0, counter, live

from meterd.events import Event
from meterd.metering.clocks import change_clock
from meterd.metering.counter import AMOUNT_MAX
from meterd.metering.journal import Journal
from meterd.metering.register import Mark

EDGES = {
    "exactly what the ceiling allows": """
        0    500  baseline_set  0
        360  510  -             10
    """,
    "one count more": """
        0    500  baseline_set     0
        360  511  anomaly_ceiling  0
    """,
    "at least one count, however soon": """
        0  500  baseline_set     0
        1  501  -                1
        2  503  anomaly_ceiling  0
    """,
    "a slow register may show at once what the ceiling allows since it moved": """
        0    500  baseline_set  0
        710  500  -             0
        720  520  -             0
        721  520  -             20
    """,
    "a count that was nearly due may come with the next": """
        0   500  baseline_set  0
        40  501  -             1
        80  503  -             0
        120  504  -             3
    """,
    "also where several follow one another": """
        0   500  baseline_set  0
        36  502  -             0
        72  504  -             4
    """,
    "but not two at once": """
        0   500  baseline_set     0
        40  503  anomaly_ceiling  0
    """,
    "nor where it is polled once a minute": """
        0   500  baseline_set     0
        60  502  anomaly_ceiling  0
    """,
    "and it is a spike if it does not last": """
        0   500  baseline_set  0
        40  502  -             0
        80  500  -             0
    """,
    "and no more": """
        0    500  baseline_set     0
        710  500  -                0
        720  521  anomaly_ceiling  0
    """,
    "nor more than in fifteen minutes": """
        0     500  baseline_set     0
        1790  500  -                0
        1800  526  anomaly_ceiling  0
    """,
}


@pytest.mark.parametrize("day", EDGES.values(), ids=EDGES.keys())
def test_the_edges_of_a_rise(day: str) -> None:
    live(counter(), day)


@pytest.mark.parametrize(
    ("counts", "held"),
    [(64_536, True), (64_535, False), (66_536, True), (66_537, False), (131_072, True),
     (40_000, False), (1_000, False), (1, False)],
)  # fmt: skip
def test_a_torn_jump_is_within_a_thousand_counts_of_a_word(counts: int, held: bool) -> None:
    booked = 0 if held else counts
    live(
        counter(torn=True, per_hour=10_000_000),
        f"0 500 baseline_set 0\n360 {500 + counts} - {booked}",
    )


def test_no_register_shows_more_than_a_store_can_keep() -> None:
    register, journal = counter(per_hour=None), Journal(str)
    register.observe(Mark(AMOUNT_MAX, T0), journal)
    register.observe(Mark(AMOUNT_MAX + 1, T0 + 1000), journal)
    assert AMOUNT_MAX == 9_223_372_036_854_775_807
    assert register.state.dial == AMOUNT_MAX
    said = [event.kind for event in journal.take() if isinstance(event, Event)]
    assert said == ["baseline_set", "out_of_range"]


def test_zero_is_a_value() -> None:
    live(counter(), "0 0 baseline_set 0\n360 5 - 5")


def test_after_a_boot_a_reading_no_later_by_the_wall_is_no_news() -> None:
    register, journal = counter(), Journal(str)
    register.observe(Mark(0, T0, 9_000_000), journal)
    change_clock(register.state)
    assert register.observe(Mark(1, T0 - 1, 7), journal) == []
    assert register.observe(Mark(1, T0, 8), journal) == []
    said = [event.kind for event in journal.take() if isinstance(event, Event)]
    assert said == ["baseline_set", "out_of_order", "duplicate"]


def test_a_reboot_is_forgotten_once_the_baseline_has_moved() -> None:
    live(
        counter(),
        """
        0     500   baseline_set        0
        360   504!  minimum_booked      4
        720   508   -                   4
        1080  3     decrease_discarded  0
        """,
    )


REPLACED = {
    "only the very next reading takes a replacement back": """
        0 A:500 baseline_set 0
        360 B:10 meter_replaced 0
        720 B:15 - 5
        1080 A:505 meter_replaced 0""",
    "what failed is said again of the new device": """
        0 A:500 baseline_set 0
        360 - read_failed 0
        720 B:10 meter_replaced 0
        1080 - read_failed 0""",
    "a baseline of the old device is not remembered": """
        0 A:500 baseline_set 0
        360 A:3! reset 0
        720 B:495 meter_replaced 0
        1080 B:503 - 8""",
    "nor is its last value one that the new one could have risen from": """
        0 A:500 baseline_set 0
        360 B:600 meter_replaced 0
        720 B:505 decrease_discarded 0
        1080 B:507 reset_confirmed 2""",
}


def test_what_a_false_low_run_booked_is_taken_off_what_follows() -> None:
    live(
        counter(),
        """
        0     500   baseline_set   0
        360   3!    reset          0
        720   8     -              5
        1080  10    -              2
        1440  520   flaky_cleared  13
        """,
    )


@pytest.mark.parametrize("day", REPLACED.values(), ids=REPLACED)
def test_the_edges_of_a_replacement(day: str) -> None:
    live(counter(), day)


def test_the_last_value_before_the_wrap_is_a_value() -> None:
    register, journal = counter(), Journal(str)
    register.spec = msgspec.structs.replace(register.spec, count=1, modulus=1000)
    register.observe(Mark(999, T0), journal)
    register.observe(Mark(1000, T0 + 360_000), journal)
    said = [event.kind for event in journal.take() if isinstance(event, Event)]
    assert said == ["baseline_set", "out_of_range"]


def test_another_value_of_the_same_instant_is_told_with_both() -> None:
    register, journal = counter(), Journal(str)
    for amount in (500, 500, 501):
        register.observe(Mark(amount * KWH, T0), journal)
    _first, same, other = [event for event in journal.take() if isinstance(event, Event)]
    assert (same.kind, other.kind) == ("duplicate", "duplicate")
    assert "last" not in same.numbers
    assert (other.numbers["value"], other.numbers["last"]) == ("501", "500")

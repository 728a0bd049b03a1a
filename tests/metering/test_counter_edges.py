"""Where a row of the law turns: the last value that is believed and the first that is not."""

import pytest
from tests.metering.days import T0, counter, live

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

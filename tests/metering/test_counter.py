"""The rows of the law of counters, as a register's days."""

import pytest
from tests.metering.days import KWH, T0, counter, live

from meterd.events import GAP, GOOD
from meterd.metering.journal import Journal
from meterd.metering.register import Mark
from meterd.specs import RECONCILE, STRICT

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
    "a spike and then a fall": """
        0     500   baseline_set        0
        360   9000  anomaly_ceiling     0
        720   400   decrease_discarded  0
        1080  404   reset_confirmed     4
    """,
    "a false low run that booked too much leaves a debt": """
        0     505  baseline_set               0
        360   10   decrease_discarded         0
        720   19   reset_confirmed            9
        1080  506  flaky_cleared,debt_raised  0
        1440  515  debt_paid                  1
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
    "late data of the meter that was replaced does not bring it back": """
        0     A:500  baseline_set    0
        360   B:12   meter_replaced  0
        300   A:501  out_of_order    0
        720   B:14   -               2
    """,
    "a new meter that shows the impossible is waited for": """
        0     A:500  baseline_set    0
        360   B:-3   out_of_range    0
        720   B:12   meter_replaced  0
        1080  B:14   -               2
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
    "two replacements in a row": """
        0     A:500  baseline_set    0
        360   B:12   meter_replaced  0
        720   C:7    meter_replaced  0
        1080  C:9    baseline_set    0
        1440  C:10   -               1
    """,
    "a reboot clears the baseline": """
        0     500  baseline_set  0
        360   3!   reset         0
        720   5    baseline_set  0
        1080  7    -             2
    """,
}


@pytest.mark.parametrize("day", STRICTLY.values(), ids=STRICTLY.keys())
def test_a_day_under_strict(day: str) -> None:
    live(counter(on_decrease=STRICT), day)


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


def test_a_jump_of_one_word_is_held_to_the_ceiling_as_any_other() -> None:
    live(
        counter(torn=True),
        """
        0    500    baseline_set     0
        360  66040  anomaly_ceiling  0
        720  66045  level_shift      5
        """,
    )


def test_a_doubtful_value_is_said_again_after_a_good_one() -> None:
    live(
        counter(),
        """
        0     -     read_failed   0
        360   500   baseline_set  0
        720   -1    out_of_range  0
        1080  -1    -             0
        1440  -     read_failed   0
        1440  502   duplicate     0
        1400  502   out_of_order  0
        1800  502   -             2
        2160  -     read_failed   0
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


def test_the_monotonic_clock_orders_readings_when_the_wall_clock_is_stepped_back() -> None:
    register = counter()
    journal = Journal(lambda _: "id")
    register.observe(Mark(500 * KWH, T0, 1_000), journal)
    booked = register.observe(Mark(504 * KWH, T0 - 3_600_000, 361_000), journal)
    assert [(b.amount, b.start_ms, b.end_ms) for b in booked] == [(4 * KWH, T0, T0)]


@pytest.mark.parametrize(
    ("span_s", "quality"), [(900, GOOD), (901, GAP)], ids=["fifteen minutes", "a second more"]
)
def test_quality_says_whether_the_shape_is_known(span_s: int, quality: str) -> None:
    bookings = live(counter(), f"0 500 baseline_set 0\n{span_s} 510 - 10")
    assert bookings[-1].quality == quality

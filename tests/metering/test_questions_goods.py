"""Remembered goods: a recovery is not use, a false low run is undone, a debt is paid."""

import pytest
from tests.metering.days import KWH, counter, live

from meterd.specs import RECONCILE, STRICT

RECONCILED = {
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
    "a recovery seen after a spike is no use either": """
        0     50    baseline_set                0
        360   55    -                           5
        720   0     decrease_discarded          0
        1080  4     reset_confirmed             4
        1440  9000  anomaly_ceiling             0
        4680  57    baseline_set,spike_cleared  2
    """,
    "a recovery seen after an odd zero is no use either": """
        0     50   baseline_set                0
        360   55   -                           5
        720   0    decrease_discarded          0
        1080  4    reset_confirmed             4
        1440  0    decrease_discarded          0
        4680  57   baseline_set,flaky_cleared  2
    """,
    "a recovery in one jump after a standstill is no use either": """
        0     500  baseline_set                  0
        360   0    decrease_discarded            0
        720   9    reset_confirmed               9
        1080  0    decrease_discarded            0
        19080 501  baseline_set,flaky_cleared    1
    """,
    "a false low run ends with the truth, a spike between": """
        0     500   baseline_set        0
        360   505   -                   5
        720   10    decrease_discarded  0
        1080  13    reset_confirmed     3
        1440  9000  anomaly_ceiling     0
        1800  512   flaky_cleared       4
    """,
    "a false low run ends with the truth, a lower spike between": """
        0     500   baseline_set        0
        360   505   -                   5
        720   10    decrease_discarded  0
        1080  13    reset_confirmed     3
        1440  400   anomaly_ceiling     0
        1800  512   flaky_cleared       4
    """,
    "a false low run ends with the truth, an odd zero between": """
        0     500   baseline_set        0
        360   505   -                   5
        720   10    decrease_discarded  0
        1080  13    reset_confirmed     3
        1440  0     decrease_discarded  0
        1800  512   flaky_cleared       4
    """,
    "a level above the remembered one books what lies above that": """
        0     500  baseline_set              0
        360   10!  reset                     0
        720   499  anomaly_ceiling           0
        1080  505  baseline_set,level_shift  5
    """,
    "what paid a debt and proves false is owed again": """
        0     500  baseline_set               0
        360   505  -                          5
        720   10   decrease_discarded         0
        1080  19   reset_confirmed            9
        1440  506  flaky_cleared,debt_raised  0
        1800  12   decrease_discarded         0
        2160  15   reset_confirmed,debt_paid  0
        2520  512  flaky_cleared,debt_paid    0
        2880  515  debt_paid                  1
    """,
    "an odd rise that paid a debt is owed again": """
        0     500  baseline_set               0
        360   505  -                          5
        720   10   decrease_discarded         0
        1080  19   reset_confirmed            9
        1440  506  flaky_cleared,debt_raised  0
        1800  507  debt_paid                  0
        2160  517  debt_paid                  3
        2520  508  decrease_discarded         0
        2880  509  spike_repaid,debt_raised   0
        3240  519  debt_paid                  2
    """,
    "a debt is paid across a replacement that is taken back": """
        0     A:500  baseline_set                     0
        360   A:505  -                                5
        720   A:10   decrease_discarded               0
        1080  A:19   reset_confirmed                  9
        1440  A:506  flaky_cleared,debt_raised        0
        1800  B:3    meter_replaced                   0
        2160  A:510  replacement_withdrawn,debt_paid  0
        2520  A:519  debt_paid                        5
    """,
}


@pytest.mark.parametrize("day", RECONCILED.values(), ids=RECONCILED.keys())
def test_a_remembered_good_under_reconcile(day: str) -> None:
    live(counter(on_decrease=RECONCILE), day)


STRICTLY = {
    "from below, only what lies above the old level": """
        0     50   baseline_set        0
        360   0    decrease_discarded  0
        720   2    baseline_set        0
        4320  52   baseline_set        2
    """,
    "a level shift from the very level that is remembered is none of its recovery": """
        0     50   baseline_set        0
        360   0    decrease_discarded  0
        720   2    baseline_set        0
        1080  50   anomaly_ceiling     0
        1440  55   level_shift         5
    """,
}


@pytest.mark.parametrize("day", STRICTLY.values(), ids=STRICTLY.keys())
def test_a_remembered_good_under_strict(day: str) -> None:
    live(counter(on_decrease=STRICT), day)


WRAPPING = {
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
}


@pytest.mark.parametrize("day", WRAPPING.values(), ids=WRAPPING.keys())
def test_a_remembered_good_on_a_dial_of_three_digits(day: str) -> None:
    live(counter(modulus=1000), day)


def test_a_rollover_that_was_a_lie_is_taken_back_from_the_count_of_rollovers() -> None:
    register = counter(modulus=1000)
    live(register, WRAPPING["an accepted rollover that was a lie is repaid"])
    assert register.state.rolled_over == 1000 * KWH  # the second one, which was true
    assert register.state.adjusted == 0

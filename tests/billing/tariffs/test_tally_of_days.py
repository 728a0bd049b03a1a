"""Demand in kvar, and the demand of each day."""

from fractions import Fraction

from tests.billing.site import DAY, FIVE, HOUR, KWH, span, used
from tests.billing.tariffs.test_tally import FRIDAY, PEAK, SATURDAY, booked, period
from tests.billing.tariffs.written import QUARTER, demand_rate, rate, tariff

from meterd.billing.tariffs.metered import Reach
from meterd.specs import SourceSpec


def test_reactive_demand_and_that_of_each_day() -> None:
    source = SourceSpec("m", also=("reactive_energy_import",))
    both = (demand_rate("5", quantity="kvar"), demand_rate("1", schedule=PEAK, daily=True))
    running = period(tariff(rate("1"), demand=both), sources=(source,))
    rows = []
    for start, kwh, kvarh in ((FRIDAY, 3, 1), (FRIDAY + QUARTER, 2, 4), (SATURDAY, 1, 2)):
        rows += span(start + 9 * HOUR, start + 9 * HOUR + QUARTER, kwh * KWH)
        rows += [
            used(at_ms, kvarh * KWH, quantity="reactive_energy_import")
            for at_ms in range(start + 9 * HOUR, start + 9 * HOUR + QUARTER, FIVE)
        ]
    rows += span(FRIDAY + 5 * DAY + 9 * HOUR, FRIDAY + 5 * DAY + 9 * HOUR + QUARTER, KWH)
    rows += span(FRIDAY + 6 * DAY, FRIDAY + 6 * DAY + QUARTER, 9 * KWH)  # not in its hours
    (part,) = booked(running, rows).parts
    assert part.reaches[0] == Reach(Fraction(48), Fraction(1))
    assert part.reaches[1] == Reach(Fraction(36), Fraction(1), (Fraction(36), Fraction(12)))
    empty = period(tariff(demand=both), sources=(source,)).metered()
    assert empty is not None
    assert [reach.days for reach in empty.parts[0].reaches] == [(), ()]

"""Each view of a bill, over the bill of one meter in Berlin."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.billing.site import BERLIN, DAY, FEBRUARY, FIVE, HOUR, JANUARY, KWH, MARCH, spec, used

from meterd.billing.slots import Slot
from meterd.events import Sample
from meterd.shapes.periods import NoSuchPeriodError
from meterd.shapes.series import Sight, UnknownViewError, series
from meterd.shapes.series.views import VIEWS, month_before

NOW = FEBRUARY + 3 * DAY + 2 * HOUR


def period(start_ms: str, end_ms: str, status: str) -> dict[str, Any]:
    return {"start": start_ms, "end": end_ms, "status": status, "allowance": "3000"}


CLOSED = period("2025-12-31T23:00:00Z", "2026-01-31T23:00:00Z", "closed")
OPEN = period("2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z", "open")


def rows(start_ms: int, end_ms: int) -> list[Slot]:
    """A kilowatt-hour in every five minutes since January, up to now."""
    first = max(JANUARY, start_ms)
    return [Slot(at, at + FIVE, KWH, 1, FIVE) for at in range(first, min(NOW, end_ms), FIVE)]


def sight(*periods: dict[str, Any], unit: str = "kWh", **terms: Any) -> Sight:
    body = {"name": "tenant", "unit": unit, "periods": list(periods)}
    samples = [Sample("tenant", "energy", FEBRUARY, used(at, KWH)) for at in (1, 2)]
    return Sight(body, spec(**terms), BERLIN, NOW, rows, rows, lambda _start, _end: samples)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_says_what_it_is_and_draws_a_bill_without_a_period_too(view: str) -> None:
    for seen in (sight(CLOSED, OPEN), sight()):
        drawn = series(view, seen)
        assert (drawn["bill"], drawn["view"], drawn["unit"]) == ("tenant", view, "kWh")


def test_the_last_day_is_bars_of_five_minutes() -> None:
    drawn = series("24h", sight(OPEN))
    assert len(drawn["buckets"]) == 288
    assert {bar["kwh"] for bar in drawn["buckets"][:-1]} == {"1"}
    assert drawn["end"] == "2026-02-04T01:05:00Z"
    assert drawn["buckets"][-1]["kwh"] is None, "the interval that runs is not known yet"


def test_bars_are_no_shorter_than_the_intervals() -> None:
    assert len(series("24h", sight(OPEN, sampling_ms=HOUR))["buckets"]) == 24


def test_the_month_is_bars_of_local_days() -> None:
    drawn = series("month", sight(OPEN))
    assert (drawn["start"], drawn["end"]) == ("2026-01-03T23:00:00Z", "2026-02-04T23:00:00Z")
    assert len(drawn["buckets"]) == 32
    assert month_before(MARCH + 30 * DAY, BERLIN)[0] == FEBRUARY + 27 * DAY


def test_the_billing_view_is_the_whole_period_with_its_figures() -> None:
    drawn = series("billing", sight(CLOSED, OPEN))
    assert drawn["period"] == OPEN
    assert [bar["kwh"] for bar in drawn["buckets"]] == ["288"] * 3 + ["24"] + [None] * 24
    assert drawn["buckets"][0]["peak_kw"] == drawn["buckets"][0]["average_kw"] == "12"
    assert drawn["allowance_kw"] is None
    assert series("billing", sight(CLOSED, OPEN), "2026-01")["period"] == CLOSED


def test_a_demand_bill_has_its_allowance_marked() -> None:
    demand: dict[str, Any] = {"type": "demand", "allowance": Decimal(40), "unit": "kW"}
    assert series("billing", sight(OPEN, **demand))["allowance_kw"] == "40"
    drawn = series("cumulative", sight(OPEN, **demand))
    assert {point["allowance_kwh"] for point in drawn["points"]} == {None}


def test_previous_is_the_period_before_and_empty_where_there_is_none() -> None:
    drawn = series("previous", sight(CLOSED, OPEN))
    assert (drawn["period"], len(drawn["buckets"])) == (CLOSED, 31)
    first = series("previous", sight(CLOSED, OPEN), "2026-01")
    assert first["period"] is None
    assert first["buckets"] == []


def test_the_burn_up_of_a_running_period_knows_the_profile() -> None:
    drawn = series("cumulative", sight(CLOSED, OPEN))
    assert drawn["used_kwh"] == "888"
    assert drawn["projection"] == {"linear": "8064", "profile": "8064"}
    closed = series("cumulative", sight(CLOSED, OPEN), "2026-01")
    assert closed["projection"] == {"linear": None, "profile": None}
    assert closed["points"][-1]["used_kwh"] == "8928"


def test_the_hours_are_of_the_period_and_history_is_of_the_closed_ones() -> None:
    assert series("hourly", sight(CLOSED, OPEN))["hours"][0]["hours"] == "4"
    (row,) = series("history", sight(CLOSED, OPEN))["periods"]
    assert row == {"began": "2026-01-01", **CLOSED}
    assert [row["kwh"] for row in series("samples", sight(OPEN))["samples"]] == ["1", "1"]


@pytest.mark.parametrize(
    ("view", "asked", "hint"),
    [
        ("weekly", None, "no view 'weekly'; there is 24h, month, previous, billing, cumulative"),
        ("24h", "2026-01", "'24h' is of no one period; billing, previous, cumulative, hourly are"),
    ],
)
def test_a_view_that_is_not_there_is_said_with_those_that_are(
    view: str, asked: str | None, hint: str
) -> None:
    with pytest.raises(UnknownViewError, match=hint):
        series(view, sight(OPEN), asked)


def test_a_period_that_is_not_there_is_none_of_any_view() -> None:
    with pytest.raises(NoSuchPeriodError):
        series("billing", sight(OPEN), "2025-01")

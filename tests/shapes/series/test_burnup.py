"""The burn-up: by elapsed seconds, null over gaps, and projections that are never below used."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from tests.billing.site import BERLIN, DAY, FEBRUARY, FIVE, HOUR, JANUARY, KWH
from tests.shapes.series.test_profile import flat

from meterd.shapes.series.burnup import BurnUp, burn_up
from meterd.shapes.series.profile import cells

NOW = JANUARY + 10 * DAY
CHART = BurnUp((JANUARY, FEBRUARY), NOW, Decimal(3100), 1, {})


def drawn(rows: Any, **more: Any) -> dict[str, Any]:
    return burn_up(rows, msgspec.structs.replace(CHART, **more), BERLIN)


def test_the_allowance_runs_with_time_and_the_projection_with_the_rate() -> None:
    found = drawn(flat(JANUARY, NOW, KWH))
    points = {point["time"]: point for point in found["points"]}
    assert found["used_kwh"] == "2880"
    assert found["projection"] == {"linear": "8928", "profile": None}
    now = points["2026-01-10T23:00:00Z"]
    assert (now["used_kwh"], now["allowance_kwh"], now["projection_kwh"]) == (
        "2880", "1000", "2880",
    )  # fmt: skip
    last = found["points"][-1]
    assert (last["used_kwh"], last["allowance_kwh"], last["projection_kwh"]) == (
        None, "3100", "8928",
    )  # fmt: skip
    assert found["points"][0]["used_kwh"] == "0"
    assert points["2026-01-01T23:00:00Z"]["projection_kwh"] is None, "the past is known"


def test_a_gap_is_unknown_and_what_comes_after_it_is_not() -> None:
    found = drawn([*flat(JANUARY, JANUARY + DAY), *flat(JANUARY + 2 * DAY, NOW)])
    used = [point["used_kwh"] for point in found["points"]]
    assert used[3:10] == ["216", "288", None, None, None, None, "360"]


def test_now_is_a_point_of_its_own_and_the_first_hour_has_no_projection() -> None:
    now_ms = JANUARY + HOUR // 2
    found = drawn(flat(JANUARY, now_ms), now_ms=now_ms, allowance=None)
    assert found["points"][1]["used_kwh"] == "6"
    assert found["points"][1]["allowance_kwh"] is None
    assert found["projection"] == {"linear": None, "profile": None}
    assert {point["projection_kwh"] for point in found["points"]} == {None}


def test_a_period_that_has_ended_has_no_projection() -> None:
    found = drawn(flat(JANUARY, FEBRUARY), now_ms=FEBRUARY + DAY, ended=True)
    assert found["projection"] == {"linear": None, "profile": None}
    assert found["points"][-1]["used_kwh"] == "8928"


def test_the_profile_adds_to_what_is_used_and_is_never_below_it() -> None:
    past = flat(NOW - 28 * DAY, NOW, 0)
    found = drawn(flat(JANUARY, NOW, KWH), known=cells(past, BERLIN))
    assert found["projection"] == {"linear": "8928", "profile": "2880"}
    busy = cells(flat(NOW - 28 * DAY, NOW, 2 * KWH), BERLIN)
    ahead = 2880 + 21 * DAY // FIVE * 2
    assert drawn(flat(JANUARY, NOW), known=busy)["projection"]["profile"] == str(ahead)

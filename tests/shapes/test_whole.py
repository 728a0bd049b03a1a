"""The site as a whole as people see it: alarms that stand, PUE, energy unaccounted for."""

from __future__ import annotations

from typing import Any

import msgspec

from meterd.shapes.whole import alarm_rows, alarms, whole
from meterd.views import BalanceView, MeterView, PueFigure, SiteView

NOON_MS = 1_767_268_800_000
HOUR_MS = 3_600_000
KWH = 3_600_000
LOAD = {"value": 85.0, "limit": 80.0, "unit": "%", "since": "2026-01-01T12:00:00Z"}
STALE = {"value": 900, "limit": 900, "unit": "s", "since": "2026-01-01T11:45:00Z"}
CATEGORY_3 = PueFigure(
    3, "day", NOON_MS - 12 * HOUR_MS, NOON_MS, 150 * KWH, 100 * KWH, 0.99333349, 0.99999949, 1.5
)
MAIN = BalanceView(
    "main", ("rack1", "rack2"), 4.0, 200 * KWH, 190 * KWH, 20, 3,
    (NOON_MS, NOON_MS + 300_000, 10 * KWH, 9 * KWH + 1800),
)  # fmt: skip


def watched(**alarms: dict[str, Any] | None) -> MeterView:
    """A meter and its alarms: `load__warning` for load/warning."""
    named = {name.replace("__", "/"): numbers for name, numbers in alarms.items()}
    return MeterView("m", True, NOON_MS, "good", {}, {}, {}, {}, named)


def test_an_alarm_that_stands_is_shown_with_its_numbers_and_no_other() -> None:
    meter = watched(load__warning=LOAD, load__critical=None, stale__warning=STALE)
    assert alarms(meter) == [
        {"alarm": "load", "severity": "warning", **LOAD},
        {"alarm": "stale", "severity": "warning", **STALE},
    ]


def test_a_meter_that_nobody_has_seen_has_no_alarms() -> None:
    assert alarms(None) == []


def test_alarms_of_all_meters_name_their_meter_in_the_order_of_the_meters() -> None:
    views = {
        "main": watched(load__critical=LOAD),
        "quiet": watched(load__critical=None),
        "pv": watched(stale__warning=STALE),
    }
    assert alarm_rows(views) == [
        {"meter": "main", "alarm": "load", "severity": "critical", **LOAD},
        {"meter": "pv", "alarm": "stale", "severity": "warning", **STALE},
    ]


def test_pue_is_shown_with_both_sides_and_what_of_the_window_they_cover() -> None:
    assert whole(SiteView(pue=(CATEGORY_3,)))["pue"] == [
        {
            "category": 3,
            "window": "day",
            "start": "2026-01-01T00:00:00Z",
            "end": "2026-01-01T12:00:00Z",
            "ratio": 1.5,
            "reason": None,
            "facility_kwh": "150",
            "it_kwh": "100",
            "facility_coverage": 0.993333,
            "it_coverage": 0.999999,
        }
    ]


def test_where_there_is_no_pue_a_word_says_why() -> None:
    figure = msgspec.structs.replace(CATEGORY_3, ratio=None, reason="incomplete")
    (shown,) = whole(SiteView(pue=(figure,)))["pue"]
    assert (shown["ratio"], shown["reason"]) == (None, "incomplete")


def test_a_parent_is_shown_with_its_children_since_ever_and_of_late() -> None:
    assert whole(SiteView(balances=(MAIN,)))["unaccounted"] == [
        {
            "meter": "main",
            "children": ["rack1", "rack2"],
            "tolerance_percent": 4.0,
            "intervals": 20,
            "skipped": 3,
            "parent_kwh": "200",
            "children_kwh": "190",
            "unaccounted_kwh": "10",
            "last": {
                "start": "2026-01-01T12:00:00Z",
                "end": "2026-01-01T12:05:00Z",
                "parent_kwh": "10",
                "children_kwh": "9.0005",
                "unaccounted_kwh": "0.9995",
            },
        }
    ]


def test_children_may_have_used_more_than_their_parent() -> None:
    more = msgspec.structs.replace(MAIN, children_j=201 * KWH)
    (shown,) = whole(SiteView(balances=(more,)))["unaccounted"]
    assert shown["unaccounted_kwh"] == "-1"


def test_a_parent_that_was_never_compared_has_no_last_interval() -> None:
    new = msgspec.structs.replace(MAIN, last=None)
    (shown,) = whole(SiteView(balances=(new,)))["unaccounted"]
    assert shown["last"] is None


def test_a_site_without_a_chain_is_shown_as_empty() -> None:
    assert whole(SiteView()) == {"pue": [], "unaccounted": []}

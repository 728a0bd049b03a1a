"""The rows of `samples` and `adjustments`."""

from typing import Any

import pytest
from tests.billing.site import FIVE, KWH, MINUTE, at, used

from meterd.billing.listing import adjustment_row, sample_row
from meterd.events import Adjusted, Interval, Sample

NOON = at("01-10", "12:00")


def row(interval: Interval, *, discarded: bool = False) -> dict[str, object]:
    return sample_row(Sample("tenant", "energy", 0, interval, discarded))


def test_a_sample() -> None:
    assert row(used(NOON, KWH)) == {
        "start": "2026-01-10T11:00:00Z",
        "end": "2026-01-10T11:05:00Z",
        "meter": "m",
        "kwh": "1",
        "kw": "12",
        "method": "measured",
        "quality": "good",
        "event": None,
    }


@pytest.mark.parametrize(
    ("more", "quality", "event"),
    [
        ({"gap_from_ms": NOON - FIVE, "gap_to_ms": NOON + FIVE}, "gap", None),
        ({"questionable": 1, "event": "minimum_booked"}, "questionable", "minimum_booked"),
        ({"missing_ms": FIVE}, "missing", None),
        ({"missing_ms": MINUTE, "event": "rollover"}, "good", "rollover"),
    ],
)
def test_a_sample_tells_its_quality_and_what_happened(
    more: dict[str, Any], quality: str, event: str | None
) -> None:
    found = row(used(NOON, 1, **more))
    assert (found["quality"], found["event"]) == (quality, event)


def test_a_discarded_sample_says_so() -> None:
    assert row(used(NOON, 1, event="rollover"), discarded=True)["event"] == "anomaly_ceiling"


def test_an_adjustment() -> None:
    adjusted = Adjusted(
        "a1", "tenant", at("01-01"), at("02-01"), NOON, "late_data", "m", "measured",
        KWH // 2, KWH, KWH * 3 // 2,
    )  # fmt: skip
    assert adjustment_row(adjusted) == {
        "id": "a1",
        "bill": "tenant",
        "meter": "m",
        "method": "measured",
        "period": "2025-12-31T23:00:00Z",
        "open_period": "2026-01-31T23:00:00Z",
        "time": "2026-01-10T11:00:00Z",
        "reason": "late_data",
        "kwh": "0.5",
        "before": "1",
        "after": "1.5",
    }

"""What a bill does not believe of one source."""

from decimal import Decimal
from typing import Any

import pytest
from tests.billing.site import FIVE, at, spec, used

from meterd.billing.anomalies import anomaly, over_ceiling

NOON = at("01-10", "12:00")
AT_12_KW = 12 * FIVE


@pytest.mark.parametrize(
    ("amount", "ceiling", "expected"),
    [(AT_12_KW, "12", False), (AT_12_KW + 1, "12", True), (AT_12_KW, "11.99", True)],
)
def test_a_ceiling_may_be_reached(amount: int, ceiling: str, expected: bool) -> None:
    assert over_ceiling(used(NOON, amount), Decimal(ceiling)) is expected


def test_without_a_ceiling_everything_is_believed() -> None:
    assert not over_ceiling(used(NOON, 10**15), None)


def test_one_count_in_the_last_second_of_an_interval_is_no_anomaly() -> None:
    assert not over_ceiling(used(NOON, AT_12_KW, missing_ms=FIVE - 1000), Decimal(12))


HULL: dict[str, Any] = {"gap_from_ms": NOON - 2 * FIVE, "gap_to_ms": NOON + FIVE}


@pytest.mark.parametrize("event", ["meter_replaced", "replacement_completed"])
def test_what_was_told_late_was_used_over_the_time_it_is_told_of(event: str) -> None:
    late = used(NOON, 3 * AT_12_KW, event=event, **HULL)
    assert not over_ceiling(late, Decimal(12))
    assert over_ceiling(used(NOON, 3 * AT_12_KW + 1, event=event, **HULL), Decimal(12))


def test_any_other_gap_is_judged_by_its_share_of_the_interval() -> None:
    assert over_ceiling(used(NOON, AT_12_KW + 1, **HULL), Decimal(12))
    assert over_ceiling(used(NOON, AT_12_KW + 1, event="meter_replaced"), Decimal(12))


def test_the_event_carries_the_numbers() -> None:
    assert anomaly(spec(max_source_kw=Decimal(11)), used(NOON, AT_12_KW)) == {
        "bill": "tenant",
        "start": "2026-01-10T11:00:00Z",
        "end": "2026-01-10T11:05:00Z",
        "kwh": "1",
        "kw": "12",
        "ceiling_kw": "11",
    }

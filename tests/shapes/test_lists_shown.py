"""Rows of the lists as JSON: public names, exact strings, dashed ids."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meterd import shapes
from meterd.events import Adjusted, Event, Interval, PeriodClosed, RecordRow, Sample

NOON_MS = 1_767_268_800_000
FIVE_MIN_MS = 300_000
ID, DASHED = "01JAP8RJBN8ZTPXSGYJ9GSDPE1", "01JAP8RJBN-8ZTPXSGY-J9GSDPE1"


TENTH = Interval(
    "main", "energy_import", "measured", "", NOON_MS, NOON_MS + FIVE_MIN_MS, amount=360_000
)


def interval(**changes: Any) -> Interval:
    """Five minutes from noon, a tenth of a kWh."""
    return msgspec.structs.replace(TENTH, **changes)


def test_an_interval_in_the_unit_of_its_quantity() -> None:
    assert shapes.interval(interval(), "kWh") == {
        "start": "2026-01-01T12:00:00Z",
        "end": "2026-01-01T12:05:00Z",
        "meter": "main",
        "quantity": "energy_import",
        "method": "measured",
        "phase": None,
        "amount": "0.1",
        "unit": "kWh",
        "gap": "0",
        "questionable": "0",
        "quality": "good",
        "missing_s": 0.0,
        "gap_start": None,
        "gap_end": None,
        "event": None,
    }


def test_an_interval_in_a_gap_says_where_the_gap_was() -> None:
    item = interval(
        phase="l1", gap=36_000, questionable=360, missing_ms=1500, event="rollover",
        gap_from_ms=NOON_MS - 1, gap_to_ms=NOON_MS + 1000,
    )  # fmt: skip
    shown = shapes.interval(item, "kWh")
    assert (shown["gap_start"], shown["gap_end"]) == (
        "2026-01-01T11:59:59.999Z",
        "2026-01-01T12:00:01Z",
    )
    assert (shown["gap"], shown["questionable"], shown["missing_s"]) == ("0.01", "0.0001", 1.5)
    assert (shown["quality"], shown["phase"], shown["event"]) == ("questionable", "l1", "rollover")


@pytest.mark.parametrize(
    ("phase", "discarded", "rest"),
    [
        ("", False, {"event": None, "phase": None, "discarded": False}),
        ("l2", True, {"event": "anomaly_ceiling", "phase": "l2", "discarded": True}),
    ],
)
def test_a_sample_says_first_what_the_contract_says_then_whose_it_is(
    phase: str, discarded: bool, rest: dict[str, Any]
) -> None:
    shown = shapes.sample(
        Sample("tenant-a", "energy", NOON_MS, interval(phase=phase), discarded=discarded)
    )
    assert list(shown) == [
        "start", "end", "meter", "kwh", "kw", "method", "quality", "event",
        "bill", "kind", "phase", "discarded",
    ]  # fmt: skip
    assert (shown["kwh"], shown["kw"], shown["bill"], shown["kind"]) == (
        "0.1", "1.2", "tenant-a", "energy",
    )  # fmt: skip
    assert {name: shown[name] for name in rest} == rest


def test_an_events_numbers_follow_and_hide_nothing() -> None:
    numbers = {"after": "20", "time": "never", "id": "none"}
    shown = shapes.event(Event(ID, NOON_MS, "reset", "main", "energy_import", numbers))
    assert shown == {
        "id": DASHED,
        "time": "2026-01-01T12:00:00Z",
        "kind": "reset",
        "meter": "main",
        "quantity": "energy_import",
        "after": "20",
    }
    assert list(shown)[:5] == ["id", "time", "kind", "meter", "quantity"]


def test_an_event_of_no_meter_says_so() -> None:
    shown = shapes.event(Event(ID, NOON_MS, "store_rebuilt"))
    assert (shown["meter"], shown["quantity"]) == (None, None)


@pytest.mark.parametrize(
    ("end_ms", "now_ms", "duration_s"),
    [
        (None, NOON_MS + 90_500, 90.5),
        (None, NOON_MS - 1, 0.0),
        (NOON_MS + 60_000, NOON_MS + 90_500, 60.0),
    ],
)
def test_the_duration_of_a_record_runs_until_it_ends(
    end_ms: int | None, now_ms: int, duration_s: float
) -> None:
    row = RecordRow(
        ID, "Conveyor water", 3, "RUNNING", NOON_MS, end_ms, 0, None, NOON_MS, None, None, None,
        "schedule",
    )  # fmt: skip
    kept = {"id": DASHED, "total_duration_sec": 60.0, "usage_value": 1.5}
    assert shapes.record(kept, row, now_ms) == {
        "id": DASHED,
        "total_duration_sec": duration_s,
        "usage_value": 1.5,
        "configuration": "Conveyor water",
        "run": 3,
        "cut_by": "schedule",
    }


def test_an_adjustment_has_a_dashed_id_and_exact_numbers() -> None:
    late = Adjusted(
        ID, "tenant-a", NOON_MS, NOON_MS + 1000, NOON_MS + 2000, "late_data", "main", "measured",
        360_000, 3_600_000, 3_960_000,
    )  # fmt: skip
    shown = shapes.adjustment(late)
    assert next(iter(shown)) == "id"
    assert (shown["id"], shown["kwh"], shown["before"], shown["after"]) == (
        DASHED, "0.1", "1", "1.1",
    )  # fmt: skip


def closed(start: str, **figures: Any) -> PeriodClosed:
    """A closed period; its canonical body sorts its keys."""
    facts = {"figures": {"status": "closed", "start": start, "end": "e", **figures}, "format": 1}
    body = msgspec.json.encode(facts, order="sorted")
    return PeriodClosed("tenant-a", 1, 2, NOON_MS, body, "beef", "dead")


def test_a_closed_period_is_shown_in_the_order_of_an_open_one() -> None:
    shown = shapes.closed_period(closed("a", used="1", energy_kwh="1", allowance=None))
    assert list(shown) == [
        "start", "end", "status", "used", "energy_kwh", "allowance", "closed", "sha256",
    ]  # fmt: skip
    assert (shown["closed"], shown["sha256"]) == ("2026-01-01T12:00:00Z", "beef")


def test_a_bill_lists_its_closed_periods_before_the_open_one() -> None:
    live = {"name": "tenant-a", "periods": [{"start": "c", "status": "open"}], "unit": "kWh"}
    shown = shapes.bill(live, [closed("a"), closed("b")])
    assert list(shown) == ["name", "periods", "unit"]
    assert [period["start"] for period in shown["periods"]] == ["a", "b", "c"]


def test_a_period_that_closed_since_the_bill_was_looked_at_is_shown_once_as_closed() -> None:
    live = {"periods": [{"start": "b", "status": "closing"}, {"start": "c", "status": "open"}]}
    shown = shapes.bill(live, [closed("a"), closed("b")])
    assert [(period["start"], period["status"]) for period in shown["periods"]] == [
        ("a", "closed"), ("b", "closed"), ("c", "open"),
    ]  # fmt: skip
    assert live["periods"][0]["status"] == "closing"

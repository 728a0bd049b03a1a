"""Facts: what is told of records, samples, periods and events, and how it is numbered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from meterd.billing.closing import canonical
from meterd.events import (
    Adjusted,
    AvailabilityChanged,
    Event,
    Interval,
    Output,
    PeriodClosed,
    RecordRow,
    Sample,
)
from meterd.metering.calendar import iso
from meterd.sinks.mqtt_messages import messages, numbered
from meterd.specs import BillSpec, DemandSpec, RecordSpec
from meterd.stores.meter_records import columns_of, record_row, seed_columns

NOON_MS = 1_767_268_800_000


def interval(**more: Any) -> Interval:
    said: dict[str, Any] = {
        "meter": "main",
        "quantity": "energy_import",
        "method": "measured",
        "phase": "",
        "start_ms": NOON_MS,
        "end_ms": NOON_MS + 300_000,
        "amount": 1_234_567,
    }
    return Interval(**(said | more))


def record(status: str) -> RecordRow:
    return RecordRow(
        id="01JAP8RJBN8ZTPXSGYJ9GSDPE1",
        configuration="Conveyor water",
        run=3,
        status=status,
        start_ms=NOON_MS,
        end_ms=NOON_MS + 600_000,
        usage=36_054_000,
        cost="13.70",
        created_ms=NOON_MS,
        modified_ms=None,
        modified_by=None,
        location="line-1",
    )


WATER = RecordSpec("Conveyor water", "w1", "energy_import", equipment="conveyor-1")


def columns(row: RecordRow) -> Mapping[str, Any]:
    return seed_columns(record_row(row, columns_of(WATER)))


def closed(terms: BillSpec) -> PeriodClosed:
    figures = {"used": "12.5", "start": iso(NOON_MS), "end": iso(NOON_MS), "status": "closed"}
    return PeriodClosed(
        bill="tenant-a",
        start_ms=NOON_MS,
        end_ms=NOON_MS,
        closed_ms=NOON_MS + 90_000_000,
        body=canonical({"figures": figures, "terms": terms}),
        sha256="ab",
        previous_sha256="00",
    )


CLOSED = closed(BillSpec("tenant-a", allowance=Decimal("5000.50")))


def told(*outputs: Output, first_seq: int = 7) -> list[tuple[str, dict[str, Any], bool]]:
    """(topic, JSON with decimals kept, retained) of each fact; seq is checked on the way."""
    said = []
    facts = numbered(messages("m/hq", outputs, columns), first_seq, "E")
    for seq, fact in enumerate(facts, first_seq):
        body = json.loads(fact.payload, parse_float=Decimal)
        assert (fact.seq, body["seq"], body["epoch"]) == (seq, seq, "E")
        said.append((fact.topic, body, fact.retain))
    return said


def test_an_event_is_told_with_its_numbers_and_they_cannot_disguise_it() -> None:
    numbers = {"before": "1.5", "seq": 99, "kind": "x"}
    event = Event(
        "01JAP8RJBN8ZTPXSGYJ9GSDPE1", NOON_MS + 250, "spike", "main", "energy_import", numbers
    )
    assert told(event) == [
        (
            "m/hq/events",
            {
                "id": "01JAP8RJBN-8ZTPXSGY-J9GSDPE1",
                "epoch": "E",
                "seq": 7,
                "time": "2026-01-01T12:00:00.250Z",
                "kind": "spike",
                "meter": "main",
                "quantity": "energy_import",
                "before": "1.5",
            },
            False,
        )
    ]


def test_a_sample_is_told_as_energy_and_mean_power() -> None:
    [(topic, body, retained)] = told(Sample("tenant-a", "energy", NOON_MS, interval()))
    assert (topic, retained) == ("m/hq/bills/tenant-a/sample", False)
    assert body == {
        "id": "tenant-a/main/energy/2026-01-01T12:00:00Z",
        "epoch": "E",
        "seq": 7,
        "bill": "tenant-a",
        "start": "2026-01-01T12:00:00Z",
        "end": "2026-01-01T12:05:00Z",
        "meter": "main",
        "kind": "energy",
        "phase": None,
        "kwh": "0.342935278",
        "kw": "4.115223333",
        "method": "measured",
        "quality": "good",
        "event": None,
        "discarded": False,
    }


def test_the_phases_of_one_meter_are_three_samples() -> None:
    samples = [Sample("b", "power", NOON_MS, interval(phase=phase)) for phase in ("l1", "l2")]
    assert [body["id"] for _, body, _ in told(*samples)] == [
        "b/main/power/l1/2026-01-01T12:00:00Z",
        "b/main/power/l2/2026-01-01T12:00:00Z",
    ]


def test_a_closed_period_is_retained_under_the_keys_of_an_open_one() -> None:
    assert told(CLOSED) == [
        (
            "m/hq/bills/tenant-a/period",
            {
                "id": "tenant-a/2026-01-01T12:00:00Z",
                "epoch": "E",
                "seq": 7,
                "bill": "tenant-a",
                "type": "energy",
                "unit": "kWh",
                "start": "2026-01-01T12:00:00Z",
                "end": "2026-01-01T12:00:00Z",
                "status": "closed",
                "used": "12.5",
                "closed": "2026-01-02T13:00:00Z",
                "sha256": "ab",
            },
            True,
        )
    ]


def test_a_closed_demand_period_is_in_the_unit_of_its_own_terms() -> None:
    terms = BillSpec("tenant-a", type="demand", demand=DemandSpec(quantity="kva"))
    [(_, body, _)] = told(closed(terms))
    assert (body["type"], body["unit"]) == ("demand", "kVA")


@pytest.mark.parametrize("status", ["COMPLETED", "CANCELLED"])
def test_a_record_is_told_when_it_ends_as_the_seeds_columns(status: str) -> None:
    [(topic, body, retained)] = told(record(status))
    assert (topic, retained) == ("m/hq/records/Conveyor water", False)
    assert list(body)[:3] == ["id", "epoch", "seq"]
    assert body["id"] == "01JAP8RJBN-8ZTPXSGY-J9GSDPE1"
    assert (body["usage_value"], body["cost"]) == (Decimal("10.015"), Decimal("13.7"))
    assert body["name"] == "Conveyor water Run 3"


@pytest.mark.parametrize("status", ["IDLE", "RUNNING", "PAUSED", "FAULTED", "UNKNOWN"])
def test_a_record_that_lives_is_not_told(status: str) -> None:
    assert told(record(status)) == []


def test_facts_are_numbered_without_holes_past_what_is_no_fact() -> None:
    outputs: list[Output] = [
        interval(),
        Event("01E", NOON_MS, "spike"),
        AvailabilityChanged("main", NOON_MS, True),
        record("RUNNING"),
        Adjusted("01A", "b", 0, 1, NOON_MS, "late", "main", "measured", 1, 0, 1),
        CLOSED,
        record("COMPLETED"),
    ]
    assert [body["seq"] for _, body, _ in told(*outputs, first_seq=0)] == [0, 1, 2]

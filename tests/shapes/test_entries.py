"""What people send in: checked field by field, and what is said of each mistake."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meterd.events import AvailabilityChanged, Event, Output, Reading
from meterd.metering.calendar import parse_iso
from meterd.shapes.entries import (
    EntryError,
    Newest,
    outcome,
    reading,
    refusals,
    replacement,
)
from meterd.specs import MeterSpec, RegisterSpec

NOON = parse_iso("2026-01-10T12:00:00Z")
KWH = 3_600_000
WATER = MeterSpec(
    "water-1",
    units={"volume": "m3", "temperature": "degC", "batch_id": "lot"},
    registers=(RegisterSpec("volume", unit="m3"),),
)
MAIN = MeterSpec(
    "main",
    units={"energy_import": "MWh", "energy_export": "MWh"},
    registers=(
        RegisterSpec("energy_import", unit="MWh"),
        RegisterSpec("energy_export", unit="MWh"),
    ),
)
PLANNED = MeterSpec("later", status="planned", units={"volume": "m3"}, registers=WATER.registers)


# -- readings -----------------------------------------------------------------------------


def test_a_reading_is_of_now_in_the_points_own_unit_and_says_who_entered_it() -> None:
    assert reading(WATER, {"meter": "water-1", "volume": "1234.5"}, NOON, "ann") == Reading(
        "water-1", NOON, {"volume": 1_234_500_000}, {}, entered_by="ann"
    )


def test_a_reading_may_say_when_and_what_the_device_is() -> None:
    item = {
        "meter": "water-1", "time": "2026-01-10T11:00:00+01:00", "volume": 1, "temperature": "8.5",
        "serial_number": "B", "uptime": 60, "age_s": 2,
    }  # fmt: skip
    found = reading(WATER, item, NOON, "")
    assert (found.at_ms, found.gauges, found.serial) == (
        NOON - 7_200_000,
        {"temperature": 8.5},
        "B",
    )
    assert (found.uptime_s, found.age_ms, found.entered_by) == (60.0, 2000, "")


def test_what_is_no_number_to_count_on_is_absent_and_a_gauge_may_be_tiny() -> None:
    found = reading(WATER, {"volume": "nan", "temperature": "1e-300"}, NOON, "")
    assert (found.registers, found.missing, found.gauges) == (
        {},
        ("volume",),
        {"temperature": 1e-300},
    )


def test_a_senders_clock_may_be_a_little_ahead() -> None:
    item = {"volume": 1, "time": "2026-01-10T12:01:00Z"}
    assert reading(WATER, item, NOON, "").at_ms == NOON + 60_000


READINGS = {
    "a quantity it does not read": (
        {"volum": 1}, "volum is nothing that water-1 reads; did you mean 'volume'?"
    ),
    "nothing that is near": (
        {"x": 1}, "x is nothing that water-1 reads; there is volume, temperature, batch_id"
    ),
    "no time": (
        {"volume": 1, "time": "noon"},
        "time is no time with an offset; write 2026-01-31T12:00:00Z",
    ),
    "a number for a time": (
        {"volume": 1, "time": 5}, "time is no time with an offset; write 2026-01-31T12:00:00Z"
    ),
    "a time of no clock": (
        {"volume": 1, "time": "1970-01-01T00:03:00Z"},
        "time is before the year 2000; is the sender's clock set?",
    ),
    "a time to come": (
        {"volume": 1, "time": "2026-01-10T12:01:00.001Z"},
        "time has not come yet; is the sender's clock right?",
    ),
    "no number": ({"volume": "much"}, "volume is 'much', not a number"),
    "true": ({"volume": True}, "volume is 'True', not a number"),
    "no gauge": ({"temperature": "warm"}, "temperature is 'warm', not a number"),
    "no uptime": ({"volume": 1, "uptime": "long"}, "uptime is 'long', not a number"),
    "an underscore": ({"temperature": "1_0"}, "temperature is '1_0', not a number"),
    "a long one": ({"temperature": "1" * 41}, f"temperature is '{'1' * 40}', not a number"),
    "a counter of odd digits": ({"volume": "١"}, "volume is '١', not a number"),
    "no age": ({"volume": 1, "age_s": "inf"}, "cannot convert float infinity to integer"),
    "nothing at all": ({}, "has no value; send one of volume, temperature, batch_id"),
    "nothing but null": (
        {"volume": None}, "has no value; send one of volume, temperature, batch_id"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", READINGS.values(), ids=READINGS.keys())
def test_a_reading_that_cannot_be_is_refused_by_its_field(case: tuple[dict[str, Any], str]) -> None:
    item, why = case
    with pytest.raises(EntryError) as error:
        reading(WATER, item, NOON, "ann")
    assert str(error.value) == why


def test_a_meter_that_is_not_followed_takes_no_readings() -> None:
    with pytest.raises(EntryError, match="meter is planned; what it reads is not followed"):
        reading(PLANNED, {"volume": 1}, NOON, "ann")


def test_nobody_reads_or_replaces_what_is_calculated() -> None:
    net = MeterSpec("net", units={"energy_import": "kWh"}, expressions={"energy_import": "a.b"})
    with pytest.raises(EntryError, match="meter is virtual: it is calculated"):
        reading(net, {"energy_import": 1}, NOON, "")
    with pytest.raises(EntryError, match="net is virtual; no device of it can be replaced"):
        replacement(net, {}, NOON, "ann")


# -- what became of them ------------------------------------------------------------------


def event(kind: str, quantity: str = "volume", **numbers: Any) -> Event:
    return Event("id", NOON, kind, "water-1", quantity, numbers)


TAKEN = Reading("water-1", NOON, {"volume": 1}, {})
BOTH = Reading("water-1", NOON, {"energy_import": 1, "energy_export": 1}, {})
GAUGE = Reading("water-1", NOON, {}, {"temperature": 8.0})
OUTCOMES: dict[str, tuple[Reading, list[Output], int | None, str | None, list[str]]] = {
    "an ordinary rise": (TAKEN, [event("reading_entered")], None, None, []),
    "the first": (
        TAKEN,
        [event("baseline_set"), AvailabilityChanged("water-1", NOON, True), event("online", "")],
        None, None, ["baseline_set"],
    ),
    "one that is there already": (TAKEN, [event("duplicate")], NOON, "duplicate", ["duplicate"]),
    "one of two counters took it": (
        BOTH, [event("out_of_range", "energy_export")], None, None, ["out_of_range"]
    ),
    "while others went off line": (
        TAKEN, [msgspec.structs.replace(event("duplicate"), meter="main")], None, None, []
    ),
    "a spike": (TAKEN, [event("anomaly_ceiling")], None, None, ["anomaly_ceiling"]),
    "a gauge": (GAUGE, [], NOON - 1, None, []),
    "a first gauge": (GAUGE, [], None, None, []),
    "a gauge again": (GAUGE, [], NOON, "duplicate", []),
    "an older gauge": (GAUGE, [], NOON + 1, "out_of_order", []),
    "another value of the same instant": (
        TAKEN, [event("duplicate", last="7")], NOON, "conflict", ["duplicate"]
    ),
    "another gauge of the same instant": (
        Reading("water-1", NOON, {}, {"temperature": 9.0}), [], NOON, "conflict", []
    ),
    "a counter again, with a gauge that is new": (
        Reading("water-1", NOON, {"volume": 1}, {"humidity": 9.0}),
        [event("duplicate")], NOON, "conflict", ["duplicate"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OUTCOMES.values(), ids=OUTCOMES.keys())
def test_what_became_of_a_reading(
    case: tuple[Reading, list[Output], int | None, str | None, list[str]],
) -> None:
    item, outputs, before_ms, refused, kinds = case
    told = outcome(item, outputs, Newest(before_ms, GAUGE.gauges))
    assert (told["refused"], told["events"]) == (refused, kinds)
    word = {None: "taken", "duplicate": "duplicate", "out_of_order": "late", "conflict": "refused"}
    assert told["outcome"] == word[refused]
    assert (told["meter"], told["time"]) == (item.meter, "2026-01-10T12:00:00Z")


def test_why_an_order_was_refused_is_in_its_events() -> None:
    refused = event("record_order_refused", why="it is IDLE", record="Line 1")
    other = event("late_data_refused", kwh="1")
    outputs: list[Output] = [event("cutover"), refused, other, TAKEN_BY]
    assert refusals(outputs, "Line 1") == refusals(outputs, "water-1") == ["it is IDLE"]
    assert refusals(outputs, "Line 2") == []


TAKEN_BY = AvailabilityChanged("water-1", NOON, True)

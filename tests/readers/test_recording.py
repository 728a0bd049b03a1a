"""Recordings, CSV and JSON lines: what a row means, and what stops a replay."""

import json
from typing import Any

import pytest

from meterd.events import PollFailed, Reading
from meterd.metering.calendar import parse_iso
from meterd.readers.recording import RecordingError, quantities, readings
from meterd.specs import MeterSpec, RegisterSpec

KWH = 3_600_000
NOON = parse_iso("2026-01-10T12:00:00Z")
METERS = {
    "main": MeterSpec(
        "main",
        units={"energy_import": "kWh", "active_power": "W", "voltage": "", "batch_id": "lot"},
        registers=(RegisterSpec("energy_import"),),
    ),
    "water": MeterSpec(
        "water",
        units={"volume": "m3", "pieces": "", "flow": "L/min"},
        registers=(RegisterSpec("volume"), RegisterSpec("pieces")),
    ),
}


def csv(*lines: str) -> list[Reading | PollFailed]:
    return list(readings("r.csv", lines, METERS))


def jsonl(*items: dict[str, Any]) -> list[Reading | PollFailed]:
    return list(readings("r.jsonl", [json.dumps(item) for item in items], METERS))


def only(rows: list[Reading | PollFailed]) -> Reading:
    (row,) = rows
    assert isinstance(row, Reading)
    return row


# -- what a row means ----------------------------------------------------------------------


def test_a_row_is_a_reading_in_base_and_canonical_units() -> None:
    row = only(csv("time,meter,energy_import,active_power,voltage",
                   "2026-01-10T12:00:00Z,main,1234.5,12250,231.5"))  # fmt: skip
    assert row == Reading(
        "main", NOON, {"energy_import": 4_444_200_000}, {"active_power": 12.25, "voltage": 231.5}
    )


def test_rows_of_several_meters_come_in_the_order_of_arrival() -> None:
    rows = csv(
        " time , meter ,energy_import,volume",
        "2026-01-10T12:00:00Z,main,1,",
        "2026-01-10T12:00:00Z,water,,0.5",
        "",
        "2026-01-10T11:00:00+01:00,main,2,",
    )
    assert [(row.meter, row.at_ms - NOON) for row in rows] == [
        ("main", 0), ("water", 0), ("main", -7_200_000),
    ]  # fmt: skip
    assert isinstance(rows[1], Reading)
    assert rows[1].registers == {"volume": 500_000}
    assert rows[1].missing == ()


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("12", 12 * KWH),
        ("0.00000001", 0),  # more places than a whole joule has
        ("0.123456789", 444_444),
        ("1e3", 1000 * KWH),
        ("+.5", KWH // 2),
        (" 7 ", 7 * KWH),
        ("-3", -3 * KWH),  # the law of counters refuses it, the recording does not
        ("00012.50", 12 * KWH + KWH // 2),
    ],
)
def test_a_counter_is_read_exactly(cell: str, amount: int) -> None:
    row = only(csv("time,meter,energy_import", f"2026-01-10T12:00:00Z,main,{cell}"))
    assert row.registers == {"energy_import": amount}


@pytest.mark.parametrize("cell", ["", "NaN", "inf", "-Infinity"])
def test_a_counter_that_was_not_read_is_missing(cell: str) -> None:
    row = only(csv("time,meter,energy_import,active_power", f"2026-01-10T12:00:00Z,main,{cell},5"))
    assert (row.registers, row.missing) == ({}, ("energy_import",))


@pytest.mark.parametrize("cell", ["", "nan", "-inf", "1e400"])
def test_a_gauge_that_was_not_read_is_absent(cell: str) -> None:
    row = only(csv("time,meter,voltage,active_power", f"2026-01-10T12:00:00Z,main,{cell},5000"))
    assert row.gauges == {"active_power": 5.0}


def test_a_value_too_great_for_its_canonical_unit_is_absent() -> None:
    meters = {"m": MeterSpec("m", units={"active_power": "MW", "voltage": "V"})}
    lines = ["time,meter,active_power,voltage", "2026-01-10T12:00:00Z,m,1e308,230"]
    assert only(list(readings("r.csv", lines, meters))).gauges == {"voltage": 230.0}


def test_a_row_with_nothing_read_is_a_failed_poll() -> None:
    rows = csv("time,meter,energy_import,voltage,serial_number", "2026-01-10T12:00:00Z,main,,,A")
    assert rows == [PollFailed("main", NOON, "empty row", False)]
    lines = ["time,meter,voltage", "2026-01-10T12:00:00Z,main,nan"]
    assert csv(*lines) == [PollFailed("main", NOON, "empty row", False)]


def test_facts_about_the_device_are_no_quantities() -> None:
    head = "time,meter,energy_import,serial_number,uptime,age_s"
    row = only(csv(head, "2026-01-10T12:00:00Z,main,1,A7,86400.5,1.25"))
    assert (row.serial, row.uptime_s, row.age_ms) == ("A7", 86400.5, 1250)
    assert row.texts == {}
    bare = only(csv(head, "2026-01-10T12:00:00Z,main,1,,,"))
    assert (bare.serial, bare.uptime_s, bare.age_ms, bare.texts) == (None, None, 0, {})
    aged = only(csv(head, "2026-01-10T12:00:00Z,main,1,,,3"))
    assert (aged.serial, aged.uptime_s, aged.age_ms, aged.texts) == (None, None, 3000, {})


def test_units_are_declared_canonical_or_the_users_own() -> None:
    row = only(csv("time,meter,volume,pieces,flow", "2026-01-10T12:00:00Z,water,1.5,7,10"))
    assert row.registers == {"volume": 1_500_000, "pieces": 7_000_000}
    assert row.gauges == {"flow": pytest.approx(0.6)}
    own = only(csv("time,meter,batch_id,voltage", "2026-01-10T12:00:00Z,main,42,1"))
    assert own.gauges == {"batch_id": 42.0, "voltage": 1.0}


def test_a_great_unit_has_as_many_places_as_are_written() -> None:
    spec = MeterSpec(
        "m", units={"energy_import": "MWh"}, registers=(RegisterSpec("energy_import"),)
    )
    lines = ["time,meter,energy_import", "2026-01-10T12:00:00Z,m,0.123456789"]
    (row,) = readings("r.csv", lines, {"m": spec})
    assert only([row]).registers == {"energy_import": 444_444_440}


def test_a_column_that_is_no_point_of_the_meter_is_passed_over() -> None:
    row = only(csv("time,meter,energy_import,volume", "2026-01-10T12:00:00Z,main,1,99"))
    assert row.registers == {"energy_import": KWH}


def test_json_lines_say_the_same_as_rows() -> None:
    base = {"time": "2026-01-10T12:00:00Z", "meter": "main"}
    rows = jsonl(
        {**base, "energy_import": 1234.5, "active_power": 12250, "serial_number": 7},
        {**base, "energy_import": "1234.5", "active_power": None},
        {"energy_import": 1, **base, "voltage": float("nan"), "uptime": None},
        {"energy_import": 2, **base, "voltage": 230, "uptime": 5},
    )
    same = "time,meter,energy_import,active_power,serial_number"
    assert rows[0] == only(csv(same, "2026-01-10T12:00:00Z,main,1234.5,12250,7"))
    assert rows[1] == only(csv(same, "2026-01-10T12:00:00Z,main,1234.5,,"))
    assert rows[2] == Reading("main", NOON, {"energy_import": KWH}, {})
    assert rows[3] == Reading(
        "main", NOON, {"energy_import": 2 * KWH}, {"voltage": 230.0}, uptime_s=5.0
    )


def test_every_digit_of_a_json_number_counts() -> None:
    line = '{"time": "2026-01-10T12:00:00Z", "meter": "main", "energy_import": 12345678901.123456}'
    (row,) = readings("r.jsonl", [line, "", " "], METERS)
    assert isinstance(row, Reading)
    assert row.registers == {"energy_import": 44_444_444_044_044_442}


# -- what stops a replay -------------------------------------------------------------------

HEAD = "time,meter,energy_import,voltage,age_s"
BAD_ROWS = {
    "2026-01-10T12:00:00Z,main,1,2": "4 cells where the header has 5",
    "2026-01-10T12:00:00Z,mian,1,2,": "no meter 'mian' in the configuration",
    "2026-01-10 12:00,main,1,2,": "has no offset",
    "noon,main,1,2,": "Invalid isoformat string: 'noon'",
    "2026-01-10T12:00:00Z,main,1_000,2,": "energy_import is '1_000', not a number",
    "2026-01-10T12:00:00Z,main,twelve,2,": "energy_import is 'twelve', not a number",
    "2026-01-10T12:00:00Z,main,1e999999999,2,": "not a number",
    f"2026-01-10T12:00:00Z,main,1.{'0' * 40},2,": "not a number",
    "2026-01-10T12:00:00Z,main,1,high,": "could not convert string to float",
    "2026-01-10T12:00:00Z,main,1,2,inf": "infinity",
    "2026-01-10T12:00:00Z,main,1,2,nan": "NaN",
    f'2026-01-10T12:00:00Z,main,1,2,"{"x" * 200_000}"': "field larger",
}


@pytest.mark.parametrize(("row", "said"), BAD_ROWS.items(), ids=BAD_ROWS.values())
def test_a_bad_row_is_named_with_its_line_and_the_remedy(row: str, said: str) -> None:
    rows = readings("r.csv", [HEAD, "2026-01-10T11:00:00Z,main,1,2,", row], METERS)
    assert isinstance(next(rows), Reading)
    with pytest.raises(RecordingError, match=r"^r\.csv:3: .*Mend or remove the line\.$") as error:
        next(rows)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("meter,time,energy_import", "must begin with time,meter"),
        ("", "must begin with time,meter"),
        ("time,meter,voltage,voltage", "names a column twice"),
    ],
)
def test_a_bad_header_is_named(header: str, said: str) -> None:
    with pytest.raises(RecordingError, match=said):
        csv(header)
    with pytest.raises(RecordingError, match=said):
        quantities("r.csv", [header])


BAD_LINES = {
    "[1]": "a line is an object with time and meter",
    '{"time": "2026-01-10T12:00:00Z"}': "a line is an object with time and meter",
    '{"time": null, "meter": "main"}': "must be str",
    '{"time": "2026-01-10T12:00:00Z", "meter": ["main"]}': "unhashable",
    '{"time": "2026-01-10T12:00:00Z", "meter": "mian"}': "no meter 'mian'",
    '{"time": "2026-01-10T12:00:00Z", "meter": "main", "voltage": true}': "could not convert",
    '{"time": "2026-01-10T12:00:00Z", "meter": "main", "voltage": 1, "age_s": 1e400}': "infinity",
    '{"time": ': "Expecting value",
}


@pytest.mark.parametrize(("line", "said"), BAD_LINES.items(), ids=BAD_LINES.values())
def test_a_bad_line_is_named_with_its_number_and_the_remedy(line: str, said: str) -> None:
    with pytest.raises(RecordingError, match=r"^r\.jsonl:2: .*Mend or remove") as error:
        list(readings("r.jsonl", ["", line], METERS))
    assert said in str(error.value)

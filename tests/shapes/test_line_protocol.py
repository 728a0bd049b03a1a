"""InfluxDB's line protocol as rows of readings, and what is said of lines that are none."""

from __future__ import annotations

from typing import Any

import pytest

from meterd.shapes.entries import EntryError
from meterd.shapes.line_protocol import PRECISIONS, Row, rows

GOOD: dict[str, dict[str, Any]] = {
    "main energy_import=501.2": {"meter": "main", "energy_import": "501.2"},
    "main volume=7i,count=8u": {"meter": "main", "volume": "7", "count": "8"},
    "main,host=gw,site=a volume=1": {"meter": "main", "volume": "1"},
    "modbus,meter=main volume=1": {"meter": "main", "volume": "1"},
    "volume,meter=main value=1": {"meter": "main", "volume": "1"},
    "main value=1": {"meter": "main", "value": "1"},
    r"hall\ 1\,a,x=\= volume=1": {"meter": "hall 1,a", "volume": "1"},
    r'main volume=1,serial_number="A \"1\", b=c\\"': {
        "meter": "main", "volume": "1", "serial_number": r'A "1", b=c\ '.strip(),
    },
    "  main   volume=1  ": {"meter": "main", "volume": "1"},
}  # fmt: skip


@pytest.mark.parametrize("line", GOOD)
def test_a_line_is_a_reading(line: str) -> None:
    assert rows(line, "ns") == [Row("line 1", GOOD[line])]


BAD = {
    "main": "is no line; send main energy_import=501.2 1767268800000000000",
    "main a=1 2 3": "is no line; send main energy_import=501.2 1767268800000000000",
    "main a": "has 'a', which is no name=value",
    "main a=": "has 'a=', which is no name=value",
    "main =1": "has '=1', which is no name=value",
    "main a=1=2": "has 'a=1=2', which is no name=value",
    "main,tag a=1": "has 'tag', which is no name=value",
    'main a="x': "has a quote that is not closed",
    "main a=true": "a is true, not a number; send 0 or 1",
    "main a=1,a=2": "a is there twice",
    "main time=1": "time is no field; it is the measurement, and the timestamp",
    "main a=1 noon": "time is 'noon', not a whole number of ns",
    "main a=1 1.5": "time is '1.5', not a whole number of ns",
    "main a=1 999999999999999999999": "time is '99999999999999999999', not a whole number of ns",
}


@pytest.mark.parametrize("line", BAD)
def test_a_line_that_is_none_says_why(line: str) -> None:
    (row,) = rows(f"\n{line}", "ns")
    assert row.place == "line 2"
    assert isinstance(row.item, EntryError)
    assert str(row.item) == BAD[line]


def test_a_timestamp_of_another_precision_is_none() -> None:
    (row,) = rows("main a=1 1767268800123456789", "s")
    assert str(row.item) == "time is no time in s; see ?precision="


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_timestamp_has_the_precision_that_was_asked_for(precision: str) -> None:
    stamp = {"ns": "1767268800123456789", "us": "1767268800123456", "ms": "1767268800123"}
    (row,) = rows(f"main a=1 {stamp.get(precision, '1767268800')}", precision)
    assert isinstance(row.item, dict)
    told = "2026-01-01T12:00:00Z" if precision == "s" else "2026-01-01T12:00:00.123Z"
    assert row.item["time"] == told


def test_every_line_is_a_row_but_blanks_and_comments() -> None:
    found = rows("main a=1 60\r\n # why\n\nmain", "s")
    assert [row.place for row in found] == ["line 1", "line 4"]
    assert found[0].item == {"meter": "main", "time": "1970-01-01T00:01:00Z", "a": "1"}

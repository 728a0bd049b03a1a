"""History as CSV: what can be read is, and the rest is told by its line."""

from __future__ import annotations

import pytest

from meterd.metering.calendar import parse_iso
from meterd.shapes.history.csv_rows import csv_rows
from meterd.shapes.history.rows import HistoryRow, NoHistoryError, Refused, Wanted

KWH = Wanted("energy_import", "kWh")
JUNE = parse_iso("2025-06-01T00:00:00+02:00")
QUARTER = 900_000


def rows(text: str, wanted: Wanted = KWH) -> list[HistoryRow | Refused]:
    return list(csv_rows(text.encode(), wanted))


def test_a_row_is_an_interval_with_its_line() -> None:
    found = rows(
        "\ufeffStart,End,kWh,note\n"
        '2025-06-01T00:00:00+02:00,2025-06-01T00:15:00+02:00,1.25,"two\nlines"\n\n'
        "2025-05-31T22:15:00Z,2025-05-31T22:30:00Z,1e1,\n"
    )
    assert found == [
        HistoryRow(2, JUNE, JUNE + QUARTER, 4_500_000),
        HistoryRow(5, JUNE + QUARTER, JUNE + 2 * QUARTER, 36_000_000),
    ]


@pytest.mark.parametrize(
    ("header", "cells", "amount"),
    [
        ("time,wh", "1000", 3_600_000),
        ("interval_start,MWh", "0.001", 3_600_000),
        ("start,amount,unit", "1,Wh", 3600),
        ("start,energy_import", "2", 7_200_000),
        ("start,quantity,kwh", "energy_import,1", 3_600_000),
    ],
)
def test_the_unit_stands_in_the_column_or_in_its_name(header: str, cells: str, amount: int) -> None:
    quarters = Wanted("energy_import", "kWh", interval_ms=QUARTER)
    (row,) = rows(f"{header}\n2025-06-01T00:00:00+02:00,{cells}\n", quarters)
    assert row == HistoryRow(2, JUNE, JUNE + QUARTER, amount)


def test_a_register_declared_in_other_units_is_read_in_them() -> None:
    (row,) = rows(
        "start,end,energy_import\n2025-06-01T00:00Z,2025-06-01T01:00Z,2\n",
        Wanted("energy_import", "MWh"),
    )
    assert isinstance(row, HistoryRow)
    assert row.amount == 2 * 3_600_000_000


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("2025-06-01T00:00:00,2025-06-01T00:15:00Z,1", "is no time with an offset; write"),
        ("yesterday,2025-06-01T00:15:00Z,1", "'yesterday' is no time"),
        ("2025-06-01T00:00:00Z,99999-01-01T00:00:00Z,1", "is no time"),
        ("2025-06-01T00:00:00Z,2025-06-01T00:15:00Z,one", "'one' is no number"),
        ("2025-06-01T00:00:00Z,2025-06-01T00:15:00Z", "has 2 cells and the header more"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_and_the_next_is_taken(line: str, why: str) -> None:
    good = "2025-06-01T00:00:00Z,2025-06-01T00:15:00Z,1"
    bad, row = rows(f"start,end,kwh\n{line}\n{good}\n")
    assert isinstance(bad, Refused)
    assert bad.line == 2
    assert why in bad.why
    assert isinstance(row, HistoryRow)


def test_a_row_of_another_quantity_or_unit_is_refused() -> None:
    head = "start,end,quantity,amount,unit\n2025-06-01T00:00:00Z,2025-06-01T00:15:00Z,"
    (other,) = rows(f"{head}volume,1,m3\n")
    assert isinstance(other, Refused)
    assert other.why == "is of 'volume', not of energy_import"
    (unit,) = rows(f"{head}energy_import,1,m3\n")
    assert isinstance(unit, Refused)
    assert unit.why == "is in 'm3', which is no kWh"


def test_after_what_cannot_be_split_nothing_is_guessed() -> None:
    (broken,) = rows('start,end,kwh\n"a"b,c,d\n')
    assert isinstance(broken, Refused)
    assert "neither can what follows" in broken.why


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "line 1 has no header"),
        ('"', "line 1 has no header"),
        ("end,kwh\n", "line 1 has no column 'start'"),
        ("start,end,price\n", "line 1 has no column 'kwh'"),
        ("start,kwh\n", "line 1 has no column 'end'; add it, or say --minutes 15"),
    ],
)
def test_a_file_without_its_columns_is_none(text: str, hint: str) -> None:
    with pytest.raises(NoHistoryError, match=hint):
        rows(text)

"""NEM12: days of intervals in market time, qualities by range, several streams in a file."""

from __future__ import annotations

import pytest

from meterd.metering.calendar import parse_iso
from meterd.shapes.history.nem12 import nem12
from meterd.shapes.history.rows import HistoryRow, NoHistoryError, Refused, Wanted

IMPORT = Wanted("energy_import", "kWh")
HEAD = "100,NEM12,200506081149,UNITEDDP,NEMMCO"
E1 = "200,NEM1201009,E1E2,1,E1,N1,01009,kWh,30,20050610"
B1 = "200,NEM1201009,E1B1,1,B1,N1,01009,Wh,30,20050610"
FIRST = parse_iso("2005-02-28T14:00:00Z")
HALF = 1_800_000


def day(quality: str = "A", first: str = "0.461", day: str = "20050301") -> str:
    values = ",".join([first, *["0.5"] * 47])
    return f"300,{day},{values},{quality},,,20050310121004,20050310182204"


def rows(*lines: str, wanted: Wanted = IMPORT) -> list[HistoryRow | Refused]:
    return list(nem12("\r\n".join(lines).encode(), wanted))


def test_a_day_begins_at_midnight_of_the_market() -> None:
    found = rows(HEAD, E1, day(), "900")
    assert len(found) == 48
    assert found[0] == HistoryRow(3, FIRST, FIRST + HALF, 1_659_600)
    last = found[-1]
    assert isinstance(last, HistoryRow)
    assert last.end_ms == FIRST + 48 * HALF


def test_qualities_are_of_ranges_and_a_null_is_no_value() -> None:
    found = rows(HEAD, E1, day("V"), "400,1,20,F14,76,", "400,21,40,A,,", "400,41,48,N,,", "900")
    assert [isinstance(row, HistoryRow) and row.good for row in found] == [False] * 20 + [True] * 20
    assert all(isinstance(row, HistoryRow) for row in found), "eight have no value, and no fault"
    refined = rows(HEAD, E1, day("V"), "400,1,47,A,,")
    (left,) = (row for row in refined if isinstance(row, Refused))
    assert left == Refused(3, "interval 48 has no quality; a 400 record is missing")


def test_the_stream_of_the_quantity_is_taken_and_no_other() -> None:
    both = (HEAD, E1, day(), B1, day(first="1000"), "400,1,48,A,,", "900")
    assert len(rows(*both)) == 48
    (first, *_rest) = rows(*both, wanted=Wanted("energy_export", "kWh"))
    assert isinstance(first, HistoryRow)
    assert (first.line, first.amount) == (5, 3_600_000), "it is in Wh"
    assert len(rows(HEAD, E1, day(), day(day="20050302"), E1, day(day="20050303"))) == 3 * 48


def test_of_several_one_must_be_named() -> None:
    e2 = E1.replace(",E1,N1", ",E2,N2")
    with pytest.raises(NoHistoryError, match="say --stream NEM1201009/E1 or NEM1201009/E2"):
        rows(HEAD, E1, day(), e2, day())
    named = Wanted("energy_import", "kWh", "NEM1201009/E2")
    assert {row.line for row in rows(HEAD, E1, day(), e2, day(), wanted=named)} == {5}
    with pytest.raises(NoHistoryError, match=r"no x/E1; it has NEM1201009/E1 \(energy_import\)"):
        rows(HEAD, E1, day(), wanted=Wanted("energy_import", "kWh", "x/E1"))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("300,20050301,1,2,A", "is a 300 record of 5 cells; it needs 51"),
        (day(day="20051301"), "'20051301' is no day; write 20250601"),
        (day(first="x"), "interval 1: 'x' is no number"),
        (day() + "\n400,1,A", "is a 400 record without two interval numbers"),
        (day() + "\n400,0,48,A", "is of the intervals 0 to 48; a day has 48"),
    ],
)
def test_a_wrong_record_is_told_and_the_next_day_is_taken(line: str, why: str) -> None:
    found = rows(HEAD, E1, line, day(day="20050302"), "900")
    refused = [row for row in found if isinstance(row, Refused)]
    assert [why in row.why for row in refused] == [True]
    assert sum(isinstance(row, HistoryRow) for row in found) >= 48


def test_records_before_any_stream_are_nobodys() -> None:
    assert len(rows(HEAD, "", day(), "400,1,48,A", "500,S", E1, day())) == 48


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        ((), "line 1 is no 100,NEM12 record"),
        (("start,end,kwh",), "line 1 is no 100,NEM12 record"),
        ((HEAD,), "it has no energy_import; it has no 200 record"),
        ((HEAD, "200,1"), "line 2 is a 200 record of 2 cells"),
        ((HEAD, E1.replace("kWh", "BTU")), "line 2 is in 'BTU'; known: WH, KWH"),
        ((HEAD, E1.replace(",30,", ",7,")), "line 2 has intervals of '7' minutes"),
        ((HEAD, "x" * 200_000), "line 2 cannot be read"),
    ],
)
def test_a_file_that_is_none_is_said_so(lines: tuple[str, ...], hint: str) -> None:
    with pytest.raises(NoHistoryError, match=hint):
        rows(*lines)

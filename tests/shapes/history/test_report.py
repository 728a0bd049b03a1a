"""What became of a file, put together from its parts."""

from __future__ import annotations

from meterd.shapes.history.plan import Plan
from meterd.shapes.history.report import ROWS_SENT, Report, report, sent
from meterd.shapes.history.rows import HistoryRow, Refused

ONE = HistoryRow(2, 0, 1000, 3600)
TWO = HistoryRow(3, 2000, 3000, 3600)


def test_parts_add_up() -> None:
    whole = Report(refused=[Refused(9, "z")])
    whole.add(report(Plan([TWO], 2, [Refused(4, "y")])))
    whole.add(report(Plan([ONE], 0, [])))
    whole.add(report(Plan([], 0, [])))
    assert whole.row("Wh") == {
        "taken": 2,
        "skipped": 2,
        "refused": [{"line": 4, "why": "y"}, {"line": 9, "why": "z"}],
        "amount": "2",
        "unit": "Wh",
        "start": "1970-01-01T00:00:00Z",
        "end": "1970-01-01T00:00:03Z",
    }


def test_nothing_has_no_span() -> None:
    whole = Report()
    whole.add(Report())
    assert (whole.row("kWh")["start"], whole.row("kWh")["amount"]) == (None, "0")


def test_a_file_is_sent_in_parts_by_time() -> None:
    many = [HistoryRow(n, -n, 0, 0) for n in range(ROWS_SENT + 1)]
    first, last = sent([Refused(1, "x"), *many])
    assert (len(first), len(last)) == (ROWS_SENT, 1)
    assert last[0].line == 0

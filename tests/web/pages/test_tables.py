"""Tables as spreadsheets read them."""

from __future__ import annotations

from meterd.web.pages.tables import Cell, Table, cell, csv


def test_a_table_is_written_as_it_is_shown_with_exact_numbers() -> None:
    rows = [(cell("main"), Cell("1,234.5 kWh", exact="1234.567")), (cell('a "b", c'), cell("–"))]
    assert csv(Table("t", "T", ("Meter", "Energy"), rows)).decode() == (
        'Meter,Energy\r\nmain,1234.567\r\n"a ""b"", c",–\r\n'
    )


def test_a_formula_stays_text() -> None:
    assert csv(Table("t", "T", ("Name",), [(cell("=1+1"),)])).decode() == "Name\r\n'=1+1\r\n"

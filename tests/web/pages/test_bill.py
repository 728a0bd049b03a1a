"""The page of one bill."""

from __future__ import annotations

from typing import Any

import pytest
from tests.web.pages.seen import markup, seen, table, words

from meterd.stores.sqlite import SqliteStore
from meterd.web.pages.bill import VIEWS, adjustment_table, bill, cost_table
from meterd.web.problems import Problem


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_a_page(store: SqliteStore, view: str) -> None:
    given = seen("tenant-a", asked={"view": view})
    page = markup(bill(given, store.reader()), given)
    assert f'aria-current="true">{VIEWS[view]}</a>' in page
    assert ("style=" in page, "<script>" in page, "onclick" in page) == (False, False, False)


def test_the_billing_view_says_where_the_bill_stands(store: SqliteStore) -> None:
    given = seen("tenant-a")
    sheet = bill(given, store.reader())
    facts = {name: text for name, text, _exact in sheet.context["facts"]}
    assert facts["Used"] == "0.3 kWh"
    assert [row[0] for row in table(sheet, "sources")] == ["main"]
    page = words(markup(sheet, given))
    assert "Page to print" in page
    assert "Historical usage" in page


def test_a_row_of_the_history_leads_to_its_graph(store: SqliteStore) -> None:
    given = seen("tenant-a")
    page = markup(bill(given, store.reader()), given)
    assert 'href="?view=billing&amp;period=2025-12-01"' in page
    closed = seen("tenant-a", asked={"view": "billing", "period": "2025-12-01"})
    sheet = bill(closed, store.reader())
    assert (sheet.context["status"], sheet.context["period"]) == ("closed", "1 Dec – 31 Dec 2025")
    assert 'view=cumulative&amp;period=2025-12-01"' in markup(sheet, closed)


@pytest.mark.parametrize(
    ("name", "asked", "status"),
    [
        ("tenant-b", {}, 404),
        ("tenant-a", {"view": "weekly"}, 400),
        ("tenant-a", {"view": "24h", "period": "2026-01"}, 400),
        ("tenant-a", {"period": "1999-01"}, 404),
    ],
)
def test_what_is_not_there_is_said(
    store: SqliteStore, name: str, asked: dict[str, Any], status: int
) -> None:
    with pytest.raises(Problem) as raised:
        bill(seen(name, asked=asked), store.reader())
    assert raised.value.status == status


def test_cost_lines_add_up_to_a_total_and_no_price_is_said() -> None:
    line = {
        "name": "energy",
        "quantity": "100.5",
        "unit": "kWh",
        "rate": "0.2871",
        "amount": "28.85",
    }
    cost = {"currency": "EUR", "lines": [line], "total": "28.85"}
    rows = [[cell.text for cell in row] for row in cost_table({"cost": cost}).rows]
    assert rows == [
        ["Energy", "100.5 kWh", "0.2871", "28.85 EUR"], ["Total", "", "", "28.85 EUR"]
    ]  # fmt: skip
    assert (cost_table(None).rows, cost_table({"cost": None}).rows) == ([], [])


def test_adjustments_say_what_they_correct() -> None:
    one = {"time": "2026-01-02T00:00:00Z", "period": "2025-11-30T23:00:00Z", "reason": "late_data",
           "kwh": "1.5"}  # fmt: skip
    (row,) = adjustment_table(seen(), {"adjustments": [one]}).rows
    assert [cell.text for cell in row] == [
        "2026-01-02 01:00:00", "2025-12-01 00:00", "Late data", "1.5 kWh"
    ]  # fmt: skip

"""The list of bills."""

from __future__ import annotations

from typing import Any

import msgspec
from tests.web.house import BILL_VIEW
from tests.web.pages.seen import markup, seen, table

from meterd.stores.sqlite import SqliteStore
from meterd.web.pages.bills import bills

(OPEN,) = BILL_VIEW.body["periods"]


def bill(name: str, **period: Any) -> Any:
    body = {**BILL_VIEW.body, "name": name, "periods": [{**OPEN, **period}] if period else []}
    return msgspec.structs.replace(BILL_VIEW, body=body)


def test_the_fullest_bill_comes_first_and_the_youngest_last(store: SqliteStore) -> None:
    found = {
        "young": bill("young"),
        "free": bill("free", percent=None, allowance=None),
        "half": bill("half", percent="50", allowance="10", projection="12"),
        "over": bill("over", percent="120", allowance="10"),
    }
    given = seen(bills=found)
    sheet = bills(given, store.reader())
    rows = table(sheet, "bills")
    assert [row[0] for row in rows] == ["over", "half", "young", "free"]
    assert [row[2] for row in rows] == ["120 % used", "50 % used", "–", "no allowance"]
    page = markup(sheet, given)
    assert ('class="fill over"' in page, 'class="fill close"' in page) == (True, True)
    assert "of the period gone" in page


def test_sources_that_are_not_well_are_counted(store: SqliteStore) -> None:
    sick = {"meter": "main", "kind": "energy", "enabled": True, "health": "faulted"}
    view = msgspec.structs.replace(BILL_VIEW, body={**BILL_VIEW.body, "sources": [sick, sick]})
    (row,) = table(bills(seen(bills={"tenant-a": view}), store.reader()), "bills")
    assert row[-1] == "2, 2 not well"

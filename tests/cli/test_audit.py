"""`audit`: the books balance, or the exit code is 1 and the difference is told."""

from __future__ import annotations

import sqlite3

from tests.cli.shell import Shell

COUNTER = {
    "meter", "quantity", "first", "last", "rolled_over", "replaced", "booked", "unbilled",
    "difference",
}  # fmt: skip


def test_books_that_balance_have_the_shape_of_the_contract(told: Shell) -> None:
    found = told.rows("audit")
    assert found["ok"] is True
    main, rack = found["counters"]
    assert set(main) >= COUNTER
    assert (main["first"], main["last"], main["booked"]) == ("990", "5", "15")
    assert (main["rolled_over"], main["difference"]) == ("1000", "0")
    assert rack["booked"] == "2"
    assert found["periods"] == {"checked": 2, "broken": 0}
    said = told.on("audit").out
    assert "closed periods: 2 checked, 0 broken" in said
    assert said.endswith("the books balance\n")


def test_an_interval_that_was_changed_is_a_difference(told: Shell) -> None:
    with sqlite3.connect(told.store) as store:
        store.execute("UPDATE intervals SET amount = amount + 3600 WHERE amount > 0 LIMIT 1")
    store.close()
    found = told.on("audit", "--json", code=1).json
    assert found["ok"] is False
    assert found["counters"][0]["difference"] == "-0.001"
    assert told.on("audit", code=1).out.endswith("THE BOOKS DO NOT BALANCE\n")


def test_a_closed_period_that_was_changed_breaks_its_chain(told: Shell) -> None:
    with sqlite3.connect(told.store) as store:
        guards = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'periods'"
        for (name,) in store.execute(guards).fetchall():
            store.execute(f"DROP TRIGGER {name}")
        store.execute("UPDATE periods SET body = CAST(body || ' ' AS BLOB)")
    store.close()
    assert told.on("audit", "--json", code=1).json["periods"] == {"checked": 2, "broken": 2}

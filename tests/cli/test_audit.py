"""`audit`: the books balance, or the exit code is 1 and the difference is told."""

from __future__ import annotations

import sqlite3

import pytest
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


def test_a_sample_of_the_open_period_that_was_changed_is_named(told: Shell) -> None:
    with sqlite3.connect(told.store) as store:
        of_tenant = "source IN (SELECT id FROM bill_sources WHERE bill = 'tenant')"
        row = f"hour = 491647 AND amount > 0 AND {of_tenant}"
        assert store.execute(f"UPDATE samples SET amount = amount + 3600 WHERE {row}").rowcount
    store.close()
    found = told.on("audit", "--json", code=1).json
    assert found["ok"] is False
    (wrong,) = found["differences"]
    assert (wrong["bill"], wrong["period"]) == ("tenant", "2026-02-01T00:00:00Z")
    assert wrong["figure"] == "input main measured"
    assert found["periods"] == {"checked": 2, "broken": 0}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("usage_value", "usage_value - 1"),
        ("cost", "0.5"),
        ("total_duration_sec", "12"),
        ("end_date", "'2026-02-01T00:00:01Z'"),
    ],
)
def test_a_column_of_a_record_that_was_changed_is_named(
    column: str, value: str, told: Shell
) -> None:
    with sqlite3.connect(told.store) as store:
        store.execute(f"UPDATE meter_records SET {column} = {value} WHERE run = 1")
    store.close()
    (wrong,) = told.on("audit", "--json", code=1).json["differences"]
    assert wrong["figure"] == column
    assert wrong["record"] in told.on("audit", code=1).out


def test_a_record_in_units_that_its_configuration_has_no_more_is_passed_over(told: Shell) -> None:
    told.config["meter_types"]["power"]["cost_unit"] = "USD"
    told.write()
    assert told.rows("audit")["ok"]


def test_records_that_do_not_add_up_are_told_with_their_difference(told: Shell) -> None:
    with sqlite3.connect(told.store) as store:
        store.execute("DELETE FROM meter_records WHERE run = 1")
    store.close()
    said = told.on("audit", code=1).out
    assert "configuration  recorded  not_recorded  difference" in said
    assert "Line 1" in said

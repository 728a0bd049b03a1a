"""The statement as CSV, exact."""

from __future__ import annotations

import csv
import io

from tests.shapes.statement.case import facts, provisional, row

from meterd.shapes.statement.books import Facts
from meterd.shapes.statement.statement import statement
from meterd.shapes.statement.table import COLUMNS, table


def rows(known: Facts) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table(statement(known)), newline="")))


def of(found: list[dict[str, str]], section: str) -> dict[str, dict[str, str]]:
    return {one["item"]: one for one in found if one["section"] == section}


def test_every_line_ends_as_the_standard_says() -> None:
    text = table(statement(facts()))
    assert text.startswith(",".join(COLUMNS) + "\r\n")
    assert text.count("\n") == text.count("\r\n")


def test_amounts_are_exact_and_have_their_unit() -> None:
    found = rows(facts())
    assert of(found, "charge")["total"]["amount"] == "34.60"
    assert of(found, "usage")["share gap"]["quantity"] == "0.02"
    assert of(found, "usage")["uncertainty, k = 2"]["unit"] == "kWh"
    reading = of(found, "reading")["main start"]
    assert (reading["quantity"], reading["note"]) == ("1080", "interpolated 2025-12-31T23:00:00Z")
    assert of(found, "device")["main serial"]["note"] == "M-1"
    assert of(found, "seal")["sha256"]["note"] == "5ea1" * 16
    (adjusted,) = of(found, "adjustment").values()
    assert adjusted["note"] == "late_data, before 10, after 10.5"
    assert list(of(found, "correction")) == ["2026-02-02T23:00:00Z"]
    assert of(found, "term")["1"]["note"].startswith("Billed is the energy used")


def test_what_is_not_there_has_no_row() -> None:
    found = rows(provisional(cost=None))
    assert of(found, "charge") == of(found, "seal") == {}
    demand = {**facts().bill, "type": "demand", "unit": "kVA"}
    other = rows(facts(bill=demand, inputs=[{**row("sub", "integrated"), "phase": "l1"}]))
    assert of(other, "usage")["peak"]["unit"] == "kVA"
    assert "uncertainty, k = 2" not in of(other, "usage")
    assert list(of(other, "meter")) == ["sub l1"]

"""`meterd statement`: the closed month of the tenant, and the one that runs."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree as ET

import pytest
from tests.cli.shell import Shell

JANUARY = ("tenant", "--period", "2026-01")


def test_text_is_what_is_printed(told: Shell) -> None:
    page = told.on("statement", *JANUARY).out
    assert page.startswith("Statement of tenant\n2026-01-01 to 2026-01-31\n")
    assert "PROVISIONAL" not in page
    closed = told.rows("bills")[0]["periods"][0]
    assert closed["sha256"] in page
    assert closed["cost"]["total"] in page


def test_the_newest_period_is_provisional(told: Shell) -> None:
    assert "PROVISIONAL: THIS PERIOD IS OPEN" in told.on("statement", "tenant").out


def test_json_holds_together(told: Shell) -> None:
    st = told.rows("statement", *JANUARY)
    closed = told.rows("bills")[0]["periods"][0]
    assert st["seal"]["sha256"] == closed["sha256"]
    assert (st["used"], st["cost"]) == (closed["used"], closed["cost"])
    (main,) = st["sources"]
    assert (main["energy_kwh"], main["end"]["how"]) == (closed["energy_kwh"], "across a gap")
    used = float(main["end"]["lifetime_kwh"]) - float(main["start"]["lifetime_kwh"])
    assert [change["kind"] for change in main["changes"]] == []
    (late,) = st["corrections"]
    assert late["kwh"] == told.rows("adjustments")[0]["kwh"]
    assert used == pytest.approx(float(closed["energy_kwh"]) + float(late["kwh"]))


def test_the_register_of_the_month_with_the_rollover_is_told(told: Shell) -> None:
    (main,) = told.rows("statement", "tenant")["sources"]
    assert main["end"]["dial_kwh"] == "5"
    assert main["end"]["lifetime_kwh"] == "1005"
    assert "rollover" in [change["kind"] for change in main["changes"]]


def test_every_format_can_be_written_to_a_file(told: Shell) -> None:
    for name in ("html", "csv", "greenbutton", "pdf"):
        file = told.folder / f"statement.{name}"
        done = told.on("statement", *JANUARY, f"--{name}", "-o", str(file))
        assert done.out == ""
        assert file.stat().st_size > 500
    rows = csv.DictReader(io.StringIO((told.folder / "statement.csv").read_text("utf-8")))
    assert {"charge", "meter", "seal"} <= {row["section"] for row in rows}
    ET.parse(told.folder / "statement.greenbutton")


def test_a_format_may_be_printed_too(told: Shell) -> None:
    assert told.on("statement", *JANUARY, "--html").out.startswith("<!doctype html>")
    assert json.loads(told.on("statement", *JANUARY, "--json").out)["bill"] == "tenant"


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (("tenat",), 2, "did you mean 'tenant'?"),
        (("tenant", "--period", "2025-01"), 2, "they began on 2026-01-01, 2026-02-01"),
        (("tenant", "--html", "--csv"), 2, "one format at a time"),
        (("tenant", "-o", "no/such/folder"), 1, "no/such/folder: No such file"),
    ],
)
def test_what_cannot_be_is_said(told: Shell, words: tuple[str, ...], code: int, hint: str) -> None:
    assert hint in told.on("statement", *words, code=code).err


def test_a_pdf_is_nothing_for_a_terminal(told: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "write it to a file with -o" in told.on("statement", "tenant", "--pdf", code=2).err

"""The sections of a statement, with every sentence that may have to be said."""

from __future__ import annotations

import msgspec
import pytest
from tests.shapes.statement.case import facts, meter, provisional, row

from meterd.shapes.statement.books import Facts, MeterFacts
from meterd.shapes.statement.layout import NO_COST, Layout, layout
from meterd.shapes.statement.statement import statement


def laid(known: Facts) -> Layout:
    return layout(statement(known))


def said(page: Layout, title: str) -> list[str]:
    (section,) = (one for one in page.sections if one.title == title)
    pairs = [f"{name}: {value}" for name, value in section.pairs]
    rows = [" | ".join(cells) for cells in section.table.rows] if section.table else []
    return [*pairs, *rows, *section.sentences]


def test_a_closed_month_has_every_section() -> None:
    page = laid(facts())
    assert [section.title for section in page.sections] == [
        "Period", "Charges", "Usage", "Meters", "How it is known",
        "Adjustments of earlier periods", "Corrections since this period was closed", "Terms",
        "Seal",
    ]  # fmt: skip
    assert page.banner is None
    assert page.mark == "meterd tenant 2026-01-01 sha256:" + "5ea1" * 16
    assert said(page, "Period")[-1] == "Amount: 34.60 EUR"
    assert page.period == "2026-01-01 to 2026-01-31"
    assert said(page, "Charges")[-1] == "Total |  |  |  | 34.60"
    assert "Allowance: 100.000 kWh, of which 120.50 % are used" in said(page, "Usage")
    assert "Follows: nothing, it is the first" in said(page, "Seal")
    (late,) = said(page, "Adjustments of earlier periods")
    assert "data arrived late" in late


def test_the_meters_stand_with_their_readings_and_papers() -> None:
    told = said(laid(facts()), "Meters")
    assert told[0] == "main | measured | 1080.000 | 1188.000 | 108.000 | 108.000"
    assert told[1] == "sub | integrated | - | - | - | 12.500"
    assert "main at the start: interpolated; the display showed 1080.000." in told
    assert any("calibration certificate C-9" in sentence for sentence in told)
    assert "main: 2 samples above the ceiling were refused." in told


def test_a_month_that_runs_says_so_in_large_letters() -> None:
    page = laid(provisional(allowance=None))
    assert page.banner is not None
    assert page.banner.startswith("PROVISIONAL: this period is open")
    assert page.mark is None
    assert "Seal" not in [section.title for section in page.sections]
    assert "Projected for the period: 300.000 kWh" in said(page, "Usage")
    assert not any(line.startswith("Allowance") for line in said(page, "Usage"))
    last = next(line for line in said(page, "Meters") if "last reading" in line)
    assert "2026-02-01T23:00:00Z, with what is not a whole interval yet" in last


def test_what_is_not_known_or_not_charged_is_said_too() -> None:
    nothing = {**facts().period, "cost": None, "percent": None, "peak_start": None}
    page = laid(facts(period=nothing, inputs=[], tz_version=None, slots=[]))
    assert said(page, "Charges") == [NO_COST]
    assert "Allowance: 100.000 kWh" in said(page, "Usage")
    assert said(page, "How it is known")[-1].startswith("No uncertainty is stated")
    assert "Time zone: Europe/Berlin" in said(page, "Period")
    assert "Meters" not in [section.title for section in page.sections]


def test_a_demand_bill_has_its_peak_in_its_unit() -> None:
    known = facts(bill={**facts().bill, "type": "demand", "unit": "kVA"})
    assert "Peak demand: 6.250 kVA" in said(laid(known), "Usage")


@pytest.mark.parametrize(
    ("transformers", "sentence"),
    [((None,), "Transformers whose class is not configured are not in it."), ((), None)],
)
def test_a_transformer_without_a_class_is_told(
    transformers: tuple[None, ...], sentence: str | None
) -> None:
    link = meter().link
    assert link is not None
    bare = msgspec.structs.replace(link, transformers=transformers)
    known = facts(meters={"main": meter(link=bare), "sub": MeterFacts("sub")})
    told = said(laid(known), "How it is known")
    assert (sentence is None) == ("Transformers" not in told[-1])
    whole = facts(inputs=[row()], meters={"main": meter()})
    assert "with a class" not in said(laid(whole), "How it is known")[-1]

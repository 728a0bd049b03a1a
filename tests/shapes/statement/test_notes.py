"""Sentences about the meters."""

from __future__ import annotations

from tests.shapes.statement.case import changed, facts, meter, provisional, row

from meterd.shapes.statement.books import Facts, MeterFacts
from meterd.shapes.statement.notes import notes
from meterd.shapes.statement.statement import statement


def said(known: Facts) -> list[str]:
    return [sentence for source in statement(known).sources for sentence in notes(source)]


def test_a_meter_has_its_papers_and_its_readings() -> None:
    told = said(facts())
    assert told[0] == (
        "main: Main & more, serial number M-1, 0.5S, current transformer 400:5, calibration "
        "certificate C-9, calibrated 2025-05-01, verification Pass, verified 2025-05-02."
    )
    assert "main at the start: interpolated; the display showed 1080.000." in told
    assert "main: 2 samples above the ceiling were refused." in told


def test_what_moved_a_register_is_said() -> None:
    events = [
        changed("meter_replaced", baseline="9", value="1", unit="kWh"),
        *[changed("reset") for _ in range(20)],
    ]
    known = facts(
        meters={"main": meter(events=events, after_start=1), "sub": MeterFacts("sub")},
        inputs=[{**row(), "discarded": 0}, {**row("sub", "estimated"), "discarded": 0}],
    )
    told = said(known)
    assert "main, 2026-01-01T23:00:00Z: meter replaced (baseline 9, value 1 kWh)." in told
    assert "main, 2026-01-01T23:00:00Z: reset." in told
    assert told[-1] == "main: 1 more events; `meterd events` lists them."


def test_a_display_that_is_not_known_is_not_told() -> None:
    moved = meter(state=None)
    assert len(said(facts(meters={"main": moved, "sub": MeterFacts("sub")}))) == 3


def test_the_last_reading_of_a_period_that_runs() -> None:
    (last,) = (line for line in said(provisional()) if "last reading" in line)
    assert "2026-02-01T23:00:00Z, with what is not a whole interval yet and not billed" in last

"""A statement as CSV (RFC 4180): a row for everything that is said, exact, for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from meterd.shapes.spreadsheet import guarded
from meterd.shapes.statement.statement import SourcePart, Statement

COLUMNS: Final = ("section", "item", "quantity", "unit", "rate", "amount", "currency", "note")
Row = dict[str, Any]


def table(st: Statement) -> str:
    """The rows, each line ending as the standard says."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in _rows(st):
        writer.writerow([guarded(row.get(name)) for name in COLUMNS])
    return out.getvalue()


def _rows(st: Statement) -> Iterator[Row]:
    yield from (_said("statement", name, getattr(st, name)) for name in _HEAD)
    yield from (_amount("usage", name, value, unit) for name, value, unit in _usage(st))
    cost = st.cost or {"currency": None, "lines": ()}
    for line in cost["lines"]:
        named = {name: line[name] for name in ("quantity", "unit", "rate", "amount")}
        yield {"section": "charge", "item": line["name"], "currency": cost["currency"], **named}
    if st.cost is not None:
        total = {"amount": cost["total"], "currency": cost["currency"]}
        yield {"section": "charge", "item": "total", **total}
    for source in st.sources:
        yield from _source(source)
    for name, row in (("adjustment", st.adjustments), ("correction", st.corrections)):
        for one in row:
            note = f"{one['reason']}, before {one['before']}, after {one['after']}"
            item = one.get("period") or one["time"]
            yield {**_amount(name, item, one["kwh"], "kWh"), "note": note}
    yield from (_said("term", str(number), term) for number, term in enumerate(st.terms, 1))
    if st.seal is not None:
        facts = msgspec.structs.asdict(st.seal)
        yield from (_said("seal", name, value) for name, value in facts.items())


_HEAD: Final = (
    "bill", "site", "period", "start", "end", "time_zone", "tz_version", "status",
    "provisional", "as_of", "accuracy", "peak_start", "peak_end",
)  # fmt: skip


def _usage(st: Statement) -> Iterator[tuple[str, str | None, str]]:
    for name in ("used", "allowance", "overage", "projection"):
        yield name, getattr(st, name), st.unit
    yield "percent", st.percent, "%"
    yield "energy", st.energy_kwh, "kWh"
    yield "unbilled", st.unbilled_kwh, "kWh"
    yield "average", st.average_kw, "kW"
    yield "peak", st.peak, st.unit if st.type == "demand" else "kW"
    yield "coverage", st.coverage, "1"
    for name, share in st.shares.items():
        yield f"share {name}", share, "1"
    if st.uncertainty is not None:
        yield "uncertainty, k = 2", f"{st.uncertainty.kwh:.6f}", "kWh"


def _source(source: SourcePart) -> Iterator[Row]:
    name = f"{source.meter} {source.phase}" if source.phase else source.meter
    yield {**_amount("meter", name, source.energy_kwh, "kWh"), "note": source.method}
    for edge, reading in (("start", source.start), ("end", source.end)):
        if reading is not None:
            note = f"{reading.how} {reading.time}"
            yield {
                **_amount("reading", f"{name} {edge}", reading.lifetime_kwh, "kWh"), "note": note,
            }  # fmt: skip
    known = msgspec.structs.asdict(source.device)
    yield from (_said("device", f"{name} {key}", value) for key, value in known.items() if value)


def _said(section: str, item: str, value: Any) -> Row:
    return {"section": section, "item": item, "note": value}


def _amount(section: str, item: str, value: str | None, unit: str) -> Row:
    return {"section": section, "item": item, "quantity": value, "unit": unit}

"""The meters: POWERMETER objects, with what they read and what they used."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from typing import Any, Final

from meterd.cli.exits import DONE
from meterd.cli.listing import list_arguments, page, put
from meterd.cli.printing import as_json
from meterd.cli.site import stored
from meterd.shapes import meter_row, other_totals
from meterd.specs import FieldSpec
from meterd.stores.pages import FIRST, Page
from meterd.views import MeterView

COLUMNS: Final = (
    "name", "meterName", "status", "currentKw", "currentKva", "currentAmps", "voltage",
    "powerFactor", "lastReadingTime", "kwhToday", "kwhThisMonth", "kwhLifetime",
    "peakDemandKwMonth", "costThisMonth",
)  # fmt: skip
TOTALS: Final = "otherTotals"
"""Counters that the POWERMETER has no field for: water, gas, heat, exported energy."""


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    list_arguments(parser)


def run(args: Namespace) -> int:
    """Print them; --from and --to choose those that were last read then."""
    with stored(args) as found:
        fields, pipeline = found.site.fields, found.pipeline
        span = page(args, found.site.timezone)
        seen = [
            (spec, view)
            for spec in found.site.meters
            if _within(view := pipeline.meter_view(spec.name), span)
        ]
        rows = [meter_row(spec, view, fields) for spec, view in seen]
    if args.json:
        as_json(rows)
        return DONE
    table = [
        _plain(row) | {TOTALS: other_totals(*one)} for row, one in zip(rows, seen, strict=True)
    ]
    put(args, table, [*columns(fields), TOTALS])
    return DONE


def _within(view: MeterView, span: Page) -> bool:
    """Whether the meter was last read in the span; one that was never read is in the whole."""
    return span == FIRST if view.at_ms is None else span.start_ms <= view.at_ms < span.end_ms


def columns(fields: Iterable[FieldSpec]) -> list[str]:
    """The table's columns, by the names that the definition gives them."""
    codes = {field.source: field.code for field in fields}
    return [codes[source] for source in COLUMNS if source in codes]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for a table: of an option, its label."""
    return {
        code: value["label"] if isinstance(value, dict) else value for code, value in row.items()
    }

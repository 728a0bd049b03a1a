"""The meters: seed 000's POWERMETER objects, with what they read and what they used."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from typing import Any, Final

from meterd.cli.exits import DONE
from meterd.cli.listing import list_arguments, put
from meterd.cli.printing import as_json
from meterd.cli.site import stored
from meterd.shapes import meter_row, other_totals
from meterd.specs import FieldSpec

COLUMNS: Final = (
    "name", "meterName", "status", "currentKw", "currentKva", "currentAmps", "voltage",
    "powerFactor", "lastReadingTime", "kwhToday", "kwhThisMonth", "kwhLifetime",
    "peakDemandKwMonth", "costThisMonth",
)  # fmt: skip
TOTALS: Final = "otherTotals"
"""Counters that the POWERMETER has no field for: water, gas, heat, exported energy."""


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    list_arguments(parser, span=False)


def run(args: Namespace) -> int:
    """Print them."""
    with stored(args) as found:
        fields = found.site.fields
        seen = [(spec, found.pipeline.meter_view(spec.name)) for spec in found.site.meters]
        rows = [meter_row(spec, view, fields) for spec, view in seen]
    if args.json:
        as_json(rows)
        return DONE
    table = [
        _plain(row) | {TOTALS: other_totals(*one)} for row, one in zip(rows, seen, strict=True)
    ]
    put(args, table, [*columns(fields), TOTALS])
    return DONE


def columns(fields: Iterable[FieldSpec]) -> list[str]:
    """The table's columns, by the names that the definition gives them."""
    codes = {field.source: field.code for field in fields}
    return [codes[source] for source in COLUMNS if source in codes]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for a table: of an option, its label."""
    return {
        code: value["label"] if isinstance(value, dict) else value for code, value in row.items()
    }

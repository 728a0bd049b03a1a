"""The meters: POWERMETER objects, with what they read and what they used."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from typing import Any, Final

from meterd.cli.exits import DONE
from meterd.cli.listing import list_arguments, page, put
from meterd.cli.printing import as_json
from meterd.cli.site import stored
from meterd.shapes import powermeter
from meterd.specs import FieldSpec
from meterd.stores.pages import FIRST, Page
from meterd.views import MeterView

COLUMNS: Final = (
    "name", "meterName", "status", "currentKw", "currentKva", "currentAmps", "voltage",
    "powerFactor", "lastReadingTime", "kwhToday", "kwhThisMonth", "kwhLifetime",
    "peakDemandKwMonth", "costThisMonth",
)  # fmt: skip


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    list_arguments(parser)


def run(args: Namespace) -> int:
    """Print them; --from and --to choose those that were last read then."""
    with stored(args) as found:
        site, pipeline = found.site, found.pipeline
        span = page(args, site.timezone)
        rows = [
            powermeter(meter, view, site.fields)
            for meter in site.meters
            if _within(view := pipeline.meter_view(meter.name), span)
        ]
    if args.json:
        as_json(rows)
    else:
        put(args, (_plain(row) for row in rows), columns(site.fields))
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

"""The bills: every period with what was used, its peak, its cost and how it is known."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final

from meterd.cli.exits import DONE
from meterd.cli.listing import list_arguments, page, put
from meterd.cli.printing import as_json
from meterd.cli.site import Stored, stored
from meterd.metering.calendar import parse_iso
from meterd.shapes import bill
from meterd.stores.pages import Page, walk

COLUMNS: Final = (
    "bill", "start", "end", "status", "used", "unit", "allowance", "percent", "overage",
    "projection", "peak", "cost", "currency", "accuracy",
)  # fmt: skip
CSV_COLUMNS: Final = (
    *COLUMNS, "energy_kwh", "peak_start", "peak_end", "average", "coverage", "measured",
    "integrated", "estimated", "gap", "questionable", "unbilled_kwh", "sha256",
)  # fmt: skip


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    list_arguments(parser)


def run(args: Namespace) -> int:
    """Print them; --from and --to choose the periods that they touch."""
    with stored(args) as site:
        span = page(args, site.site.timezone)
        rows = [_within(row, span) for row in bill_rows(site)]
    if args.json:
        as_json(rows)
    else:
        put(args, period_rows(rows), CSV_COLUMNS if args.csv else COLUMNS)
    return DONE


def _within(row: dict[str, Any], span: Page) -> dict[str, Any]:
    """A bill with those of its periods that the span touches."""
    touched = [
        period
        for period in row["periods"]
        if parse_iso(period["end"]) > span.start_ms and parse_iso(period["start"]) < span.end_ms
    ]
    return {**row, "periods": touched}


def bill_rows(site: Stored) -> Iterator[dict[str, Any]]:
    """Every bill as the contract writes it, closed periods first."""
    for spec in site.site.bills:
        yield bill_row(site, spec.name)


def bill_row(site: Stored, name: str) -> dict[str, Any]:
    """One bill."""
    closed = walk(partial(site.reader.periods, name))
    return bill(site.pipeline.bill_view(name).body, closed)


def period_rows(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """One flat row a period: its cost without the lines, its shares beside its figures."""
    for row in rows:
        for period in row["periods"]:
            cost = period["cost"] or {}
            money = {"cost": cost.get("total"), "currency": cost.get("currency")}
            about = {"bill": row["name"], "unit": row["unit"]}
            yield {**about, **period, **period["shares"], **money}

"""The meters: seed 000's POWERMETER objects, with what they read and what they used."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from meterd.cli.exits import DONE
from meterd.cli.listing import list_arguments, put
from meterd.cli.printing import as_json
from meterd.cli.site import stored
from meterd.shapes import powermeter

COLUMNS: Final = (
    "name", "meterName", "status", "currentKw", "currentKva", "currentAmps", "voltage",
    "powerFactor", "lastReadingTime", "kwhToday", "kwhThisMonth", "kwhLifetime",
    "peakDemandKwMonth", "costThisMonth",
)  # fmt: skip


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    list_arguments(parser, span=False)


def run(args: Namespace) -> int:
    """Print them."""
    with stored(args) as site:
        rows = [powermeter(spec, site.pipeline.meter_view(spec.name)) for spec in site.site.meters]
    if args.json:
        as_json(rows)
    else:
        for row in rows:
            row["status"] = (row.get("status") or {}).get("label")
        put(args, rows, COLUMNS)
    return DONE

"""The intervals of a meter: what each of its sources used, five minutes by five minutes."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from meterd.cli.exits import DONE
from meterd.cli.listing import list_arguments, page, put
from meterd.cli.site import known, stored
from meterd.shapes import interval, unit_of
from meterd.stores.pages import walk

COLUMNS: Final = (
    "start", "end", "quantity", "amount", "unit", "method", "phase", "quality", "event",
)  # fmt: skip


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    list_arguments(parser)
    parser.add_argument("--meter", required=True, metavar="NAME")
    parser.add_argument("--quantity", metavar="NAME", help="of this register only")


def run(args: Namespace) -> int:
    """Print them, oldest first."""
    with stored(args) as site:
        span = page(args, site.site.timezone)
        name = known("meter", args.meter, site.pipeline.meters)
        rows = walk(lambda at: site.reader.intervals(name, at, args.quantity), span)
        spec = site.pipeline.meters[name].spec
        put(args, (interval(row, unit_of(spec, row.quantity)) for row in rows), COLUMNS)
    return DONE

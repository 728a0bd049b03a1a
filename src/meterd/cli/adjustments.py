"""The adjustments: energy that came to light after its billing period was closed."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from functools import partial
from typing import Final

from meterd.cli.exits import DONE
from meterd.cli.listing import list_arguments, page, put
from meterd.cli.site import known, stored
from meterd.shapes import adjustment
from meterd.stores.pages import walk

COLUMNS: Final = ("bill", "period", "time", "reason", "kwh", "before", "after")


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    list_arguments(parser)
    parser.add_argument("--bill", metavar="NAME", help="of this bill only")


def run(args: Namespace) -> int:
    """Print them, bill by bill, oldest first."""
    with stored(args) as site:
        span = page(args, site.site.timezone)
        names = (
            [known("bill", args.bill, site.pipeline.bills)] if args.bill else (site.reader.bills())
        )
        rows = (
            adjustment(row)
            for name in names
            for row in walk(partial(site.reader.adjustments, name), span)
        )
        put(args, rows, COLUMNS)
    return DONE

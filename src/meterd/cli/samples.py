"""The samples of a bill: what each source gave it in each interval, and how it is known."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from meterd.cli.exits import DONE
from meterd.cli.listing import list_arguments, page, put
from meterd.cli.site import known, stored
from meterd.shapes import sample
from meterd.stores.pages import walk

COLUMNS: Final = ("start", "end", "meter", "kwh", "kw", "method", "quality", "event")


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    list_arguments(parser)
    parser.add_argument("--bill", required=True, metavar="NAME")


def run(args: Namespace) -> int:
    """Print them, oldest first."""
    with stored(args) as site:
        span = page(args, site.site.timezone)
        name = known("bill", args.bill, site.pipeline.bills)
        rows = walk(lambda at: site.reader.samples(name, at), span)
        put(args, map(sample, rows), COLUMNS)
    return DONE

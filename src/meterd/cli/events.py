"""The events: every decision that was not an ordinary rise, with its numbers."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from meterd.cli.exits import DONE
from meterd.cli.listing import list_arguments, page, put
from meterd.cli.site import stored
from meterd.shapes import event
from meterd.stores.pages import walk

COLUMNS: Final = (
    "time", "kind", "meter", "quantity", "alarm", "baseline", "value", "booked", "unbilled", "unit",
)  # fmt: skip


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    list_arguments(parser)
    parser.add_argument("--meter", metavar="NAME", help="of this meter only")
    parser.add_argument("--kind", metavar="KIND", help="of this kind only")


def run(args: Namespace) -> int:
    """Print them, oldest first."""
    with stored(args) as site:
        span = page(args, site.site.timezone)
        rows = walk(lambda at: site.reader.events(at, meter=args.meter, kind=args.kind), span)
        put(args, map(event, rows), COLUMNS)
    return DONE

"""The meter records, one row a record, oldest first."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from meterd.cli.exits import DONE
from meterd.cli.listing import list_arguments, page, put
from meterd.cli.site import stored
from meterd.shapes import record
from meterd.stores.pages import walk

COLUMNS: Final = (
    "name", "status", "start_date", "end_date", "total_duration_sec", "usage_value", "cost",
    "cut_by", "id",
)  # fmt: skip


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    list_arguments(parser)
    parser.add_argument("--configuration", metavar="NAME", help="of this configuration only")


def run(args: Namespace) -> int:
    """Print them."""
    with stored(args) as site:
        span = page(args, site.site.timezone)
        rows = walk(lambda at: site.reader.records(at, args.configuration), span)
        now_ms = site.pipeline.state.now_ms
        put(args, (record(row.columns, row.row, now_ms) for row in rows), COLUMNS)
    return DONE

"""What one cycle of each connection costs: its requests, their bytes, seconds on the wire.

`share` is the part of a serial line's time that a request takes, polled as often as its
meter wants. Exit 1 when those of a line add up to more than all of it.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import Any, Final

from meterd.cli.exits import DONE, FINDING
from meterd.cli.listing import put
from meterd.cli.site import whole
from meterd.config.links import Link, links
from meterd.readers.protocols import reader

COLUMNS: Final = (
    "connection", "meter", "unit", "table", "address", "count", "request_bytes", "reply_bytes",
    "wire_s", "every_s", "share", "points",
)  # fmt: skip
SLOWER: Final = "Poll them less often, or raise the baud rate."


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    parser.add_argument("--csv", action="store_true", help="print CSV")


def run(args: Namespace) -> int:
    """Print one row a request."""
    config = whole(args)
    rows: list[dict[str, Any]] = []
    full = []
    for link in links(config):
        asked = cycle(link)
        rows += asked
        share = sum(row["share"] or 0 for row in asked)
        if share > 1:
            full.append(f"{link.name}: its meters ask for {share:.0%} of the line's time. {SLOWER}")
    put(args, rows, COLUMNS)
    for finding in full:
        print(finding, file=sys.stderr)
    return FINDING if full else DONE


def cycle(link: Link) -> list[dict[str, Any]]:
    """The requests of a link's cycle, one row each."""
    every_ms = {device.meter: device.every_ms for device in link.devices}
    return [
        {
            "connection": link.name,
            "meter": request.meter,
            "unit": request.unit,
            "table": request.table,
            "address": request.address,
            "count": request.count,
            "request_bytes": request.request_bytes,
            "reply_bytes": request.reply_bytes,
            "wire_s": round(request.wire_s, 4) or None,
            "every_s": every_ms[request.meter] / 1000,
            "share": round(1000 * request.wire_s / every_ms[request.meter], 4) or None,
            "points": ",".join(request.points),
        }
        for request in reader(link.protocol).plan_cycle(link)
    ]
